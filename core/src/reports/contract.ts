/** An image a report refers to. @dicom PS3.3 C.17.2.1 */
export interface ReportImage {
  study: string;
  series: string;
  instance: string;
  /** From 1. */
  frame?: number;
  window?: { center: number; width: number };
  /** Tracking UID of the measurement that is meant. */
  annotation?: string;
}

/** `reported`: written; `reviewed`: signed by a second person; `amended`: changed after it was issued; `cancelled`: withdrawn. */
export type ReportStatus = 'draft' | 'reported' | 'reviewed' | 'amended' | 'cancelled';

/** A file that is, or goes with, the report. */
export interface ReportDocument {
  mediaType: 'application/pdf';
  sha256: string;
  sizeBytes: number;
}

/** Whose report, and of what. A report may come before its images: then the accession number joins them. */
export interface ReportSubject {
  patient: { id: string; issuer?: string; name?: string };
  StudyInstanceUID?: string;
  accessionNumber?: string;
}

/** One version, as it was issued: never changed afterwards. */
export interface ReportVersion extends ReportSubject {
  reportId: string;
  /** From 1. */
  version: number;
  status: ReportStatus;
  title: string;
  text: string;
  conclusion: string;
  author: string;
  reviewer: string;
  /** ISO 8601. */
  issuedAt: string;
  keyImages: ReportImage[];
  document?: ReportDocument;
  /** Who delivered it, and how. `system` with `externalId` names the report there. */
  source: { via: 'rest' | 'hl7' | 'dicom' | 'user'; system: string; externalId?: string; messageId?: string };
  receivedAt: string;
  /** What is told of it: `issued` the first that is no draft, `amended` those after it. */
  event: 'drafted' | 'issued' | 'amended';
}

/** A report and all its versions, the newest last. */
export interface Report {
  id: string;
  status: ReportStatus;
  versions: ReportVersion[];
}

/** What somebody delivers. */
export interface ReportDelivery extends ReportSubject {
  status: ReportStatus;
  title?: string;
  text?: string;
  conclusion?: string;
  author?: string;
  reviewer?: string;
  issuedAt?: string;
  keyImages?: ReportImage[];
  /** The file was put by `putDocument`. */
  document?: ReportDocument;
  source: ReportVersion['source'];
}

/** A study as reports are joined with it. */
export interface ReportedStudy {
  StudyInstanceUID: string;
  PatientID: string;
  AccessionNumber: string;
}

/**
 * The reports of this node, whoever wrote them. Every version is a document of its own and stays; `report.issued` and `report.amended` are told of
 * each from a durable feed, at least once.
 */
export interface Reports {
  /**
   * Durable when resolved. The same report of the same system again is its next version; the same message, or the same content, changes nothing.
   * INVALID_REQUEST when it names neither study nor accession number, or another patient than its earlier versions.
   */
  deliver(delivery: ReportDelivery): Promise<{ outcome: 'created' | 'unchanged'; version: ReportVersion }>;
  get(reportId: string): Promise<Report | undefined>;
  /** Those of the study's own patient alone: an accession number or UID used twice brings no other patient's report. */
  ofStudy(study: ReportedStudy): Promise<Report[]>;
  /** Those that were delivered under it, whether or not images came. */
  ofAccession(accessionNumber: string): Promise<Report[]>;
  ofPatient(patientId: string): Promise<Report[]>;
  /** Those of which a version came at or after a moment, the first of them first; at most `limit`. */
  receivedSince(since: Date, limit: number): Promise<Report[]>;
  /** Keeps a file for a report delivered next. PAYLOAD_TOO_LARGE. */
  putDocument(bytes: Uint8Array): Promise<ReportDocument>;
  getDocument(sha256: string): Promise<Uint8Array | undefined>;
}
