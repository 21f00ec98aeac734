import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { parseMultipart } from '../../client/multipart.ts';
import type { ObjectInstance } from '../../extension/contract.ts';
import { elementOf, numberOf, textOf } from '../parts/dataset.ts';

/** Syntaxes whose pixels lie in the file as they are. */
const NATIVE = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.1.99',
  '',
]);
const FRAMES_AT_ONCE = 32;

/** The samples of a segmentation, frame by frame, as numbers from 0. */
export class SegmentPixels {
  readonly rows: number;
  readonly columns: number;
  readonly #bits: number;
  /** The whole pixel data, or one piece for each frame. */
  readonly #pieces: readonly Uint8Array[];

  /** Fetches all frames. @throws Error when they are not what the header says */
  static async load(
    { dataset, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: ObjectInstance,
    client: DicomWebClient,
    signal: AbortSignal,
  ): Promise<SegmentPixels> {
    const element = elementOf(dataset, 'PixelData');
    const syntax = textOf(dataset, 'AvailableTransferSyntaxUID') ?? '';
    if (NATIVE.has(syntax) && element) return new SegmentPixels(dataset, [await client.binary(element, { signal })]);
    const count = numberOf(dataset, 'NumberOfFrames') ?? 1;
    const path = `/dicom-web/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}/frames/`;
    const accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1';
    const pieces: Uint8Array[] = [];
    for (let from = 1; from <= count; from += FRAMES_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(FRAMES_AT_ONCE, count - from + 1) }, (_, index) => from + index);
      const parts = await client.request(path + numbers.join(','), { accept, signal }, async (response) =>
        parseMultipart(response.headers.get('content-type') ?? '', new Uint8Array(await response.arrayBuffer())),
      );
      if (parts.length !== numbers.length) throw new Error('frames are missing');
      pieces.push(...parts.map(({ body }) => body));
    }
    return new SegmentPixels(dataset, pieces);
  }

  constructor(dataset: ObjectInstance['dataset'], pieces: readonly Uint8Array[]) {
    this.rows = numberOf(dataset, 'Rows') ?? 0;
    this.columns = numberOf(dataset, 'Columns') ?? 0;
    const [bits] = dataset['00280100']?.Value ?? [];
    this.#bits = Number(bits ?? 8);
    this.#pieces = pieces;
    if (this.rows < 1 || this.columns < 1 || ![1, 8, 16].includes(this.#bits)) throw new Error('not a segmentation');
  }

  /** @param index from 0 @throws Error when the file is too short */
  frame(index: number): Uint8Array | Uint16Array {
    const size = this.rows * this.columns;
    const whole = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const own = this.#pieces.length > 1 ? this.#pieces[index] : undefined;
    const bytes = own ?? whole;
    if (!bytes) throw new Error('no such frame');
    const first = own ? 0 : index * size;
    if (this.#bits === 1 && !(own && own.length >= size)) return unpack(bytes, first, size);
    if (this.#bits === 16) {
      if (bytes.length < (first + size) * 2) throw new Error('pixel data too short');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Uint16Array.from({ length: size }, (_, at) => view.getUint16((first + at) * 2, true));
    }
    if (bytes.length < first + size) throw new Error('pixel data too short');
    return bytes.subarray(first, first + size);
  }
}

/** One bit for each pixel, lowest first; frames follow each other without padding. @dicom PS3.5 8.1.1 */
function unpack(bytes: Uint8Array, first: number, size: number): Uint8Array {
  if (bytes.length * 8 < first + size) throw new Error('pixel data too short');
  const mask = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) {
    const bit = first + at;
    mask[at] = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
  return mask;
}
