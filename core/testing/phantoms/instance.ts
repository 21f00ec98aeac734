import {
  type DicomJson,
  type DicomJsonElement,
  type DicomJsonValue,
  encodeDataset,
  encodeFileMetaInformation,
  tagOf,
  vrOf,
} from '../../src/dicom/index.ts';
import { ageAt, type PhantomStudy } from './hospital.ts';
import { uidOf } from './random.ts';

/** One Part 10 file. */
export interface PhantomInstance {
  bytes: Uint8Array;
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  PatientID: string;
  AccessionNumber: string;
  Modality: string;
  transferSyntaxUID: string;
}

/** Values by keyword; the VR is the dictionary's. An array of data sets makes a sequence. */
export interface Attributes {
  [keyword: string]: DicomJsonValue | DicomJsonValue[] | Attributes[];
}

export interface PhantomSeries {
  /** Unlike those of the other series of the study. */
  seed: string;
  SeriesNumber: number;
  SeriesDescription: string;
  Modality: string;
  SOPClassUID: string;
  /** Attributes that all instances share: equipment, acquisition. */
  common: Attributes;
}

/** A data set from keywords. `vrs` names VRs that the dictionary leaves open. */
export function datasetOf(attributes: Attributes, vrs: Readonly<Record<string, string>> = {}): DicomJson {
  const dataset: DicomJson = {};
  for (const [keyword, given] of Object.entries(attributes)) {
    const tag = tagOf(keyword);
    const vr = vrs[keyword] ?? vrOf(tag);
    const values = Array.isArray(given) ? given : given === '' || given === null ? [] : [given];
    const element: DicomJsonElement = { vr };
    if (values.length > 0) {
      element.Value =
        vr === 'SQ' ? values.map((item) => datasetOf(item as Attributes, vrs)) : (values as DicomJsonValue[]);
    }
    dataset[tag] = element;
  }
  return dataset;
}

export const studyUidOf = (study: PhantomStudy): string => uidOf(`${study.seed}/study`);
export const seriesUidOf = (study: PhantomStudy, series: PhantomSeries): string =>
  uidOf(`${study.seed}/${series.seed}/series`);

/** Makes the instances of a series: what they share is put together once. */
export class SeriesWriter {
  readonly #study: PhantomStudy;
  readonly #series: PhantomSeries;
  readonly #shared: DicomJson;
  readonly #vrs: Readonly<Record<string, string>>;

  constructor(study: PhantomStudy, series: PhantomSeries, vrs: Readonly<Record<string, string>> = {}) {
    this.#study = study;
    this.#series = series;
    this.#vrs = vrs;
    this.#shared = datasetOf(
      {
        ...studyAttributes(study),
        SOPClassUID: series.SOPClassUID,
        StudyInstanceUID: studyUidOf(study),
        SeriesInstanceUID: seriesUidOf(study, series),
        Modality: series.Modality,
        SeriesNumber: series.SeriesNumber,
        SeriesDescription: series.SeriesDescription,
        SeriesDate: study.StudyDate,
        SeriesTime: study.StudyTime,
        ...series.common,
      },
      vrs,
    );
  }

  /** `instanceNumber` counts from 1 and makes the SOP Instance UID. */
  write(instanceNumber: number, attributes: Attributes, pixelData: Uint8Array, pixelVr: 'OB' | 'OW'): PhantomInstance {
    const study = this.#study;
    const SOPInstanceUID = uidOf(`${study.seed}/${this.#series.seed}/${instanceNumber}`);
    const dataset: DicomJson = {
      ...this.#shared,
      ...datasetOf({ SOPInstanceUID, InstanceNumber: instanceNumber, ...attributes }, this.#vrs),
      '7FE00010': { vr: pixelVr, BulkDataURI: '7FE00010' },
    };
    const { SOPClassUID } = this.#series;
    const { transferSyntaxUID } = study;
    const meta = encodeFileMetaInformation({ SOPClassUID, SOPInstanceUID, transferSyntaxUID });
    const body = encodeDataset(dataset, {
      transferSyntaxUID,
      characterSet: study.characterSet,
      bulkData: () => pixelData,
    });
    return {
      bytes: Buffer.concat([meta, body]),
      SOPClassUID,
      SOPInstanceUID,
      StudyInstanceUID: studyUidOf(study),
      SeriesInstanceUID: seriesUidOf(study, this.#series),
      PatientID: study.patient.PatientID,
      AccessionNumber: study.AccessionNumber,
      Modality: this.#series.Modality,
      transferSyntaxUID,
    };
  }
}

export function studyAttributes(study: PhantomStudy): Attributes {
  const { patient } = study;
  return {
    PatientName: patient.PatientName,
    PatientID: patient.PatientID,
    PatientBirthDate: patient.PatientBirthDate,
    PatientSex: patient.PatientSex,
    PatientAge: ageAt(patient.PatientBirthDate, study.StudyDate),
    StudyDate: study.StudyDate,
    StudyTime: study.StudyTime,
    ContentDate: study.StudyDate,
    ContentTime: study.StudyTime,
    AcquisitionDate: study.StudyDate,
    AcquisitionTime: study.StudyTime,
    AccessionNumber: study.AccessionNumber,
    StudyID: study.StudyID,
    StudyDescription: study.StudyDescription,
    ReferringPhysicianName: study.ReferringPhysicianName,
    InstitutionName: study.InstitutionName,
    InstitutionalDepartmentName: study.InstitutionalDepartmentName,
    TimezoneOffsetFromUTC: '+0800',
  };
}
