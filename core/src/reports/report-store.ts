import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DocumentStore } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import { FilmlessError } from '../errors.ts';
import type { Report, ReportDelivery, ReportDocument, ReportedStudy, Reports, ReportVersion } from './contract.ts';
import { reportVersionSchema } from './schema.ts';

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** Somebody else issues a version of the same report at the same moment: rare, and never so often. */
const MOST_TRIES = 10;
export const VERSION_PREFIX = 'version:';
const RECEIVED_PREFIX = 'received:';
/** There when every report has its way from the time it came. */
const TIMES_LINKED = 'links:received';
/** Names read at once. */
const PAGE = 500;

const fileSchema = z.object({ base64: z.string() });
const pad = (version: number): string => String(version).padStart(6, '0');
const versionId = (reportId: string, version: number): string => `${VERSION_PREFIX}${reportId}:${pad(version)}`;
const linkPrefix = (kind: 'study' | 'accession' | 'patient', value: string): string =>
  `${kind}:${encodeURIComponent(value)}:`;

/** Reports as documents: one for each version, and small ones that lead to them from study, accession number, patient and time. */
export class ReportStore implements Reports {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;

  constructor(documents: DocumentStore, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  async deliver(delivery: ReportDelivery): Promise<{ outcome: 'created' | 'unchanged'; version: ReportVersion }> {
    const subject = trimmed(delivery);
    if (!subject.StudyInstanceUID && !subject.accessionNumber)
      throw new FilmlessError('INVALID_REQUEST', 'a report needs a study or an accession number');
    if (subject.patient.id === '') throw new FilmlessError('INVALID_REQUEST', 'a report needs a patient ID');
    const { source } = delivery;
    const reportId = source.externalId === undefined ? randomUUID() : nameOf(source.system, source.externalId);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const earlier = (await this.get(reportId))?.versions ?? [];
      const latest = earlier.at(-1);
      if (latest && latest.patient.id !== subject.patient.id)
        throw new FilmlessError('INVALID_REQUEST', 'the report belongs to another patient');
      const version = this.#next(reportId, { ...delivery, ...subject }, earlier);
      const same =
        earlier.find((one) => isSameMessage(one, version)) ??
        (latest && isSameContent(latest, version) ? latest : undefined);
      if (same) return { outcome: 'unchanged', version: same };
      // The ways to it first: one that leads nowhere yet does no harm.
      await this.#link(version);
      try {
        await this.#documents.put(versionId(reportId, version.version), version);
        return { outcome: 'created', version };
      } catch (error) {
        if (FilmlessError.from(error).code !== 'CONFLICT') throw error;
      }
    }
    throw new FilmlessError('CONFLICT', 'the report is being changed by others');
  }

  async get(reportId: string): Promise<Report | undefined> {
    const found = await this.#documents.list(`${VERSION_PREFIX}${reportId}:`);
    const versions = found.map((document) => reportVersionSchema.parse(document));
    const latest = versions.at(-1);
    return latest && { id: reportId, status: latest.status, versions };
  }

