import { inflateRawSync } from 'node:zlib';
import codecs from 'dcmjs-codecs';
import type { FrameDecoder } from '../media/frame-media.ts';
import { decodedInterpretation } from './decoded-interpretation.ts';
import { nativeFrameBytes, type PixelLayout } from './image-description.ts';

/** Loads and compiles the WebAssembly decoders; about 70 ms. */
export async function prepareDecoders(): Promise<void> {
  if (!codecs.NativeCodecs.isInitialized()) await codecs.NativeCodecs.initializeAsync();
}

/**
 * One compressed frame as native little endian samples, colour by pixel. The layout of the answer is that of `layout` except for what
 * a codec undoes: JPEG 2000's colour transforms give RGB, 4:2:2 JPEG gives YBR_FULL.
 * Throws when the frame's own size is not what the data set says: pixels of another size are another image.
 */
export function decodeFrame(
  encoded: Uint8Array,
  decoder: FrameDecoder,
  layout: PixelLayout,
): { pixels: Uint8Array; layout: PixelLayout } {
  if (decoder === 'native') return { pixels: exactly(encoded, nativeFrameBytes(layout)), layout };
  if (decoder === 'deflated-frame')
    return {
      pixels: exactly(
        inflateRawSync(encoded, { maxOutputLength: nativeFrameBytes(layout) + 1 }),
        nativeFrameBytes(layout),
      ),
      layout,
    };
  // A bitmap is run-length coded as the bytes it is packed in.
  const unpacked = layout.bitsAllocated === 1;
  const decoded: PixelLayout = {
    ...layout,
    planar: false,
    photometricInterpretation: decodedInterpretation(decoder, layout),
  };
  const context = new codecs.Context({
    width: layout.columns,
    height: layout.rows,
    bitsAllocated: unpacked ? 8 : layout.bitsAllocated,
    bitsStored: unpacked ? 8 : layout.bitsStored,
    samplesPerPixel: layout.samplesPerPixel,
    pixelRepresentation: layout.signed ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: layout.photometricInterpretation,
    encodedBuffer: encoded,
  });
  const result = run(decoder, context);
  if (
    result.getWidth() !== layout.columns ||
    result.getHeight() !== layout.rows ||
    result.getSamplesPerPixel() !== layout.samplesPerPixel
  ) {
    throw new Error(
      `the frame is ${result.getWidth()} x ${result.getHeight()} x ${result.getSamplesPerPixel()}, the data set says ${layout.columns} x ${layout.rows} x ${layout.samplesPerPixel}`,
    );
  }
  return { pixels: exactly(result.getDecodedBuffer() ?? new Uint8Array(), nativeFrameBytes(decoded)), layout: decoded };
}

function run(decoder: FrameDecoder, context: InstanceType<typeof codecs.Context>): InstanceType<typeof codecs.Context> {
  const { NativeCodecs } = codecs;
  switch (decoder) {
    case 'rle':
      return NativeCodecs.decodeRle(context);
    case 'jpeg':
      return NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb: false });
    case 'jpeg-ls':
      return NativeCodecs.decodeJpegLs(context);
    case 'jpeg-2000':
      return NativeCodecs.decodeJpeg2000(context);
    case 'htj2k':
      return NativeCodecs.decodeHtJpeg2000(context);
    case 'jpeg-xl':
      return NativeCodecs.decodeJpegXl(context);
    default:
      throw new Error(`no decoder ${decoder}`);
  }
}

function exactly(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  if (bytes.length < lengthBytes) throw new Error(`the frame has ${bytes.length} bytes, ${lengthBytes} are needed`);
  return bytes.length === lengthBytes ? bytes : bytes.subarray(0, lengthBytes);
}
