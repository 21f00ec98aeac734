import { decodeImageFrame } from 'cornerstone-decode-image-frame';
import type { DecodedPixels, DecodeRequest } from './decode-protocol.ts';
import {
  type ColorOptions,
  finishColor,
  finishGray,
  finishPalette,
  markJpegAsRgb,
  type Samples,
  unpackBits,
} from './pixels.ts';
import { decodeRle } from './rle.ts';
import { isLossy } from './transfer-syntax.ts';

/** A frame this viewer has no decoder for. */
export class UnsupportedFrame extends Error {}

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const RLE = '1.2.840.10008.1.2.5';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const NATIVE = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.99',
  BIG_ENDIAN,
  '1.2.840.10008.1.2.1.98',
]);
const JPEG_LS = new Set(['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81']);
const DECODABLE = new Set([
  ...NATIVE,
  RLE,
  JPEG_BASELINE,
  ...JPEG_LS,
  '1.2.840.10008.1.2.8.1',
  '1.2.840.10008.1.2.4.51',
  '1.2.840.10008.1.2.4.57',
  '1.2.840.10008.1.2.4.70',
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.110',
  '1.2.840.10008.1.2.4.111',
  '1.2.840.10008.1.2.4.112',
  '1.2.840.10008.1.2.4.201',
  '1.2.840.10008.1.2.4.202',
  '1.2.840.10008.1.2.4.203',
]);

/** Decodes one frame and brings it into the form the engine draws. @dicom PS3.5 8.2 */
export async function decodeFrame(request: DecodeRequest): Promise<DecodedPixels> {
  const { format, transferSyntaxUID } = request;
  if (!DECODABLE.has(transferSyntaxUID)) throw new UnsupportedFrame(`transfer syntax ${transferSyntaxUID}`);
  const native = NATIVE.has(transferSyntaxUID);
  if (format.bitsAllocated > 16 && format.samplesPerPixel > 1)
    throw new UnsupportedFrame(`${format.bitsAllocated}-bit colour`);
  if (format.pixelRepresentation === 1 && format.highBit !== format.bitsStored - 1)
    throw new UnsupportedFrame(`High Bit ${format.highBit}`);
  const plain = native ? plainSamples(request) : undefined;
  const { samples, planar, rows, columns } =
    plain ?? (transferSyntaxUID === RLE ? fromRle(request) : await fromDecoder(request, native));
  if (rows !== format.rows || columns !== format.columns) {
    throw new Error(`${columns} × ${rows} pixels where the data set says ${format.columns} × ${format.rows}`);
  }
  if (request.palette) return { ...finishPalette(samples, format, request.palette, request.alpha), color: true };
  if (format.photometricInterpretation === 'PALETTE COLOR') throw new Error('palette colour without its palette');
  if (format.samplesPerPixel >= 3) {
    return {
      ...finishColor(samples, format, { alpha: request.alpha, planar, space: colorSpace(request, native) }),
      color: true,
    };
  }
  const gray = { ...request.gray, lossy: isLossy(transferSyntaxUID), reuse: plain !== undefined };
  return { ...finishGray(samples, format, gray), color: false };
}

interface Decoded {
  readonly samples: Samples;
  /** Colours lie plane after plane. */
  readonly planar: boolean;
  readonly rows: number;
  readonly columns: number;
}

/** Grey samples of whole bytes as they lie in the file, little endian: there is nothing to decode, and a copy would take longer than the rest. */
function plainSamples({ bytes, format, transferSyntaxUID }: DecodeRequest): Decoded | undefined {
  const { bitsAllocated, samplesPerPixel, pixelRepresentation, rows, columns } = format;
  if (transferSyntaxUID === BIG_ENDIAN) return undefined;
  if (samplesPerPixel !== 1 || (bitsAllocated !== 8 && bitsAllocated !== 16)) return undefined;
  const { buffer, byteOffset, length } = evenStart(bytes, bitsAllocated);
  const signed = pixelRepresentation === 1;
  const samples =
    bitsAllocated === 8
      ? new (signed ? Int8Array : Uint8Array)(buffer, byteOffset, length)
      : new (signed ? Int16Array : Uint16Array)(buffer, byteOffset, length / 2);
  return { samples, planar: false, rows, columns };
}

/** Cornerstone's RLE decoder knows neither 16-bit colour nor 32 bits. */
function fromRle({ bytes, format }: DecodeRequest): Decoded {
  if (format.bitsAllocated % 8 !== 0 || format.bitsAllocated > 32)
    throw new UnsupportedFrame(`RLE of ${format.bitsAllocated} bits`);
  return { samples: decodeRle(bytes, format), planar: true, rows: format.rows, columns: format.columns };
}

async function fromDecoder(
  { bytes, format, transferSyntaxUID, wasmBase }: DecodeRequest,
  native: boolean,
): Promise<Decoded> {
  const rgbJpeg = transferSyntaxUID === JPEG_BASELINE && format.photometricInterpretation === 'RGB';
  const decoded = await decodeImageFrame(
    { ...format },
    transferSyntaxUID,
    rgbJpeg ? markJpegAsRgb(bytes) : evenStart(bytes, format.bitsAllocated),
    { wasmBasePath: wasmBase },
    { preScale: { enabled: false } },
  );
  const { rows, columns, pixelData } = decoded;
  const oneBit = native && format.bitsAllocated === 1;
  const samples = oneBit ? unpackBits(pixelData, rows * columns * format.samplesPerPixel) : pixelData;
  // JPEG-LS keeps planes where its scans are not interleaved; the other codecs always interleave.
  const planar = native
    ? format.planarConfiguration === 1
    : JPEG_LS.has(transferSyntaxUID) && decoded.encodeOptions?.interleaveMode === 0;
  return { samples, planar, rows, columns };
}

function colorSpace({ format, transferSyntaxUID }: DecodeRequest, native: boolean): ColorOptions['space'] {
  const photometric = format.photometricInterpretation;
  if (native || transferSyntaxUID === RLE) {
    // 4:2:2 may have been decoded to full samples by an archive: the length tells, later.
    if (photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422') return photometric;
    if (photometric === 'RGB' || photometric === 'YBR_RCT' || photometric === 'YBR_ICT') return 'RGB';
    throw new UnsupportedFrame(`photometric interpretation ${photometric}`);
  }
  // The decoder of baseline JPEG turns YCbCr to RGB itself; the others keep what is stored, but for JPEG 2000's own transforms.
  return transferSyntaxUID !== JPEG_BASELINE && photometric.startsWith('YBR_FULL') ? 'YBR_FULL' : 'RGB';
}

/** 16- and 32-bit samples are read in place: their bytes have to start where such a number may. */
function evenStart(bytes: Uint8Array<ArrayBuffer>, bitsAllocated: number): Uint8Array<ArrayBuffer> {
  const size = Math.max(1, bitsAllocated >> 3);
  const whole = bytes.length - (bytes.length % size);
  return bytes.byteOffset % size === 0 && bytes.length === whole ? bytes : bytes.slice(0, whole);
}
