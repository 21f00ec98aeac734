import type { InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson, DicomJsonElement } from '../dicom/types.ts';
import type { AccessScope } from '../security/contract.ts';
import type { Statements } from './statements.ts';

export type QueryLevel = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

export interface QueryRequest {
  level: QueryLevel;
  /**
   * Matching keys as DICOM JSON elements, keyed by tag. An element without Value (or with an empty one) is universal matching: it asks
   * for the attribute back. Wildcards `*` `?`, ranges `a-b`, UID lists (several Values or `\`-separated) as in PS3.4 C.2.2.2.
   * Keys of upper levels are allowed at any level (relational).
   */
  keys: Record<string, DicomJsonElement>;
  /** Attributes to return besides the required ones of the level; 'all' = whatever is known at the level. */
  include: 'all' | string[];
  /** Fuzzy semantic matching of PN: also pinyin, pinyin initials, any order of words. @dicom PS3.18 8.3.4.2 */
  fuzzyMatching?: boolean;
  /**
   * A date and a time key are matched as one moment (default). `false` for a C-FIND without extended negotiation of it, which matches
   * them apart. @dicom PS3.4 C.2.2.2.5.4
   */
  combinedDateTime?: boolean;
  limit: number;
  offset: number;
  /** Rows outside are neither found nor counted. */
  scope: AccessScope;
}

/** Search of the staff's study list: one free text and some filters. */
export interface StudyListRequest {
  /** Name (any component, characters anywhere), pinyin or initials, patient ID, accession number, study ID: prefix or whole. */
  text?: string;
  patientName?: string;
  patientId?: string;
  accessionNumber?: string;
  /** DA, or DA range `20260101-20260131`. */
  studyDate?: string;
  modalities?: string[];
  departments?: string[];
  orderBy?: 'StudyDate' | '-StudyDate' | 'PatientName' | '-PatientName' | 'receivedAt' | '-receivedAt';
  limit: number;
  offset: number;
  scope: AccessScope;
}

export interface StudyRow {
  StudyInstanceUID: string;
  PatientName: string;
  PatientNameIdeographic: string;
  PatientID: string;
  IssuerOfPatientID: string;
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
  /** ISO, when the newest instance came. */
  receivedAt: string;
}

export interface SeriesRow {
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  Modality: string;
  SeriesNumber: number | null;
  SeriesDescription: string;
  BodyPartExamined: string;
  SeriesDate: string;
  SeriesTime: string;
  instanceCount: number;
  sizeBytes: number;
}

/** Enough to deliver an instance without asking the catalogue. */
export interface InstanceLocator {
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  SOPInstanceUID: string;
  SOPClassUID: string;
  transferSyntaxUID: string;
  sha256: string;
  sizeBytes: number;
  datasetOffsetBytes: number;
  InstanceNumber: number | null;
  NumberOfFrames: number;
}

export interface InstanceSelector {
  PatientID?: string;
  StudyInstanceUID?: string | string[];
  SeriesInstanceUID?: string | string[];
  SOPInstanceUID?: string | string[];
  scope: AccessScope;
}

/**
 * A view of the catalogue: may be thrown away and rebuilt. All reads wait until everything committed before the call is projected
 * (read-your-writes). Implementations pass `queryIndexContract` of core/testing.
 */
export interface QueryIndex {
  /** Matches as DICOM JSON, with the required and the included attributes; stable order for paging. QUERY_INVALID_KEY, QUERY_LEVEL_INVALID. */
  search(request: QueryRequest): Promise<DicomJson[]>;
  count(request: QueryRequest): Promise<number>;
  studies(request: StudyListRequest): Promise<{ total: number; items: StudyRow[] }>;
  study(
    StudyInstanceUID: string,
    scope: AccessScope,
  ): Promise<
    | {
        study: StudyRow;
        series: SeriesRow[];
        /** The patient's studies before this one, newest first; none without a Patient ID. */
        earlier: StudyRow[];
        /** Present when the same Study Instance UID came under other Patient IDs: a fault of a device, and other people's images. */
        sameUid?: StudyRow[];
      }
    | undefined
  >;
  /** Ordered by series number, then instance number, then UID. */
  instances(selector: InstanceSelector): Promise<InstanceLocator[]>;
  /** `modalities`, `departments` with how many studies each. */
  facets(scope: AccessScope): Promise<{ modalities: Record<string, number>; departments: Record<string, number> }>;
  totals(): Promise<{ patients: number; studies: number; series: number; instances: number; bytes: number }>;
  /** Instances in the view now, without waiting for what is on its way. */
  projected(): number;
  /** The seq the view stands at, '' at the start. */
  position(): string;
  /** Applies changes in one transaction and moves the position. Applying twice changes nothing. */
  apply(
    changes: readonly { seq: string; record?: InstanceRecord; deletedSOPInstanceUID?: string }[],
    lastSeq: string,
  ): void;
  /** Of a view in SQLite with a table `study`: core's other views lie beside it and join it. @internal */
  readonly statements?: Statements;
  /** Told who feeds the view: reads wait for its `settled`, and `clear` wakes it. */
  follow?(projector: { settled(): Promise<void>; wake(): void }): void;
  /** Empties the view; the projector fills it again from the catalogue. */
  clear(): void;
  /** Resolves when all that was committed before the call is in the view. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