  async ofStudy({ StudyInstanceUID, AccessionNumber, PatientID }: ReportedStudy): Promise<Report[]> {
    const accession = AccessionNumber.trim();
    const found = await this.#linked([
      linkPrefix('study', StudyInstanceUID),
      ...(accession === '' ? [] : [linkPrefix('accession', accession)]),
    ]);
    return found.filter(({ versions }) => {
      const latest = versions.at(-1);
      return (
        latest?.patient.id === PatientID.trim() &&
        // Reported as another study of the same order: it is that one's.
        (latest.StudyInstanceUID === undefined || latest.StudyInstanceUID === StudyInstanceUID)
      );
    });
  }

  ofAccession(accessionNumber: string): Promise<Report[]> {
    return this.#linked([linkPrefix('accession', accessionNumber.trim())]);
  }

  ofPatient(patientId: string): Promise<Report[]> {
    return this.#linked([linkPrefix('patient', patientId.trim())]);
  }

  /** Reports that were kept before they could be found by time get their way to it; once, and again where it was cut short. */
  async linkEarlier(): Promise<void> {
    if (await this.#documents.get(TIMES_LINKED)) return;
    let after = VERSION_PREFIX;
    for (;;) {
      const page = await this.#documents.list(VERSION_PREFIX, { after, limit: PAGE });
      for (const document of page) await this.#link(reportVersionSchema.parse(document));
      after = page.at(-1)?.id ?? after;
      if (page.length < PAGE) break;
    }
    await ignoreConflict(this.#documents.put(TIMES_LINKED, {}));
  }

  async receivedSince(since: Date, limit: number): Promise<Report[]> {
    const ids = new Set<string>();
    // The moments are part of the names, which are in order.
    let after = RECEIVED_PREFIX + since.toISOString();
    for (;;) {
      const links = await this.#documents.list(RECEIVED_PREFIX, { after, limit: PAGE });
      for (const { id } of links) if (ids.size < limit) ids.add(id.slice(id.lastIndexOf(':') + 1));
      const last = links.at(-1)?.id;
      if (last === undefined || links.length < PAGE || ids.size >= limit) break;
      after = last;
    }
    const found = await Promise.all([...ids].map((id) => this.get(id)));
    // A way leads nowhere when the version it was made for was never kept.
    return found.filter((report) => report !== undefined);
  }

  async putDocument(bytes: Uint8Array): Promise<ReportDocument> {
    if (bytes.length > MAX_DOCUMENT_BYTES)
      throw new FilmlessError('PAYLOAD_TOO_LARGE', `a report's file has ${MAX_DOCUMENT_BYTES} bytes at most`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const id = `file:${sha256}`;
    if (!(await this.#documents.get(id))) {
      await ignoreConflict(this.#documents.put(id, { base64: Buffer.from(bytes).toString('base64') }));
    }
    return { mediaType: 'application/pdf', sha256, sizeBytes: bytes.length };
  }

  async getDocument(sha256: string): Promise<Uint8Array | undefined> {
    const found = await this.#documents.get(`file:${sha256}`);
    return found && Buffer.from(fileSchema.parse(found).base64, 'base64');
  }

  #next(reportId: string, delivery: ReportDelivery, earlier: readonly ReportVersion[]): ReportVersion {
    const at = new Date(this.#clock.now()).toISOString();
    const { status, title = '', text = '', conclusion = '', author = '', reviewer = '', keyImages = [] } = delivery;
    return {
      reportId,
      version: (earlier.at(-1)?.version ?? 0) + 1,
      patient: delivery.patient,
      ...(delivery.StudyInstanceUID ? { StudyInstanceUID: delivery.StudyInstanceUID } : {}),
      ...(delivery.accessionNumber ? { accessionNumber: delivery.accessionNumber } : {}),
      status,
      title,
      text,
      conclusion,
      author,
      reviewer,
      issuedAt: delivery.issuedAt ?? at,
      keyImages,
      ...(delivery.document ? { document: delivery.document } : {}),
      source: delivery.source,
      receivedAt: at,
      event: status === 'draft' ? 'drafted' : earlier.some(({ event }) => event === 'issued') ? 'amended' : 'issued',
    };
  }

  async #link({ reportId, StudyInstanceUID, accessionNumber, patient, receivedAt }: ReportVersion): Promise<void> {
    const prefixes = [
      `${RECEIVED_PREFIX}${receivedAt}:`,
      linkPrefix('patient', patient.id),
      ...(StudyInstanceUID ? [linkPrefix('study', StudyInstanceUID)] : []),
      ...(accessionNumber ? [linkPrefix('accession', accessionNumber)] : []),
    ];
    for (const prefix of prefixes) await ignoreConflict(this.#documents.put(prefix + reportId, {}));
  }

  /** The reports that the links lead to, those issued last first. */
  async #linked(prefixes: readonly string[]): Promise<Report[]> {
    const ids = new Set<string>();
    for (const prefix of prefixes) {
      for (const { id } of await this.#documents.list(prefix)) ids.add(id.slice(prefix.length));
    }
    const reports = await Promise.all([...ids].map((id) => this.get(id)));
    return reports
      .filter((report) => report !== undefined)
      .sort((a, b) => (b.versions.at(-1)?.issuedAt ?? '').localeCompare(a.versions.at(-1)?.issuedAt ?? ''));
  }
}

function trimmed({ patient, StudyInstanceUID, accessionNumber }: ReportDelivery) {
  return {
    patient: { ...patient, id: patient.id.trim() },
    StudyInstanceUID: StudyInstanceUID?.trim() || undefined,
    accessionNumber: accessionNumber?.trim() || undefined,
  };
}

/** The same name in the same system is the same report, on every node. */
function nameOf(system: string, externalId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([system, externalId]))
    .digest('hex')
    .slice(0, 32);
}

function isSameMessage(one: ReportVersion, other: ReportVersion): boolean {
  const { messageId, system } = other.source;
  return messageId !== undefined && one.source.messageId === messageId && one.source.system === system;
}

function isSameContent(one: ReportVersion, other: ReportVersion): boolean {
  const content = ({ version: _1, receivedAt: _2, source: _3, issuedAt: _4, event: _5, ...rest }: ReportVersion) =>
    rest;
  return JSON.stringify(sorted(content(one))) === JSON.stringify(sorted(content(other)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

async function ignoreConflict(putting: Promise<unknown>): Promise<void> {
  try {
    await putting;
  } catch (error) {
    if (FilmlessError.from(error).code !== 'CONFLICT') throw error;
  }
}
