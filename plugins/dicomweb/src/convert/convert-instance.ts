import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeFileMetaInformation,
  FilmlessError,
  type InstanceLocator,
  transferSyntax,
} from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { type OpenInstance, openInstance } from '../instance-source.ts';
import { frameMedia } from '../media/frame-media.ts';
import { decodedInterpretation } from '../pixels/decoded-interpretation.ts';
import { nativeFrameBytes } from '../pixels/image-description.ts';
import { explicitHead } from './explicit-head.ts';
import { type ConversionOptions, toExplicitLittleEndian } from './explicit-little-endian.ts';

const PHOTOMETRIC_INTERPRETATION = 0x00280004;
const PLANAR_CONFIGURATION = 0x00280006;
const LOSSY_IMAGE_COMPRESSION = 0x00282110;
const PIXEL_DATA = 0x7fe00010;
/** Offset tables of encapsulated pixels, and the icon, which is compressed as the image is. */
const ONLY_ENCAPSULATED = [0x7fe00001, 0x7fe00002, 0x7fe00003, 0x00880200];

/** What a file can be delivered as without being decoded or rewritten, and what it takes otherwise. */
export type Conversion = 'none' | 'native' | 'decode' | 'impossible';

/** What turning an instance into explicit VR little endian takes. */
export function conversionOf(transferSyntaxUID: string): Conversion {
  if (transferSyntaxUID === EXPLICIT_VR_LITTLE_ENDIAN) return 'none';
  const kind = transferSyntax(transferSyntaxUID)?.kind;
  if (kind === 'native' || kind === 'deflated') return 'native';
  return frameMedia(transferSyntaxUID).decoder === undefined ? 'impossible' : 'decode';
}

/** The instance as a Part 10 file in explicit VR little endian, as it is read; at most a frame of it is in memory. */
export async function* convertInstance(
  web: Dicomweb,
  instance: InstanceLocator,
  corrected: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield encodeFileMetaInformation({
    SOPClassUID: instance.SOPClassUID,
    SOPInstanceUID: instance.SOPInstanceUID,
    transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
  });
  if (conversionOf(instance.transferSyntaxUID) === 'native') yield* convertNative(web, instance, corrected);
  else yield* decodeEncapsulated(web, instance, corrected, signal);
}

async function* convertNative(
  web: Dicomweb,
  instance: InstanceLocator,
  corrected: boolean,
): AsyncGenerator<Uint8Array> {
  const { source, datasetOffsetBytes, close } = corrected
    ? await openDelivered(web, instance)
    : await openInstance(web.plugin.storage, instance, maxFrameBytes(web));
  try {
    yield* toExplicitLittleEndian(source, datasetOffsetBytes, source.sizeBytes, {
      encoding: encodingOf(instance),
      omit: new Set(),
      set: new Map(),
    });
  } finally {
    await close();
  }
}

async function* decodeEncapsulated(
  web: Dicomweb,
  instance: InstanceLocator,
  corrected: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { decoder } = frameMedia(instance.transferSyntaxUID);
  if (decoder === undefined) throw new FilmlessError('TRANSCODE_UNSUPPORTED');
  const image = await web.images.open(instance).catch((error: unknown) => {
    if (error instanceof FilmlessError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  if (!image) {
    // A compressed syntax on an object without pixels: only the syntax changes.
    yield* convertNative(web, instance, corrected);
    return;
  }
  try {
    const { layout, source, record } = image;
    const photometricInterpretation = decodedInterpretation(decoder, layout);
    const frameBytes = nativeFrameBytes({ ...layout, photometricInterpretation });
    const totalBytes = frameBytes * layout.numberOfFrames;
    if (
      totalBytes > 0xfffffffe ||
      (layout.bitsAllocated === 1 && layout.numberOfFrames > 1 && (layout.rows * layout.columns) % 8 !== 0)
    )
      throw new FilmlessError('TRANSCODE_UNSUPPORTED', 'the pixels do not fit an uncompressed object');
    const set = new Map<number, Buffer>();
    if (photometricInterpretation !== layout.photometricInterpretation)
      set.set(PHOTOMETRIC_INTERPRETATION, evenText(photometricInterpretation));
    if (layout.planar) set.set(PLANAR_CONFIGURATION, Buffer.alloc(2));
    // Who gets the pixels uncompressed must still know what they went through. @dicom PS3.3 C.7.6.1.1.5
    if (transferSyntax(instance.transferSyntaxUID)?.lossless === false)
      set.set(LOSSY_IMAGE_COMPRESSION, evenText('01'));
    const options: ConversionOptions = {
      encoding: encodingOf(instance),
      omit: new Set([...ONLY_ENCAPSULATED, PIXEL_DATA]),
      set,
    };
    const pixelOffset = record.bulkData.find((item) => item.path === '7FE00010')?.offsetBytes ?? source.sizeBytes;
    if (corrected) yield* correctedHeader(web, instance, options);
    // The head of encapsulated pixel data takes 12 bytes.
    else yield* toExplicitLittleEndian(source, record.datasetOffsetBytes, pixelOffset - 12, options);
    yield explicitHead(PIXEL_DATA, layout.bitsAllocated > 8 ? 'OW' : 'OB', totalBytes + (totalBytes % 2));
    for (let number = 1; number <= layout.numberOfFrames; number++) {
      const frame = await web.pool.run(
        { task: 'samples', encoded: await image.frame(number), decoder, layout },
        signal,
      );
      if (frame.bytes.length !== frameBytes)
        throw new FilmlessError('DECODE_FAILED', 'a frame has another size than the data set says');
      yield frame.bytes;
    }
    if (totalBytes % 2 === 1) yield new Uint8Array(1);
  } finally {
    await image.close();
  }
}

async function* correctedHeader(
  web: Dicomweb,
  instance: InstanceLocator,
  options: ConversionOptions,
): AsyncGenerator<Uint8Array> {
  const object = await web.plugin.delivery.open(instance);
  try {
    // Without an overlay of its own, a neighbour's had to be looked for: the pixels are left out by `omit`.
    yield* toExplicitLittleEndian(object, object.datasetOffsetBytes, object.headerEndBytes, options);
  } finally {
    await object.close();
  }
}

async function openDelivered(web: Dicomweb, instance: InstanceLocator): Promise<OpenInstance> {
  const object = await web.plugin.delivery.open(instance);
  return { source: object, datasetOffsetBytes: object.datasetOffsetBytes, close: () => object.close() };
}

function evenText(text: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
}

function encodingOf(instance: InstanceLocator): ConversionOptions['encoding'] {
  const syntax = transferSyntax(instance.transferSyntaxUID);
  return { implicitVr: syntax?.implicitVr ?? false, bigEndian: syntax?.bigEndian ?? false };
}

function maxFrameBytes(web: Dicomweb): number {
  return web.plugin.config.maxFrameMiB * 1024 * 1024;
}
