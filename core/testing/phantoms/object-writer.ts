import {
  type DicomJson,
  type DicomJsonElement,
  encodeDataset,
  encodeFileMetaInformation,
  readInstanceHeader,
  sourceOfBytes,
} from '../../src/dicom/index.ts';
import type { PhantomStudy } from './hospital.ts';
import { type Attributes, datasetOf, type PhantomInstance, studyAttributes, studyUidOf } from './instance.ts';
import { uidOf } from './random.ts';

export interface PhantomObject {
  /** Unlike those of the other objects of the study. */
  seed: string;
  SOPClassUID: string;
  Modality: string;
  SeriesNumber: number;
  SeriesDescription: string;
  attributes: Attributes;
  /** VRs that the dictionary leaves open. */
  vrs?: Readonly<Record<string, string>>;
  /** Elements given as they are, such as binary values inside items. */
  elements?: DicomJson;
}

/** Writes an object that is no plain image: a series of its own in the study. */
export function writeObject(study: PhantomStudy, object: PhantomObject): PhantomInstance {
  const { SOPClassUID, Modality, seed, vrs = {} } = object;
  const SOPInstanceUID = uidOf(`${study.seed}/${seed}/1`);
  const SeriesInstanceUID = uidOf(`${study.seed}/${seed}/series`);
  const dataset: DicomJson = {
    ...datasetOf(
      {
        ...studyAttributes(study),
        SOPClassUID,
        SOPInstanceUID,
        StudyInstanceUID: studyUidOf(study),
        SeriesInstanceUID,
        Modality,
        SeriesNumber: object.SeriesNumber,
        SeriesDescription: object.SeriesDescription,
        InstanceNumber: 1,
        Manufacturer: 'Filmless Phantom',
        ...object.attributes,
      },
      vrs,
    ),
    ...object.elements,
  };
  const { transferSyntaxUID } = study;
  const meta = encodeFileMetaInformation({ SOPClassUID, SOPInstanceUID, transferSyntaxUID });
  return {
    bytes: Buffer.concat([meta, encodeDataset(dataset, { transferSyntaxUID, characterSet: study.characterSet })]),
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID: studyUidOf(study),
    SeriesInstanceUID,
    PatientID: study.patient.PatientID,
    AccessionNumber: study.AccessionNumber,
    Modality,
    transferSyntaxUID,
  };
}

/** Bytes as an element. */
export const binaryElement = (vr: string, bytes: Uint8Array): DicomJsonElement => ({
  vr,
  InlineBinary: Buffer.from(bytes).toString('base64'),
});

export const codeItem = (CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): Attributes => ({
  CodeValue,
  CodingSchemeDesignator,
  CodeMeaning,
});

export const sopReference = ({ SOPClassUID, SOPInstanceUID }: PhantomInstance): Attributes => ({
  ReferencedSOPClassUID: SOPClassUID,
  ReferencedSOPInstanceUID: SOPInstanceUID,
});

/** The header that a phantom was written with. */
export const headerOf = async (instance: PhantomInstance): Promise<DicomJson> =>
  (await readInstanceHeader(sourceOfBytes(instance.bytes))).dataset;
