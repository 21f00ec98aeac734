import { Readable } from 'node:stream';
import { type DicomJson, encodeDataset, encodeFileMetaInformation, parsePersonName } from '@filmless/core/plugin';
import type { PluginTestNode } from '@filmless/core/testing';

export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';

export interface InstanceOptions {
  study?: string;
  series?: string;
  instance: string;
  /** `Alphabetic=Ideographic`. */
  name?: string;
  patientId?: string;
  date?: string;
  number?: number;
  SOPClassUID?: string;
  modality?: string;
  transferSyntaxUID?: string;
  characterSet?: string;
  pixelBytes?: number;
}

/** A Part 10 file with what queries ask for. */
export function instanceFile(options: InstanceOptions): Buffer {
  const {
    study = '1.2.3',
    series = `${study}.1`,
    instance,
    name = 'Zhang^Xiaoming=张^小明',
    patientId = 'P1',
  } = options;
  const { SOPClassUID = CT, transferSyntaxUID = EXPLICIT, characterSet = 'ISO_IR 192' } = options;
  const rows = Math.max(2, Math.round(Math.sqrt((options.pixelBytes ?? 512) / 2)));
  const ui = (value: string) => ({ vr: 'UI', Value: [value] });
  const dataset: DicomJson = {
    '00080016': ui(SOPClassUID),
    '00080018': ui(instance),
    '00080020': { vr: 'DA', Value: [options.date ?? '20260102'] },
    '00080030': { vr: 'TM', Value: ['101112'] },
    '00080050': { vr: 'SH', Value: ['ACC1'] },
    '00080060': { vr: 'CS', Value: [options.modality ?? 'CT'] },
    '00081030': { vr: 'LO', Value: ['胸部平扫'] },
    '00100010': { vr: 'PN', Value: [parsePersonName(name)] },
    '00100020': { vr: 'LO', Value: [patientId] },
    '00100040': { vr: 'CS', Value: ['M'] },
    '0020000D': ui(study),
    '0020000E': ui(series),
    '00200011': { vr: 'IS', Value: [1] },
    '00200013': { vr: 'IS', Value: [options.number ?? 1] },
    '00280002': { vr: 'US', Value: [1] },
    '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
    '00280010': { vr: 'US', Value: [rows] },
    '00280011': { vr: 'US', Value: [rows] },
    '00280100': { vr: 'US', Value: [16] },
    '00280101': { vr: 'US', Value: [12] },
    '00280102': { vr: 'US', Value: [11] },
    '00280103': { vr: 'US', Value: [0] },
    '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' },
  };
  const body = encodeDataset(dataset, {
    transferSyntaxUID,
    characterSet,
    bulkData: () => Buffer.alloc(rows * rows * 2, instance),
  });
  return Buffer.concat([encodeFileMetaInformation({ SOPClassUID, SOPInstanceUID: instance, transferSyntaxUID }), body]);
}

/** One with encapsulated pixels; what is in them is no image. */
export function encapsulatedFile(options: InstanceOptions): Buffer {
  const { instance, SOPClassUID = CT } = options;
  const native = instanceFile(options);
  const element = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57]);
  const meta = 144 + native.readUInt32LE(140);
  const header = native.subarray(meta, native.indexOf(element));
  const pixels = Buffer.from('e07f10004f420000fffffffffeff00e000000000feff00e004000000ffd8ffd9feffdde000000000', 'hex');
  const transferSyntaxUID = '1.2.840.10008.1.2.4.70';
  return Buffer.concat([
    encodeFileMetaInformation({ SOPClassUID, SOPInstanceUID: instance, transferSyntaxUID }),
    header,
    pixels,
  ]);
}

/** As if they had come some time ago. */
export async function put(node: Pick<PluginTestNode, 'ingest' | 'query'>, ...files: Uint8Array[]): Promise<void> {
  for (const file of files) await node.ingest.receiveStream(Readable.from([file]), { via: 'import', name: 'test' });
  await node.query.settled();
}
