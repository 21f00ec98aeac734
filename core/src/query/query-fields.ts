import { INDEXED_ATTRIBUTES } from './attributes.ts';
import type { QueryLevel } from './contract.ts';
import { NO_NUMBER } from './schema.ts';

/** An attribute as queries see it: `st`, `se`, `im` are the rows of study, series and instance. */
export interface QueryField {
  readonly tag: string;
  readonly vr: string;
  readonly level: QueryLevel;
  /** @param scope condition on a study row `p`, for what is counted over a patient's studies */
  readonly sql: (scope: string) => string;
}

const DEPTH: Record<QueryLevel, number> = { PATIENT: 0, STUDY: 1, SERIES: 2, IMAGE: 3 };

/** Whether an attribute of `level` belongs to an entity above or at `queryLevel`. */
export function isWithin(level: QueryLevel, queryLevel: QueryLevel): boolean {
  return DEPTH[level] <= DEPTH[queryLevel];
}

const ofPatient = (what: string) => (scope: string) =>
  `(SELECT ${what} FROM study AS p WHERE p.patient = st.patient AND ${scope})`;

const computed: [tag: string, vr: string, level: QueryLevel, sql: string | ((scope: string) => string)][] = [
  ['00201200', 'IS', 'PATIENT', ofPatient('count(*)')], // NumberOfPatientRelatedStudies
  ['00201202', 'IS', 'PATIENT', ofPatient('sum(p.seriesCount)')], // NumberOfPatientRelatedSeries
  ['00201204', 'IS', 'PATIENT', ofPatient('sum(p.instanceCount)')], // NumberOfPatientRelatedInstances
  ['0020000D', 'UI', 'STUDY', 'st.StudyInstanceUID'],
  ['00080061', 'CS', 'STUDY', 'st.modalities'], // ModalitiesInStudy
  ['00080062', 'UI', 'STUDY', 'st.sopClasses'], // SOPClassesInStudy
  ['00081040', 'LO', 'STUDY', 'st.department'], // InstitutionalDepartmentName
  ['00201206', 'IS', 'STUDY', 'st.seriesCount'], // NumberOfStudyRelatedSeries
  ['00201208', 'IS', 'STUDY', 'st.instanceCount'], // NumberOfStudyRelatedInstances
  ['0020000E', 'UI', 'SERIES', 'se.SeriesInstanceUID'],
  ['00201209', 'IS', 'SERIES', 'se.instanceCount'], // NumberOfSeriesRelatedInstances
  ['00080016', 'UI', 'IMAGE', '(SELECT uid FROM uid WHERE id = im.sopClass)'], // SOPClassUID
  ['00080018', 'UI', 'IMAGE', 'im.SOPInstanceUID'],
  ['00200013', 'IS', 'IMAGE', `nullif(im.instanceOrder, ${NO_NUMBER})`], // InstanceNumber
  ['00280008', 'IS', 'IMAGE', 'im.NumberOfFrames'],
  ['00280010', 'US', 'IMAGE', 'im."Rows"'],
  ['00280011', 'US', 'IMAGE', 'im."Columns"'],
  ['00280100', 'US', 'IMAGE', 'im.BitsAllocated'],
];

export const QUERY_FIELDS: ReadonlyMap<string, QueryField> = new Map([
  ...INDEXED_ATTRIBUTES.map(({ tag, vr, level, keyword }): [string, QueryField] => {
    const sql = `${level === 'SERIES' ? 'se' : 'st'}.${keyword}`;
    return [tag, { tag, vr, level, sql: () => sql }];
  }),
  ...computed.map(([tag, vr, level, sql]): [string, QueryField] => [
    tag,
    { tag, vr, level, sql: typeof sql === 'string' ? () => sql : sql },
  ]),
]);

/** Unique keys: with a value below the query's level they make no sense. @dicom PS3.4 C.6.1.1, C.6.2.1 */
export const UNIQUE_KEYS: ReadonlyMap<string, QueryLevel> = new Map([
  ['0020000D', 'STUDY'],
  ['0020000E', 'SERIES'],
  ['00080018', 'IMAGE'],
]);

/** Attributes of series that studies can be searched by all the same, as many senders do (our choice). */
export const SERIES_KEYS_OF_STUDIES: ReadonlyMap<string, string> = new Map([
  ['00080060', 'st.modalities'], // Modality
  ['00180015', 'st.bodyParts'], // BodyPartExamined
]);

const PATIENT_REQUIRED = ['00100010', '00100020', '00100030', '00100040'];
const STUDY_REQUIRED = [
  '00080020',
  '00080030',
  '00080050',
  '00080061',
  '00080090',
  '0020000D',
  '00200010',
  '00201206',
  '00201208',
];
const SERIES_REQUIRED = [
  '00080060',
  '0008103E',
  '0020000E',
  '00200011',
  '00201209',
  '00400244',
  '00400245',
  '00400275',
];
const IMAGE_REQUIRED = ['00080016', '00080018', '00200013'];

/** Always in an answer, with no value if there is none. @dicom PS3.4 C.6.1.1, C.6.2.1, PS3.18 10.6.3 */
export function requiredTags(level: QueryLevel, isStudyGiven: boolean, isSeriesGiven: boolean): string[] {
  if (level === 'PATIENT') return PATIENT_REQUIRED;
  const study = [...PATIENT_REQUIRED, ...STUDY_REQUIRED];
  if (level === 'STUDY') return study;
  const above = isStudyGiven ? ['0020000D'] : study;
  if (level === 'SERIES') return [...above, ...SERIES_REQUIRED];
  return [...above, ...(isSeriesGiven || isStudyGiven ? ['0020000E'] : SERIES_REQUIRED), ...IMAGE_REQUIRED];
}

/** In an answer when there is a value. @dicom PS3.18 10.6.3 */
export const IF_KNOWN: Record<QueryLevel, readonly string[]> = {
  PATIENT: ['00100021'],
  STUDY: ['00100021', '00080201'],
  SERIES: ['00080201'],
  IMAGE: ['00280008', '00280010', '00280011', '00280100'],
};
