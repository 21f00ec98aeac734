import codecs from 'dcmjs-codecs';

/** How the samples of one frame lie in the file. */
export interface FrameLayout {
  rows: number;
  columns: number;
  samplesPerPixel: number;
  bitsAllocated: 8 | 16;
}

/** A frame in its short form. `lowest`: was taken off every sample; undefined: the frame is kept as it was. */
export interface EncodedFrame {
  bytes: Uint8Array;
  lowest?: number;
}

const { Context, NativeCodecs } = codecs;

/** Loads and compiles the WebAssembly codecs. */
export async function prepareCodecs(): Promise<void> {
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
}

/**
 * HTJ2K without loss over all bits of the samples, whatever the data set calls them: bits above BitsStored, signs and overlays come back as they
 * were. The samples are shifted so that the lowest is 0: negative ones would otherwise sit at the top of the range and cost much.
 */
export function encodeFrame(raw: Uint8Array, layout: FrameLayout): EncodedFrame {
  const shifted = new Uint8Array(raw);
  const lowest = layout.bitsAllocated === 16 ? shiftDown(samplesOf(shifted)) : 0;
  const encoded = NativeCodecs.encodeHtJpeg2000(context(layout, { decodedBuffer: shifted }), { lossy: false });
  const bytes = encoded.getEncodedBuffer();
  return bytes && bytes.length < raw.length ? { bytes: new Uint8Array(bytes), lowest } : { bytes: raw };
}

export function decodeFrame({ bytes, lowest }: EncodedFrame, layout: FrameLayout): Uint8Array {
  if (lowest === undefined) return bytes;
  const decoded = NativeCodecs.decodeHtJpeg2000(context(layout, { encodedBuffer: bytes })).getDecodedBuffer();
  const raw = new Uint8Array(decoded ?? []);
  if (raw.length !== frameBytes(layout)) throw new Error(`a frame of ${raw.length} bytes came back`);
  if (layout.bitsAllocated === 16 && lowest !== 0) {
    const samples = samplesOf(raw);
    for (let at = 0; at < samples.length; at += 1) samples[at] = (samples[at] ?? 0) + lowest;
  }
  return raw;
}

export const frameBytes = ({ rows, columns, samplesPerPixel, bitsAllocated }: FrameLayout): number =>
  (rows * columns * samplesPerPixel * bitsAllocated) / 8;

/** Of samples read as signed and as unsigned, the reading with the smaller span is the one that was meant. */
function shiftDown(samples: Uint16Array): number {
  const signed = new Int16Array(samples.buffer, samples.byteOffset, samples.length);
  const [lowest, highest] = span(samples);
  const [lowestSigned, highestSigned] = span(signed);
  const shift = highestSigned - lowestSigned < highest - lowest ? lowestSigned : lowest;
  // The array keeps 16 bits, so that taking off and putting back are each other's opposite.
  if (shift !== 0) for (let at = 0; at < samples.length; at += 1) samples[at] = (samples[at] ?? 0) - shift;
  return shift;
}

function span(samples: Uint16Array | Int16Array): [number, number] {
  let lowest = samples[0] ?? 0;
  let highest = lowest;
  for (const sample of samples) {
    if (sample < lowest) lowest = sample;
    else if (sample > highest) highest = sample;
  }
  return [lowest, highest];
}

const samplesOf = (bytes: Uint8Array): Uint16Array =>
  new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);

function context(layout: FrameLayout, buffers: { encodedBuffer?: Uint8Array; decodedBuffer?: Uint8Array }) {
  return new Context({
    width: layout.columns,
    height: layout.rows,
    bitsAllocated: layout.bitsAllocated,
    bitsStored: layout.bitsAllocated,
    samplesPerPixel: layout.samplesPerPixel,
    pixelRepresentation: 0,
    planarConfiguration: 0,
    photometricInterpretation: layout.samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
    ...buffers,
  });
}
