import type { InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import { type IndexedAttribute, KEPT_OF_ITEMS, SERIES_ATTRIBUTES, STUDY_ATTRIBUTES } from './attributes.ts';
import { storedText } from './matching.ts';
import { NO_NUMBER } from './schema.ts';

/** What the index keeps of one record. */
export interface InstanceFacts {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
  readonly transferSyntaxUID: string;
  readonly PatientID: string;
  readonly sha256: Buffer;
  readonly sizeBytes: number;
  readonly datasetOffsetBytes: number;
  readonly instanceOrder: number;
  readonly NumberOfFrames: number | null;
  readonly Rows: number | null;
  readonly Columns: number | null;
  readonly BitsAllocated: number | null;
  readonly receivedMs: number;
  /** JSON of an array: values of STUDY_ATTRIBUTES, then the department. Equal text = same source. */
  readonly studyAttributes: string;
  /** JSON of an array: values of SERIES_ATTRIBUTES. */
  readonly seriesAttributes: string;
}

const PATIENT_ID = '00100020';
const INSTITUTIONAL_DEPARTMENT_NAME = '00081040';

/** Never throws on what a data set holds: an odd value is kept as it is or left out, the instance is always listed. */
export function instanceFacts(record: InstanceRecord): InstanceFacts {
  const { dataset, received } = record;
  const named = storedText('LO', dataset[INSTITUTIONAL_DEPARTMENT_NAME]).split('\\', 1)[0] ?? '';
  const department = received.department?.trim() || named;
  const receivedMs = Date.parse(received.at);
  return {
    StudyInstanceUID: record.StudyInstanceUID,
    SeriesInstanceUID: record.SeriesInstanceUID,
    SOPInstanceUID: record.SOPInstanceUID,
    SOPClassUID: record.SOPClassUID,
    transferSyntaxUID: record.transferSyntaxUID,
    PatientID: storedText('LO', dataset[PATIENT_ID]),
    sha256: Buffer.from(record.sha256, 'hex'),
    sizeBytes: record.sizeBytes,
    datasetOffsetBytes: record.datasetOffsetBytes,
    instanceOrder: orderNumber(storedText('IS', dataset['00200013'])),
    NumberOfFrames: wholeNumber(storedText('IS', dataset['00280008'])),
    Rows: wholeNumber(storedText('US', dataset['00280010'])),
    Columns: wholeNumber(storedText('US', dataset['00280011'])),
    BitsAllocated: wholeNumber(storedText('US', dataset['00280100'])),
    receivedMs: Number.isFinite(receivedMs) ? receivedMs : 0,
    studyAttributes: JSON.stringify([...attributeValues(dataset, STUDY_ATTRIBUTES), department]),
    seriesAttributes: JSON.stringify(attributeValues(dataset, SERIES_ATTRIBUTES)),
  };
}

function attributeValues(dataset: DicomJson, attributes: readonly IndexedAttribute[]): string[] {
  return attributes.map(({ tag, vr }) => {
    const element = dataset[tag];
    if (element === undefined) return '';
    return vr === 'SQ' ? sequenceText(element.Value ?? []) : storedText(vr, element);
  });
}

function sequenceText(values: readonly unknown[]): string {
  const items = values
    .filter((item): item is DicomJson => typeof item === 'object' && item !== null)
    .map((item) => Object.fromEntries(Object.entries(item).filter(([tag]) => KEPT_OF_ITEMS.has(tag))))
    .filter((item) => Object.keys(item).length > 0);
  return items.length === 0 ? '' : JSON.stringify(items);
}

/** SeriesNumber or InstanceNumber to sort by; without one, last. */
export function orderNumber(value: string): number {
  const number = wholeNumber(value);
  return number === null || Math.abs(number) >= NO_NUMBER ? NO_NUMBER : number;
}

function wholeNumber(value: string): number | null {
  if (value === '') return null;
  const number = Number(value.split('\\', 1)[0]);
  return Number.isSafeInteger(number) ? number : null;
}
