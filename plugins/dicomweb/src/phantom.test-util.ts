import {
  type DicomJson,
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeDataset,
  encodeFileMetaInformation,
  tagOf,
  transferSyntax,
  vrOf,
} from '@filmless/core/plugin';
import codecs from 'dcmjs-codecs';

/** A small image made in code. Everything has a default; `attributes` go on top, `remove` goes last. */
export interface PhantomOptions {
  study?: string;
  series?: string;
  instance?: string;
  SOPClassUID?: string;
  InstanceNumber?: number;
  transferSyntaxUID?: string;
  rows?: number;
  columns?: number;
  samplesPerPixel?: number;
  bitsAllocated?: number;
  bitsStored?: number;
  signed?: boolean;
  planar?: boolean;
  photometricInterpretation?: string;
  attributes?: DicomJson;
  /** Tags. */
  remove?: readonly string[];
  /** Native little endian frames, or already encoded ones for encapsulated syntaxes. Default: one ramp. */
  frames?: readonly Uint8Array[];
  /** Encapsulated: without an offset table. */
  noOffsetTable?: boolean;
  /** Leave out preamble and File Meta Information. */
  bare?: boolean;
}

export const STUDY = '2.25.1001';
export const SERIES = '2.25.1002';
export const INSTANCE = '2.25.1003';
export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
export const JPEG_LS = '1.2.840.10008.1.2.4.80';
export const JPEG_2000 = '1.2.840.10008.1.2.4.90';
export const RLE = '1.2.840.10008.1.2.5';
export const MPEG4 = '1.2.840.10008.1.2.4.102';

/** Path of an instance below the service's root. */
export const PATH = `/dicom-web/studies/${STUDY}/series/${SERIES}/instances/${INSTANCE}`;

export function phantom(options: PhantomOptions = {}): Buffer {
  const transferSyntaxUID = options.transferSyntaxUID ?? EXPLICIT_VR_LITTLE_ENDIAN;
  const syntax = transferSyntax(transferSyntaxUID);
  const { rows = 8, columns = 8, bitsAllocated = 16 } = options;
  const frames = options.frames ?? [ramp(rows * columns)];
  const SOPClassUID = options.SOPClassUID ?? CT;
  const SOPInstanceUID = options.instance ?? INSTANCE;
  const bitsStored = options.bitsStored ?? bitsAllocated;
  const dataset: DicomJson = {
    ...elements({
      SpecificCharacterSet: 'ISO_IR 192',
      SOPClassUID,
      SOPInstanceUID,
      StudyDate: '20260102',
      Modality: 'CT',
      PatientID: 'P1',
      StudyInstanceUID: options.study ?? STUDY,
      SeriesInstanceUID: options.series ?? SERIES,
      InstanceNumber: options.InstanceNumber ?? 1,
      SamplesPerPixel: options.samplesPerPixel ?? 1,
      PhotometricInterpretation: options.photometricInterpretation ?? 'MONOCHROME2',
      Rows: rows,
      Columns: columns,
      BitsAllocated: bitsAllocated,
      BitsStored: bitsStored,
      HighBit: bitsStored - 1,
      PixelRepresentation: options.signed ? 1 : 0,
      ...(options.samplesPerPixel === 3 ? { PlanarConfiguration: options.planar ? 1 : 0 } : {}),
      ...(frames.length > 1 ? { NumberOfFrames: frames.length } : {}),
    }),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Phantom^One', Ideographic: '\u6a21^\u4f53' }] },
    ...options.attributes,
  };
  for (const tag of options.remove ?? []) delete dataset[tag];
  const encapsulated = syntax !== undefined && syntax.kind !== 'native';
  if (!encapsulated) dataset['7FE00010'] = { vr: bitsAllocated > 8 ? 'OW' : 'OB', BulkDataURI: '7FE00010' };
  const pixels = Buffer.concat(frames);
  if (syntax?.bigEndian && bitsAllocated === 16) pixels.swap16();
  const body = encodeDataset(dataset, { transferSyntaxUID, bulkData: () => pixels });
  return Buffer.concat([
    options.bare ? new Uint8Array() : encodeFileMetaInformation({ SOPClassUID, SOPInstanceUID, transferSyntaxUID }),
    body,
    encapsulated ? encapsulate(frames, options.noOffsetTable ?? false) : new Uint8Array(),
  ]);
}

/** Values by keyword; the VR is the dictionary's. */
export function elements(values: Record<string, string | number | readonly (string | number)[]>): DicomJson {
  const dataset: DicomJson = {};
  for (const [keyword, value] of Object.entries(values)) {
    const tag = tagOf(keyword);
    dataset[tag] = { vr: vrOf(tag), Value: Array.isArray(value) ? [...value] : [value as string | number] };
  }
  return dataset;
}

/** 16-bit values 0, step, 2 step, … */
export function ramp(count: number, step = 1): Uint8Array {
  return words(Array.from({ length: count }, (_, index) => index * step));
}

/** 16-bit little endian. */
export function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, (value) => value & 0xffff).buffer);
}

/** One frame compressed in a lossless syntax. */
export async function encode(
  transferSyntaxUID: string,
  frame: Uint8Array,
  options: { rows: number; columns: number; samplesPerPixel?: number; bits: number },
): Promise<Uint8Array> {
  const { NativeCodecs, Context } = codecs;
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  const samplesPerPixel = options.samplesPerPixel ?? 1;
  const context = new Context({
    width: options.columns,
    height: options.rows,
    bitsAllocated: options.bits > 8 ? 16 : 8,
    bitsStored: options.bits,
    samplesPerPixel,
    pixelRepresentation: 0,
    planarConfiguration: 0,
    photometricInterpretation: samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
    decodedBuffer: frame,
  });
  const encoders: Record<string, () => InstanceType<typeof Context>> = {
    [RLE]: () => NativeCodecs.encodeRle(context),
    [JPEG_LS]: () => NativeCodecs.encodeJpegLs(context, { lossy: false }),
    [JPEG_2000]: () => NativeCodecs.encodeJpeg2000(context, { lossy: false }),
    [JPEG_BASELINE]: () => NativeCodecs.encodeJpeg(context, { lossy: true, quality: 90 }),
  };
  const encoded = encoders[transferSyntaxUID]?.().getEncodedBuffer();
  if (!encoded) throw new Error('no encoder');
  return encoded;
}

function encapsulate(frames: readonly Uint8Array[], noOffsetTable: boolean): Buffer {
  const head = Buffer.from('e07f10004f420000ffffffff', 'hex');
  const padded = frames.map((frame) => (frame.length % 2 === 0 ? frame : Buffer.concat([frame, Buffer.alloc(1)])));
  const table = Buffer.alloc(noOffsetTable ? 0 : frames.length * 4);
  let offset = 0;
  for (let i = 0; i * 4 < table.length; i++) {
    table.writeUInt32LE(offset, i * 4);
    offset += 8 + padded[i]!.length;
  }
  return Buffer.concat([head, item(table), ...padded.map(item), Buffer.from('feffdde000000000', 'hex')]);
}

function item(bytes: Uint8Array): Buffer {
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}
