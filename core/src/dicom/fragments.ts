import { FilmlessError } from '../errors.ts';
import type { ByteSource } from './types.ts';
import { asBuffer } from './windows.ts';

const ITEM = 0xfffee000;
const SEQUENCE_END = 0xfffee0dd;
const WINDOW_BYTES = 4096;

export interface Fragment {
  /** Of the value, from the start of the file. */
  offsetBytes: number;
  lengthBytes: number;
}

/**
 * Fragments of encapsulated pixel data, the offset table first, reading their headers alone. `offsetBytes`: where the first item begins.
 * Throws DICOM_TRUNCATED when the file ends before the last delimiter. @dicom PS3.5 A.4
 */
export async function* readFragments(
  source: ByteSource,
  offsetBytes: number,
  head: Uint8Array = new Uint8Array(0),
): AsyncGenerator<Fragment> {
  let window = asBuffer(head);
  let windowOffset = 0;
  let position = offsetBytes;
  for (;;) {
    if (position + 8 > source.sizeBytes) throw endsEarly();
    if (position < windowOffset || position + 8 > windowOffset + window.byteLength) {
      window = asBuffer(await source.read(position, Math.min(WINDOW_BYTES, source.sizeBytes - position)));
      windowOffset = position;
      if (window.byteLength < 8) throw endsEarly();
    }
    const at = position - windowOffset;
    const tag = window.readUInt16LE(at) * 0x10000 + window.readUInt16LE(at + 2);
    const lengthBytes = window.readUInt32LE(at + 4);
    if (tag === SEQUENCE_END) return;
    if (tag !== ITEM || lengthBytes === 0xffffffff) {
      throw new FilmlessError('DICOM_MALFORMED', 'the pixel data holds something that is no fragment');
    }
    if (position + 8 + lengthBytes > source.sizeBytes) throw endsEarly();
    yield { offsetBytes: position + 8, lengthBytes };
    position += 8 + lengthBytes;
  }
}

/** Throws DICOM_TRUNCATED or DICOM_MALFORMED unless the fragments reach their delimiter. Most files end with it: one short read tells. */
export async function verifyFragments(source: ByteSource, offsetBytes: number, head?: Uint8Array): Promise<void> {
  if (source.sizeBytes >= offsetBytes + 8) {
    const tail = asBuffer(await source.read(source.sizeBytes - 8, 8));
    if (tail.byteLength === 8 && tail.readUInt32LE(0) === 0xe0ddfffe && tail.readUInt32LE(4) === 0) return;
  }
  for await (const _ of readFragments(source, offsetBytes, head)) {
    // Reading to the end is the verification.
  }
}

function endsEarly(): FilmlessError {
  return new FilmlessError('DICOM_TRUNCATED', 'the pixel data ends before its last fragment');
}
