import { type DecodedFrame, decodeImageFrame } from 'cornerstone-decode-image-frame';
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

/** A frame this viewer has no decoder for. */
export class UnsupportedFrame extends Error {}

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const RLE = '1.2.840.10008.1.2.5';
const NATIVE = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.1.98',
]);
const JPEG_LS = new Set(['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81']);
/** Syntaxes whose samples may differ from what was stored. */
const LOSSY = new Set([
  JPEG_BASELINE,
  '1.2.840.10008.1.2.4.51',
  '1.2.840.10008.1.2.4.81',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.111',
  '1.2.840.10008.1.2.4.112',
  '1.2.840.10008.1.2.4.203',
]);
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
  if (transferSyntaxUID === RLE && format.bitsAllocated > 16)
    throw new UnsupportedFrame(`RLE of ${format.bitsAllocated} bits`);
  if (format.pixelRepresentation === 1 && format.highBit !== format.bitsStored - 1)
    throw new UnsupportedFrame(`High Bit ${format.highBit}`);
  const rgbJpeg = transferSyntaxUID === JPEG_BASELINE && format.photometricInterpretation === 'RGB';
  const decoded = await decodeImageFrame(
    { ...format },
    transferSyntaxUID,
    rgbJpeg ? markJpegAsRgb(request.bytes) : evenStart(request.bytes, format.bitsAllocated),
    { wasmBasePath: request.wasmBase },
    { preScale: { enabled: false } },
  );
  if (decoded.rows !== format.rows || decoded.columns !== format.columns) {
    throw new Error(
      `${decoded.columns} × ${decoded.rows} pixels where the data set says ${format.columns} × ${format.rows}`,
    );
  }
  let samples: Samples = decoded.pixelData;
  if (native && format.bitsAllocated === 1)
    samples = unpackBits(samples, format.rows * format.columns * format.samplesPerPixel);
  if (request.palette) return { ...finishPalette(samples, format, request.palette, request.alpha), color: true };
  if (format.photometricInterpretation === 'PALETTE COLOR') throw new Error('palette colour without its palette');
  if (format.samplesPerPixel >= 3) {
    return { ...finishColor(samples, format, colorOptions(request, decoded, native)), color: true };
  }
  return { ...finishGray(samples, format, { ...request.gray, lossy: LOSSY.has(transferSyntaxUID) }), color: false };
}

function colorOptions(request: DecodeRequest, decoded: DecodedFrame, native: boolean): ColorOptions {
  const { format, transferSyntaxUID, alpha } = request;
  const photometric = format.photometricInterpretation;
  const ycbcr = photometric.startsWith('YBR_FULL');
  if (native || transferSyntaxUID === RLE) {
    const planar = format.planarConfiguration === 1;
    if (photometric === 'RGB') return { alpha, planar, space: 'RGB' };
    if (photometric === 'YBR_FULL') return { alpha, planar, space: 'YBR_FULL' };
    // Compressed once and decoded to full samples by an archive: the length tells.
    if (photometric === 'YBR_FULL_422') return { alpha, planar, space: 'YBR_FULL_422' };
    if (photometric === 'YBR_RCT' || photometric === 'YBR_ICT') return { alpha, planar, space: 'RGB' };
    throw new UnsupportedFrame(`photometric interpretation ${photometric}`);
  }
  if (JPEG_LS.has(transferSyntaxUID)) {
    return { alpha, planar: decoded.encodeOptions?.interleaveMode === 0, space: ycbcr ? 'YBR_FULL' : 'RGB' };
  }
  // JPEG decoders turn YCbCr to RGB themselves; the lossless process and JPEG 2000 without its colour transform keep what is stored.
  const keepsSpace = transferSyntaxUID !== JPEG_BASELINE;
  return { alpha, planar: false, space: keepsSpace && ycbcr ? 'YBR_FULL' : 'RGB' };
}

/** 16- and 32-bit samples are read in place: their bytes have to start where such a number may. */
function evenStart(bytes: Uint8Array<ArrayBuffer>, bitsAllocated: number): Uint8Array<ArrayBuffer> {
  const size = Math.max(1, bitsAllocated >> 3);
  const whole = bytes.length - (bytes.length % size);
  return bytes.byteOffset % size === 0 && bytes.length === whole ? bytes : bytes.slice(0, whole);
}
