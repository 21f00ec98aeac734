import { encodeDataset, encodeFileMetaInformation } from '../src/dicom/index.ts';

export interface InstanceFileOptions {
  SOPInstanceUID: string;
  StudyInstanceUID?: string;
  PatientID?: string;
  /** Makes another data set of the same instance. */
  salt?: string;
  pixelBytes?: number;
  transferSyntaxUID?: string;
  /** Another File Meta Information before the same data set. */
  otherMeta?: boolean;
}

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** A data set as a modality would send it, small, without File Meta Information. */
export function makeDataSet(options: InstanceFileOptions): Buffer {
  const { SOPInstanceUID, StudyInstanceUID = '2.25.1', PatientID = 'P1', salt = '', pixelBytes = 512 } = options;
  const pixels = Buffer.alloc(pixelBytes, `${SOPInstanceUID}${salt}`);
  return Buffer.from(
    encodeDataset(
      {
        '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
        '00080016': { vr: 'UI', Value: [CT_IMAGE_STORAGE] },
        '00080018': { vr: 'UI', Value: [SOPInstanceUID] },
        '00080060': { vr: 'CS', Value: ['CT'] },
        '00081030': { vr: 'LO', Value: [`Phantom ${salt}`] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Phantom^One', Ideographic: '\u6a21^\u4f53' }] },
        '00100020': { vr: 'LO', Value: [PatientID] },
        '0020000D': { vr: 'UI', Value: [StudyInstanceUID] },
        '0020000E': { vr: 'UI', Value: ['2.25.2'] },
        '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' },
      },
      {
        transferSyntaxUID: options.transferSyntaxUID ?? EXPLICIT_LITTLE_ENDIAN,
        bulkData: () => pixels,
      },
    ),
  );
}

/** The same as a Part 10 file. */
export function makeInstanceFile(options: InstanceFileOptions): Buffer {
  const meta = Buffer.from(
    encodeFileMetaInformation({
      SOPClassUID: CT_IMAGE_STORAGE,
      SOPInstanceUID: options.SOPInstanceUID,
      transferSyntaxUID: options.transferSyntaxUID ?? EXPLICIT_LITTLE_ENDIAN,
    }),
  );
  // The preamble is free for applications to use. @dicom PS3.10 7.1
  if (options.otherMeta) meta.write('TIFF', 0);
  return Buffer.concat([meta, makeDataSet(options)]);
}
