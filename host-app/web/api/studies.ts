import { request } from './client.ts';
import { counts, list, num, optionalNum, record, str, strings } from './decode.ts';

/** One row of the study list; element keywords are DICOM's own. */
export interface StudyRow {
  StudyInstanceUID: string;
  PatientName: string;
  PatientNameIdeographic: string;
  PatientID: string;
  PatientSex: string;
  PatientBirthDate: string;
  PatientAge: string;
  StudyDate: string;
  StudyTime: string;
  AccessionNumber: string;
  StudyID: string;
  StudyDescription: string;
  ReferringPhysicianName: string;
  modalities: string[];
  bodyParts: string[];
  department: string;
  seriesCount: number;
  instanceCount: number;
  sizeBytes: number;
  receivedAt: string;
}

export interface SeriesRow {
  SeriesInstanceUID: string;
  Modality: string;
  SeriesNumber: number | null;
  SeriesDescription: string;
  BodyPartExamined: string;
  instanceCount: number;
  sizeBytes: number;
}

export interface StudyDetail {
  study: StudyRow;
  series: SeriesRow[];
  earlier: StudyRow[];
  /** Other patients whose images came under the same Study Instance UID. */
  sameUid: StudyRow[];
  /** The identity the images came with, when it was corrected since. */
  received: ReceivedIdentity | undefined;
}

/** The identity that images came with. */
export interface ReceivedIdentity {
  PatientID: string;
  IssuerOfPatientID: string;
  PatientName: string;
  PatientSex: string;
  PatientBirthDate: string;
}

export type StudyOrder = 'StudyDate' | '-StudyDate' | 'PatientName' | '-PatientName' | 'receivedAt' | '-receivedAt';

/** Query of GET /api/studies; lists are comma-separated. */
export interface StudyQuery {
  text?: string;
  patientName?: string;
  patientId?: string;
  accessionNumber?: string;
  /** DA or DA range. */
  studyDate?: string;
  modalities?: string;
  departments?: string;
  orderBy?: StudyOrder;
}

export function readStudy(value: unknown): StudyRow {
  const item = record(value);
  return {
    StudyInstanceUID: str(item['StudyInstanceUID']),
    PatientName: str(item['PatientName']),
    PatientNameIdeographic: str(item['PatientNameIdeographic']),
    PatientID: str(item['PatientID']),
    PatientSex: str(item['PatientSex']),
    PatientBirthDate: str(item['PatientBirthDate']),
    PatientAge: str(item['PatientAge']),
    StudyDate: str(item['StudyDate']),
    StudyTime: str(item['StudyTime']),
    AccessionNumber: str(item['AccessionNumber']),
    StudyID: str(item['StudyID']),
    StudyDescription: str(item['StudyDescription']),
    ReferringPhysicianName: str(item['ReferringPhysicianName']),
    modalities: strings(item['modalities']),
    bodyParts: strings(item['bodyParts']),
    department: str(item['department']),
    seriesCount: num(item['seriesCount']),
    instanceCount: num(item['instanceCount']),
    sizeBytes: num(item['sizeBytes']),
    receivedAt: str(item['receivedAt']),
  };
}

export function readReceived(value: unknown): ReceivedIdentity {
  const item = record(value);
  return {
    PatientID: str(item['PatientID']),
    IssuerOfPatientID: str(item['IssuerOfPatientID']),
    PatientName: str(item['PatientName']),
    PatientSex: str(item['PatientSex']),
    PatientBirthDate: str(item['PatientBirthDate']),
  };
}

function readSeries(value: unknown): SeriesRow {
  const item = record(value);
  return {
    SeriesInstanceUID: str(item['SeriesInstanceUID']),
    Modality: str(item['Modality']),
    SeriesNumber: optionalNum(item['SeriesNumber']),
    SeriesDescription: str(item['SeriesDescription']),
    BodyPartExamined: str(item['BodyPartExamined']),
    instanceCount: num(item['instanceCount']),
    sizeBytes: num(item['sizeBytes']),
  };
}

export async function searchStudies(
  query: StudyQuery,
  limit: number,
  offset: number,
  signal?: AbortSignal,
): Promise<{ total: number; items: StudyRow[] }> {
  const answer = record(
    await request('/api/studies', { query: { ...query, limit, offset }, ...(signal ? { signal } : {}) }),
  );
  return { total: num(answer['total']), items: list(answer['items'], readStudy) };
}

/** STUDY_NOT_FOUND. */
export async function getStudy(studyInstanceUid: string, signal?: AbortSignal): Promise<StudyDetail> {
  const answer = record(
    await request(`/api/studies/${encodeURIComponent(studyInstanceUid)}`, signal ? { signal } : {}),
  );
  return {
    study: readStudy(answer['study']),
    series: list(answer['series'], readSeries),
    earlier: list(answer['earlier'], readStudy),
    sameUid: list(answer['sameUid'], readStudy),
    received: answer['received'] === undefined ? undefined : readReceived(answer['received']),
  };
}

export interface Facets {
  modalities: Record<string, number>;
  departments: Record<string, number>;
}

export async function getFacets(signal?: AbortSignal): Promise<Facets> {
  const answer = record(await request('/api/facets', signal ? { signal } : {}));
  return { modalities: counts(answer['modalities']), departments: counts(answer['departments']) };
}

/** Tells the audit log that a list of studies was printed. */
export async function notePrintedList(studyInstanceUids: readonly string[]): Promise<void> {
  if (studyInstanceUids.length === 0) return;
  await request('/api/outputs', { method: 'POST', body: { what: 'print', of: 'list', studyInstanceUids } });
}

/** Address of a small picture of a series, longest side `sizePx`. */
export function seriesThumbnailUrl(studyInstanceUid: string, seriesInstanceUid: string, sizePx = 160): string {
  return `/dicom-web/studies/${encodeURIComponent(studyInstanceUid)}/series/${encodeURIComponent(seriesInstanceUid)}/thumbnail?viewport=${sizePx},${sizePx}`;
}
