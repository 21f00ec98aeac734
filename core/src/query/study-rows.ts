import { parsePersonName } from '../dicom/dataset.ts';
import type { SeriesRow, StudyRow } from './contract.ts';
import { NO_NUMBER } from './schema.ts';
import { integer, type SqlRow, text } from './statements.ts';

export const STUDY_ROW_COLUMNS = [
  'StudyInstanceUID',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientSex',
  'PatientBirthDate',
  'PatientAge',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyID',
  'StudyDescription',
  'ReferringPhysicianName',
  'modalities',
  'bodyParts',
  'department',
  'seriesCount',
  'instanceCount',
  'sizeBytes',
  'receivedMs',
]
  .map((name) => `st.${name}`)
  .join(', ');

export function toStudyRow(row: SqlRow): StudyRow {
  const name = parsePersonName(text(row, 'PatientName'));
  return {
    StudyInstanceUID: text(row, 'StudyInstanceUID'),
    PatientName: name.Alphabetic ?? '',
    PatientNameIdeographic: name.Ideographic ?? '',
    PatientID: text(row, 'PatientID'),
    IssuerOfPatientID: text(row, 'IssuerOfPatientID'),
    PatientSex: text(row, 'PatientSex'),
    PatientBirthDate: text(row, 'PatientBirthDate'),
    PatientAge: text(row, 'PatientAge'),
    StudyDate: text(row, 'StudyDate'),
    StudyTime: text(row, 'StudyTime'),
    AccessionNumber: text(row, 'AccessionNumber'),
    StudyID: text(row, 'StudyID'),
    StudyDescription: text(row, 'StudyDescription'),
    ReferringPhysicianName: text(row, 'ReferringPhysicianName'),
    modalities: list(row, 'modalities'),
    bodyParts: list(row, 'bodyParts'),
    department: text(row, 'department'),
    seriesCount: integer(row, 'seriesCount'),
    instanceCount: integer(row, 'instanceCount'),
    sizeBytes: integer(row, 'sizeBytes'),
    receivedAt: new Date(integer(row, 'receivedMs')).toISOString(),
  };
}

/** @param row of `series`, with the StudyInstanceUID */
export function toSeriesRow(row: SqlRow): SeriesRow {
  const order = integer(row, 'seriesOrder');
  return {
    StudyInstanceUID: text(row, 'StudyInstanceUID'),
    SeriesInstanceUID: text(row, 'SeriesInstanceUID'),
    Modality: text(row, 'Modality'),
    SeriesNumber: order === NO_NUMBER ? null : order,
    SeriesDescription: text(row, 'SeriesDescription'),
    BodyPartExamined: text(row, 'BodyPartExamined'),
    SeriesDate: text(row, 'SeriesDate'),
    SeriesTime: text(row, 'SeriesTime'),
    instanceCount: integer(row, 'instanceCount'),
    sizeBytes: integer(row, 'sizeBytes'),
  };
}

function list(row: SqlRow, column: string): string[] {
  const values = text(row, column);
  return values === '' ? [] : values.split('\\');
}
