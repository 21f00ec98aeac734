import { z } from 'zod';
import { identifiersOf } from '../clinical/identifiers-of.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, needs, param, parseQuery, uidSchema } from '../http/route-parts.ts';
import type { StudyRow } from '../query/contract.ts';
import type { Report, ReportDelivery, ReportVersion } from '../reports/contract.ts';
import { reportContentShape, reportImageSchema, reportTextsShape } from '../reports/schema.ts';
import { scopeCovers, scopeForReports } from '../security/scope.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const STUDIES = 100;
const name = z.string().trim().min(1).max(256);

const listQuery = z
  .strictObject({ study: uidSchema.optional(), accession: name.optional(), patient: name.optional() })
  .refine((query) => Object.keys(query).length === 1, 'one of study, accession, patient');

const deliveryBody = z.strictObject({
  ...reportContentShape,
  ...z.object(reportTextsShape).partial().shape,
  issuedAt: z.iso.datetime({ offset: true }).optional(),
  keyImages: z.array(reportImageSchema).max(1000).optional(),
  externalId: name.optional(),
  messageId: name.optional(),
});

type Stores = Pick<ApiServices, 'query' | 'reports' | 'patients'>;

/** Finished reports: brought by whoever writes them, read by whoever may open the study. */
export const reportsRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/reports',
    policy: needs('study.read'),
    summary: 'Reports of a study, an accession number or a patient, the newest first',
    async handle(request) {
      const reports = await findReports(services(), parseQuery(request, listQuery), scopeForReports(request));
      return { body: { reports: reports.map(toAnswer) } };
    },
  },
  {
    method: 'POST',
    path: '/api/reports',
    policy: needs('report.deliver'),
    summary: 'Delivers a report, or the next version of one with the same externalId',
    requestSchema: z.toJSONSchema(deliveryBody),
    async handle(request) {
      const { externalId, messageId, ...given } = deliveryBody.parse(await request.json());
      if (!scopeCovers(request.scope, factsOf(given))) throw new FilmlessError('FORBIDDEN', 'another patient');
      if (given.document && !(await services().reports.getDocument(given.document.sha256)))
        throw new FilmlessError('INVALID_REQUEST', 'document: send the file first, to /api/reports/documents');
      const source = without({ via: 'rest' as const, system: identityOf(request).id, externalId, messageId });
      // zod leaves out what was not given, which its types do not say.
      const { outcome, version } = await services().reports.deliver({ ...given, source } as ReportDelivery);
      const body = { id: version.reportId, version: version.version, outcome };
      return { status: outcome === 'created' ? 201 : 200, body };
    },
  },
  {
    method: 'POST',
    path: '/api/reports/documents',
    policy: needs('report.deliver'),
    summary: 'Keeps the PDF file of a report that is delivered next',
    async handle(request) {
      if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/pdf')
        throw new FilmlessError('UNSUPPORTED_MEDIA_TYPE', 'send application/pdf');
      return { status: 201, body: await services().reports.putDocument(await readPdf(request)) };
    },
  },
  {
    method: 'GET',
    path: '/api/reports/:report/versions/:version/document',
    policy: needs('study.read'),
    summary: 'The PDF file of a version of a report',
    async handle(request) {
      const report = await services().reports.get(param(request, 'report'));
      const version = report?.versions.find((one) => String(one.version) === param(request, 'version'));
      const readable = version?.document && (await mayRead(services(), version, scopeForReports(request)));
      const bytes = readable && version.document && (await services().reports.getDocument(version.document.sha256));
      if (!bytes) throw new FilmlessError('NOT_FOUND');
      const headers = { 'content-type': 'application/pdf', 'content-disposition': 'inline; filename="report.pdf"' };
      return { headers, body: bytes, noCompression: true };
    },
  },
];

async function findReports(
  { query, reports, patients }: Stores,
  asked: z.infer<typeof listQuery>,
  scope: HttpRequest['scope'],
): Promise<Report[]> {
  if (asked.study !== undefined) {
    const found = await query.study(asked.study, scope);
    return found ? reportsOfStudy({ reports, patients }, found.study) : [];
  }
  const { patient, accession = '' } = asked;
  const found = patient === undefined ? await reports.ofAccession(accession) : await reports.ofPatient(patient);
  const allowed = await Promise.all(
    found.map(async ({ versions }) => {
      const latest = versions.at(-1);
      return latest !== undefined && (await mayRead({ query, reports, patients }, latest, scope));
    }),
  );
  return found.filter((_, index) => allowed[index]);
}

function factsOf({
  patient,
  StudyInstanceUID,
  accessionNumber,
}: {
  patient: { id: string; issuer?: string | undefined };
  StudyInstanceUID?: string | undefined;
  accessionNumber?: string | undefined;
}) {
  return without({
    PatientID: patient.id,
    IssuerOfPatientID: patient.issuer,
    StudyInstanceUID: StudyInstanceUID ?? '',
    AccessionNumber: accessionNumber ?? '',
  });
}

/** A report is seen by whoever sees its study; before images are there, by whoever would. */
async function mayRead(
  { query, patients }: Stores,
  report: ReportVersion,
  scope: HttpRequest['scope'],
): Promise<boolean> {
  const { patient, StudyInstanceUID, accessionNumber = '' } = report;
  if (scopeCovers(scope, factsOf(report))) return true;
  /** The study of the very patient, who may have been merged into another since. */
  const isOf = async (study: StudyRow) =>
    study.PatientID === patient.id || (await earlierIds(patients, study)).includes(patient.id);
  if (StudyInstanceUID) {
    const found = await query.study(StudyInstanceUID, scope);
    return found !== undefined && (await isOf(found.study));
  }
  const { items } = await query.studies({ accessionNumber, limit: STUDIES, offset: 0, scope });
  const own = await Promise.all(items.map((study) => study.AccessionNumber === accessionNumber && isOf(study)));
  return own.some(Boolean);
}

/** Those delivered under an identity that the patient had before, too. */
async function reportsOfStudy(
  { reports, patients }: Pick<Stores, 'reports' | 'patients'>,
  study: StudyRow,
): Promise<Report[]> {
  const found = new Map<string, Report>();
  for (const PatientID of await earlierIds(patients, study))
    for (const report of await reports.ofStudy({ ...study, PatientID })) found.set(report.id, report);
  const issued = ({ versions }: Report) => versions.at(-1)?.issuedAt ?? '';
  return [...found.values()].sort((a, b) => issued(b).localeCompare(issued(a)));
}

/** His Patient ID, and those of persons that were merged into him. */
async function earlierIds(
  patients: Stores['patients'],
  { PatientID: id, IssuerOfPatientID: issuer }: StudyRow,
): Promise<string[]> {
  if (id === '') return [''];
  return [...new Set((await identifiersOf(patients, { id, issuer })).map((one) => one.id))];
}

function toAnswer({ id, status, versions }: Report): object {
  return {
    id,
    status,
    versions: versions.map(({ document, source, reportId: _, ...version }) => ({
      ...version,
      source: { via: source.via, system: source.system },
      ...(document ? { pdfUrl: `/api/reports/${id}/versions/${version.version}/document` } : {}),
    })),
  };
}

/** Without what is undefined. */
function without<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

async function readPdf(request: HttpRequest): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.stream() as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_DOCUMENT_BYTES)
      throw new FilmlessError('PAYLOAD_TOO_LARGE', `${MAX_DOCUMENT_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (!bytes.subarray(0, 5).equals(Buffer.from('%PDF-'))) throw new FilmlessError('INVALID_REQUEST', 'not a PDF file');
  return bytes;
}
