import type { JsonDataset } from '../dicom/json.ts';
import type { ImageReference } from '../extension/contract.ts';
import { samePatient } from '../session/identity.ts';

/** How far a report is. */
export type ReportStatus = 'draft' | 'reported' | 'reviewed' | 'amended' | 'cancelled';

/** An image that a report refers to, and perhaps the measurement on it. */
export interface ReportImage extends ImageReference {
  /** Tracking UID of the measurement. */
  readonly annotation?: string;
}

/** One version of a report that the server keeps. */
export interface ReportVersion {
  readonly title: string;
  readonly author: string;
  readonly reviewer: string;
  /** ISO 8601. */
  readonly issuedAt: string;
  readonly text: string;
  /** Apart from the text, where the server keeps it apart. */
  readonly conclusion: string;
  readonly keyImages: readonly ReportImage[];
  /** Path on the server. */
  readonly pdfUrl: string | undefined;
}

/** A report as `/api/reports` has it; the newest version comes last. */
export interface ServerReport {
  readonly type: 'server';
  readonly id: string;
  readonly status: ReportStatus;
  readonly versions: readonly ReportVersion[];
}

/** A report that lies in the study as a DICOM object. */
export interface ObjectReport {
  readonly type: 'object';
  readonly id: string;
  readonly kind: 'document' | 'structured' | 'keys';
  readonly title: string;
  readonly date: string;
  readonly time: string;
  readonly dataset: JsonDataset;
}

export type StudyReport = ServerReport | ObjectReport;

const STATUSES: Readonly<Record<string, ReportStatus>> = {
  draft: 'draft',
  reported: 'reported',
  reviewed: 'reviewed',
  amended: 'amended',
  cancelled: 'cancelled',
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * Reads the server's answer; what is no report, or another patient's, is left out.
 * @param study Study Instance UID that was asked for
 * @param patientId whose study it is
 */
export function readServerReports(answer: unknown, study: string, patientId: string): ServerReport[] {
  const reports =
    isRecord(answer) && !('versions' in answer) ? list(answer['reports']) : Array.isArray(answer) ? answer : [answer];
  return reports.flatMap((report): ServerReport[] => {
    if (!isRecord(report)) return [];
    const status = STATUSES[asText(report['status'])];
    const versions = list(report['versions']).flatMap((version) => readVersion(version, study, patientId));
    if (!status || versions.length === 0) return [];
    return [{ type: 'server', id: asText(report['id']), status, versions }];
  });
}

function readVersion(version: unknown, study: string, patientId: string): ReportVersion[] {
  if (!isRecord(version)) return [];
  const { patient, pdfUrl } = version;
  if (isRecord(patient) && !samePatient(asText(patient['id']), patientId)) return [];
  return [
    {
      title: asText(version['title']),
      author: asText(version['author']),
      reviewer: asText(version['reviewer']),
      issuedAt: asText(version['issuedAt']),
      text: asText(version['text']),
      conclusion: asText(version['conclusion']),
      keyImages: list(version['keyImages']).flatMap((image) => readImage(image, study)),
      // A path of the server itself: the token goes nowhere else.
      pdfUrl: typeof pdfUrl === 'string' && /^\/(?!\/)/.test(pdfUrl) ? pdfUrl : undefined,
    },
  ];
}

function readImage(image: unknown, study: string): ReportImage[] {
  if (!isRecord(image)) return [];
  const [series, instance] = [asText(image['series']), asText(image['instance'])];
  if (series === '' || instance === '') return [];
  const { frame, window, annotation } = image;
  const center = isRecord(window) ? window['center'] : undefined;
  const width = isRecord(window) ? window['width'] : undefined;
  return [
    {
      study: asText(image['study']) || study,
      series,
      instance,
      ...(typeof frame === 'number' && Number.isInteger(frame) && frame > 0 ? { frame } : {}),
      ...(typeof center === 'number' && typeof width === 'number' && width > 0 ? { window: { center, width } } : {}),
      ...(typeof annotation === 'string' && annotation !== '' ? { annotation } : {}),
    },
  ];
}
