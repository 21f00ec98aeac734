import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { elementOf, numberOf } from '../parts/dataset.ts';

/** The bytes of an encapsulated document, without the padding to an even length. @dicom PS3.3 C.24.2 */
export async function documentBytes(
  { dataset }: ObjectInstance,
  viewer: ViewerContext,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const element = elementOf(dataset, 'EncapsulatedDocument');
  if (!element || !viewer.client) throw new Error('no document in the object');
  const bytes = await viewer.client.binary(element, { signal });
  const length = numberOf(dataset, 'EncapsulatedDocumentLength');
  if (length !== undefined && length > 0 && length < bytes.length) return bytes.subarray(0, length);
  return bytes;
}
