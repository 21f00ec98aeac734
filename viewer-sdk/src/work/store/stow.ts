import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { toViewerError, ViewerError } from '../../errors.ts';
import { textOf } from '../../objects/parts/dataset.ts';
import type { WrittenInstance } from '../dicom-write/part10.ts';

/** What became of one instance. */
export interface StoreResult {
  readonly instance: WrittenInstance;
  readonly error: ViewerError | undefined;
}

const REFERENCED_SOP_SEQUENCE = '00081199';
/** A server that refuses instances says which ones in the body of these. @dicom PS3.18 10.5.3.1 */
const STATUSES_WITH_RESULTS = [409];

/**
 * Stores instances of one study in one request; those that the server does not name as stored are taken for failed.
 * Never rejects: each instance has its result.
 * @dicom PS3.18 10.5
 */
export async function storeInstances(
  client: DicomWebClient,
  study: string,
  instances: readonly WrittenInstance[],
): Promise<StoreResult[]> {
  const boundary = `filmless-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`;
  const body = new Blob([...instances.flatMap(({ bytes }) => [head, bytes, '\r\n']), `--${boundary}--\r\n`]);
  const type = `multipart/related; type="application/dicom"; boundary=${boundary}`;
  const path = new URL(client.urls.study(study)).href.slice(client.urls.server.length);
  try {
    const stored = await client.request(
      path,
      { accept: 'application/dicom+json', content: { type, body }, alsoRead: STATUSES_WITH_RESULTS },
      async (response) => storedUids((await response.json()) as unknown),
    );
    return instances.map((instance) => ({
      instance,
      error: stored.has(instance.SOPInstanceUID) ? undefined : new ViewerError('VIEWER_BAD_RESPONSE', 'not stored'),
    }));
  } catch (error) {
    const failure = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    return instances.map((instance) => ({ instance, error: failure }));
  }
}

/** @dicom PS3.18 I.2 */
function storedUids(answer: unknown): ReadonlySet<string> {
  if (typeof answer !== 'object' || answer === null) throw new ViewerError('VIEWER_BAD_RESPONSE', 'no store result');
  const items = (answer as JsonDataset)[REFERENCED_SOP_SEQUENCE]?.Value ?? [];
  const uids = items.map((item) => textOf(item as JsonDataset, 'ReferencedSOPInstanceUID'));
  return new Set(uids.filter((uid) => uid !== undefined));
}
