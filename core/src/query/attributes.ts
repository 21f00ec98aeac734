import type { QueryLevel } from './contract.ts';

/** An attribute the index can match and answer without asking the catalogue. */
export interface IndexedAttribute {
  readonly tag: string;
  /** Also the name of its column. */
  readonly keyword: string;
  readonly vr: string;
  /** Level of the information model it belongs to. */
  readonly level: QueryLevel;
  /** Kept from the same source as the attribute before it: a time belongs to its date. */
  readonly withPrevious?: boolean;
}

type Row = [tag: string, keyword: string, vr: string, level: QueryLevel, withPrevious?: 'with-previous'];

const rows: Row[] = [
  ['00100010', 'PatientName', 'PN', 'PATIENT'],
  ['00100020', 'PatientID', 'LO', 'PATIENT'],
  ['00100021', 'IssuerOfPatientID', 'LO', 'PATIENT'],
  ['00100030', 'PatientBirthDate', 'DA', 'PATIENT'],
  ['00100032', 'PatientBirthTime', 'TM', 'PATIENT', 'with-previous'],
  ['00100040', 'PatientSex', 'CS', 'PATIENT'],
  ['00101000', 'OtherPatientIDs', 'LO', 'PATIENT'],
  ['00102160', 'EthnicGroup', 'SH', 'PATIENT'],
  ['00104000', 'PatientComments', 'LT', 'PATIENT'],

  ['00080020', 'StudyDate', 'DA', 'STUDY'],
  ['00080030', 'StudyTime', 'TM', 'STUDY', 'with-previous'],
  ['00080050', 'AccessionNumber', 'SH', 'STUDY'],
  ['00080090', 'ReferringPhysicianName', 'PN', 'STUDY'],
  ['00080201', 'TimezoneOffsetFromUTC', 'SH', 'STUDY'],
  ['00081030', 'StudyDescription', 'LO', 'STUDY'],
  ['00081032', 'ProcedureCodeSequence', 'SQ', 'STUDY'],
  ['00081060', 'NameOfPhysiciansReadingStudy', 'PN', 'STUDY'],
  ['00081080', 'AdmittingDiagnosesDescription', 'LO', 'STUDY'],
  ['00101010', 'PatientAge', 'AS', 'STUDY'],
  ['00101020', 'PatientSize', 'DS', 'STUDY'],
  ['00101030', 'PatientWeight', 'DS', 'STUDY'],
  ['00200010', 'StudyID', 'SH', 'STUDY'],

  ['00080060', 'Modality', 'CS', 'SERIES'],
  ['00200011', 'SeriesNumber', 'IS', 'SERIES'],
  ['0008103E', 'SeriesDescription', 'LO', 'SERIES'],
  ['00180015', 'BodyPartExamined', 'CS', 'SERIES'],
  ['00080021', 'SeriesDate', 'DA', 'SERIES'],
  ['00080031', 'SeriesTime', 'TM', 'SERIES', 'with-previous'],
  ['00181030', 'ProtocolName', 'LO', 'SERIES'],
  ['00200060', 'Laterality', 'CS', 'SERIES'],
  ['00080080', 'InstitutionName', 'LO', 'SERIES'],
  ['00081010', 'StationName', 'SH', 'SERIES'],
  ['00080070', 'Manufacturer', 'LO', 'SERIES'],
  ['00081090', 'ManufacturerModelName', 'LO', 'SERIES'],
  ['00081050', 'PerformingPhysicianName', 'PN', 'SERIES'],
  ['00081070', 'OperatorsName', 'PN', 'SERIES'],
  ['00400244', 'PerformedProcedureStepStartDate', 'DA', 'SERIES'],
  ['00400245', 'PerformedProcedureStepStartTime', 'TM', 'SERIES', 'with-previous'],
  ['00400275', 'RequestAttributesSequence', 'SQ', 'SERIES'],
];

export const INDEXED_ATTRIBUTES: readonly IndexedAttribute[] = rows.map(([tag, keyword, vr, level, withPrevious]) => ({
  tag,
  keyword,
  vr,
  level,
  ...(withPrevious ? { withPrevious: true } : {}),
}));

/** What a study row keeps of its instances: attributes of patient and study. */
export const STUDY_ATTRIBUTES = INDEXED_ATTRIBUTES.filter((one) => one.level === 'PATIENT' || one.level === 'STUDY');
export const SERIES_ATTRIBUTES = INDEXED_ATTRIBUTES.filter((one) => one.level === 'SERIES');

/** Of sequences, only what is asked for in queries is kept. */
export const KEPT_OF_ITEMS: ReadonlySet<string> = new Set([
  '00080050', // AccessionNumber
  '00080100', // CodeValue
  '00080102', // CodingSchemeDesignator
  '00080104', // CodeMeaning
  '0020000D', // StudyInstanceUID
  '00321060', // RequestedProcedureDescription
  '00400007', // ScheduledProcedureStepDescription
  '00400009', // ScheduledProcedureStepID
  '00401001', // RequestedProcedureID
]);

/** Date and time pairs that are matched as one moment. @dicom PS3.4 C.2.2.2.5.4 */
export const DATE_TIME_PAIRS: readonly (readonly [dateTag: string, timeTag: string])[] = [
  ['00080020', '00080030'],
  ['00080021', '00080031'],
  ['00100030', '00100032'],
  ['00400244', '00400245'],
];
