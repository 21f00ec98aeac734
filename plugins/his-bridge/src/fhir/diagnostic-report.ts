import {
  type AccessScope,
  type HttpReply,
  type HttpRequest,
  type PatientIdentifier,
  type Report,
  type ReportVersion,
  type StudyRow,
  scopeCovers,
  scopeForReports,
} from '@filmless/core/plugin';
import type { Attachment, Bundle, DiagnosticReport, Identifier } from '@medplum/fhirtypes';
import { coversPerson, ofPerson, shutsOut, within } from './access.ts';
import { accessionIdentifier, baseOf, type Fhir } from './context.ts';
import { fhirDateTime, fhirInstant, matchesDate } from './dates.ts';
import { isFhirId } from './ids.ts';
import { uidOf } from './imaging-study.ts';
import { narrative } from './narrative.ts';
import { notFound } from './outcome.ts';
import { isAmong, PATIENT_CRITERIA, patientCriteria } from './patient-criterion.ts';
import { People } from './people.ts';
import { reportsOfScope } from './reports-of-scope.ts';
import { MOST_CANDIDATES, matchesToken, pageOf, referencedId, Search, searchset, token, tooCostly } from './search.ts';
import { readableOrder } from './service-request.ts';

export const REPORT_PARAMETERS = [
  '_id',
  '_lastUpdated',
  'identifier',
  'imagingStudy',
  'imaging-study',
  'study',
  'based-on',
  'status',
  'issued',
  ...PATIENT_CRITERIA,
] as const;

/** A file up to this size comes with the resource; a larger one is fetched by its address. */
const INLINE_BYTES = 512 * 1024;
const MAX_STUDIES = 20;

/** A report with what it belongs to, as the one who asks sees it. */
interface Seen {
  report: Report;
  patient: PatientIdentifier;
  studies: StudyRow[];
}

export async function readReport(
  fhir: Fhir,
  request: HttpRequest,
  id: string,
  versionId?: string,
): Promise<{ resource: DiagnosticReport; told: HttpReply['audit'] }> {
  const report = isFhirId(id) ? await fhir.services.reports.get(id) : undefined;
  const people = new People(fhir, request.scope);
  const seen = report && (await see(fhir, people, scopeForReports(request), report));
  const version = seen?.report.versions.find((one) => versionId === undefined || String(one.version) === versionId);
  const wanted = versionId === undefined ? seen?.report.versions.at(-1) : version;
  if (!seen || !wanted) throw notFound();
  const resource = await toReport(fhir, people, request, seen, wanted, true);
  const [study] = seen.studies;
  const told = {
    action: 'open',
    patientId: seen.patient.id,
    ...(study ? { studyInstanceUid: study.StudyInstanceUID } : {}),
  } as const;
  return { resource, told };
}

export async function searchReports(fhir: Fhir, request: HttpRequest): Promise<Bundle> {
  const search = await Search.of(request, REPORT_PARAMETERS);
  const base = baseOf(request);
  const people = new People(fhir, request.scope);
  const patients = await patientCriteria(fhir, people, search, base);
  const found: { resource: DiagnosticReport; seen: Seen; version: ReportVersion }[] = [];
  for (const report of await candidates(fhir, request, search, patients, people)) {
    const seen = await see(fhir, people, scopeForReports(request), report);
    const version = report.versions.at(-1);
    if (!seen || !version || !patients.every((list) => isAmong(list, seen.patient))) continue;
    const resource = await toReport(fhir, people, request, seen, version, false);
    if (matches(fhir, resource, search)) found.push({ resource, seen, version });
  }
  const resources = pageOf(found, search).map(({ resource }) => resource);
  return searchset(base, 'DiagnosticReport', search, { total: found.length, resources });
}

/** Reports are found by what they belong to; what was given besides sorts them out. */
async function candidates(
  fhir: Fhir,
  request: HttpRequest,
  search: Search,
  [patients]: readonly PatientIdentifier[][],
  people: People,
): Promise<Report[]> {
  const { reports, query, orders } = fhir.services;
  const base = baseOf(request);
  const sets: Report[][] = [];
  if (patients)
    sets.push(
      (await Promise.all([...new Set(patients.map(({ id }) => id))].map((id) => reports.ofPatient(id)))).flat(),
    );
  for (const values of search.all('_id'))
    sets.push(
      (await Promise.all(values.map((id) => (isFhirId(id) ? reports.get(id) : undefined)))).flatMap((one) => one ?? []),
    );
  for (const values of search.all('identifier')) {
    const numbers = values
      .map(token)
      .filter(({ system }) => system === undefined || system === fhir.config.accessionSystem);
    sets.push((await Promise.all(numbers.map(({ value }) => (value === '' ? [] : reports.ofAccession(value))))).flat());
  }
  for (const values of ['imagingStudy', 'imaging-study', 'study'].flatMap((name) => search.all(name))) {
    const found = values.map(async (text) => {
      const uid = uidOf(text.startsWith('urn:oid:') ? text : (referencedId(text, 'ImagingStudy', base) ?? ''));
      const study = uid === '' ? undefined : await query.study(uid, request.scope);
      return study
        ? (
            await Promise.all([study.study, ...(study.sameUid ?? [])].map((row) => ofStudy(people, reports, row)))
          ).flat()
        : [];
    });
    sets.push((await Promise.all(found)).flat());
  }
  for (const values of search.all('based-on')) {
    const found = values.map(async (text) => {
      const pair = await fhir.ids.decode(referencedId(text, 'ServiceRequest', base) ?? '');
      const order = pair && (await orders.get(...pair));
      return order && order.accessionNumber !== '' ? reports.ofAccession(order.accessionNumber) : [];
    });
    sets.push((await Promise.all(found)).flat());
  }
  const own = sets.length === 0 ? await reportsOfScope(fhir, people, scopeForReports(request)) : undefined;
  if (own) sets.push(own);
  const since = sets.length === 0 ? earliest(search) : undefined;
  if (since !== undefined) {
    const found = await reports.receivedSince(new Date(since), MOST_CANDIDATES + 1);
    if (found.length > MOST_CANDIDATES)
      throw tooCostly('more reports than one search goes through: name a later _lastUpdated');
    sets.push(found);
  }
  const [first, ...others] = sets;
  if (!first)
    throw tooCostly(
      'name a patient, an imaging study, an accession number, an order, an _id, or _lastUpdated from a moment on',
    );
  const byId = new Map(first.map((report) => [report.id, report]));
  const rest = others.map((set) => new Set(set.map(({ id }) => id)));
  return [...byId.values()]
    .filter(({ id }) => rest.every((set) => set.has(id)))
    .sort(
      (a, b) =>
        (b.versions.at(-1)?.issuedAt ?? '').localeCompare(a.versions.at(-1)?.issuedAt ?? '') || (a.id < b.id ? -1 : 1),
    );
}

/** The moment before which nothing fits `_lastUpdated`, where it says one. */
function earliest(search: Search): number | undefined {
  const starts = search.dates('_lastUpdated').flatMap((any) => {
    if (!any.every(({ prefix }) => ['eq', 'ge', 'gt', 'sa'].includes(prefix))) return [];
    return [Math.min(...any.map(({ from }) => from))];
  });
  return starts.length === 0 ? undefined : Math.max(...starts);
}

/** Under whichever identity the patient of the study had. */
async function ofStudy(people: People, reports: Fhir['services']['reports'], row: StudyRow): Promise<Report[]> {
  const identifiers = await people.identifiersOf({ id: row.PatientID, issuer: row.IssuerOfPatientID });
  const ids = [...new Set(identifiers.map(({ id }) => id))];
  return (await Promise.all(ids.map((PatientID) => reports.ofStudy({ ...row, PatientID })))).flat();
}

/** A report is seen by whoever sees its study; before images are there, by whoever would. */
async function see(fhir: Fhir, people: People, scope: AccessScope, report: Report): Promise<Seen | undefined> {
  const latest = report.versions.at(-1);
  if (!latest) return undefined;
  const patient = await patientOf(fhir, people, latest);
  const identifiers = await people.identifiersOf(patient);
  if (shutsOut(scope, identifiers)) return undefined;
  const own = within(scope, ofPerson(identifiers));
  const studies = await studiesOf(fhir, latest, own);
  const { StudyInstanceUID = '', accessionNumber: AccessionNumber = '' } = latest;
  const facts = { PatientID: patient.id, IssuerOfPatientID: patient.issuer, StudyInstanceUID, AccessionNumber };
  const allowed = studies.length > 0 || coversPerson(scope, identifiers) || scopeCovers(scope, facts);
  return allowed ? { report, patient, studies } : undefined;
}

async function studiesOf(
  { services: { query } }: Fhir,
  latest: ReportVersion,
  scope: AccessScope,
): Promise<StudyRow[]> {
  const { StudyInstanceUID, accessionNumber } = latest;
  const wanted: AccessScope | undefined = StudyInstanceUID
    ? { kind: 'studies', studyInstanceUids: [StudyInstanceUID] }
    : accessionNumber
      ? { kind: 'accession', accessionNumber }
      : undefined;
  return wanted ? (await query.studies({ limit: MAX_STUDIES, offset: 0, scope: within(scope, wanted) })).items : [];
}

/** Many who deliver reports name no issuer: their study, or their order, tells whose ID it is. Never a guess between two. */
async function patientOf(fhir: Fhir, people: People, latest: ReportVersion): Promise<PatientIdentifier> {
  const { patient, accessionNumber } = latest;
  if (patient.issuer !== undefined) return { id: patient.id, issuer: patient.issuer };
  // Asked without the limits of the caller: it decides whose the report is, not who sees it.
  const rows = await studiesOf(fhir, latest, { kind: 'all' });
  const holders = await Promise.all(
    rows.map((row) => people.identifiersOf({ id: row.PatientID, issuer: row.IssuerOfPatientID })),
  );
  const issuers = new Set(holders.flat().flatMap(({ id, issuer }) => (id === patient.id ? [issuer] : [])));
  const [issuer] = issuers;
  if (issuer !== undefined && issuers.size === 1) return { id: patient.id, issuer };
  const order = accessionNumber ? await fhir.services.orders.byAccession(accessionNumber) : undefined;
  return order?.patient.id === patient.id ? order.patient : { id: patient.id, issuer: '' };
}

function statusOf({ status, event }: ReportVersion, withdrawn: boolean): DiagnosticReport['status'] {
  switch (status) {
    case 'draft':
      return 'partial';
    case 'reported':
      return 'preliminary';
    case 'reviewed':
      return 'final';
    case 'amended':
      return 'amended';
    case 'cancelled':
      return withdrawn || event === 'amended' ? 'entered-in-error' : 'cancelled';
  }
}

async function toReport(
  fhir: Fhir,
  people: People,
  request: HttpRequest,
  { report, patient, studies }: Seen,
  version: ReportVersion,
  withFile: boolean,
): Promise<DiagnosticReport> {
  const [study] = studies;
  const accessionNumber = version.accessionNumber ?? study?.AccessionNumber ?? '';
  const order = accessionNumber === '' ? undefined : await readableOrder(fhir, people, request.scope, accessionNumber);
  const basedOn =
    order && order.patient.id === patient.id ? await fhir.ids.encode([order.system, order.placerNumber]) : undefined;
  const effective = study && fhirDateTime(study.StudyDate, study.StudyTime);
  const [issued, lastUpdated] = [fhirInstant(version.issuedAt), fhirInstant(version.receivedAt)];
  const { externalId, system } = version.source;
  const identifier: Identifier[] = [
    ...(accessionNumber === '' ? [] : [accessionIdentifier(fhir, accessionNumber)]),
    ...(externalId ? [{ system: `urn:filmless:report:${encodeURIComponent(system)}`, value: externalId }] : []),
  ];
  const interpreters = [...new Set([version.author, version.reviewer])].filter((name) => name.trim() !== '');
  const text = narrative(version.title, version.text, version.conclusion);
  const named = studies.filter(({ StudyInstanceUID }) => isFhirId(StudyInstanceUID));
  return {
    resourceType: 'DiagnosticReport',
    id: report.id,
    meta: { versionId: String(version.version), ...(lastUpdated ? { lastUpdated } : {}) },
    ...(text ? { text } : {}),
    ...(identifier.length > 0 ? { identifier } : {}),
    ...(basedOn ? { basedOn: [{ reference: `ServiceRequest/${basedOn}` }] } : {}),
    status: statusOf(
      version,
      report.versions.some(({ event }) => event === 'issued'),
    ),
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD' }] }],
    code: {
      coding: [{ system: 'http://loinc.org', code: '18748-4', display: 'Diagnostic imaging study' }],
      ...(version.title.trim() === '' ? {} : { text: version.title }),
    },
    subject: await people.reference(patient, version.patient.name),
    ...(effective ? { effectiveDateTime: effective } : {}),
    ...(issued ? { issued } : {}),
    ...(interpreters.length > 0 ? { resultsInterpreter: interpreters.map((display) => ({ display })) } : {}),
    ...(named.length > 0
      ? { imagingStudy: named.map(({ StudyInstanceUID }) => ({ reference: `ImagingStudy/${StudyInstanceUID}` })) }
      : {}),
    ...(version.conclusion.trim() === '' ? {} : { conclusion: version.conclusion }),
    ...(version.document ? { presentedForm: [await attachment(fhir, request, report.id, version, withFile)] } : {}),
  };
}

async function attachment(
  { services: { reports } }: Fhir,
  { origin }: HttpRequest,
  id: string,
  { version, document, title, issuedAt }: ReportVersion,
  withFile: boolean,
): Promise<Attachment> {
  const sizeBytes = document?.sizeBytes ?? 0;
  const bytes =
    withFile && document && sizeBytes <= INLINE_BYTES ? await reports.getDocument(document.sha256) : undefined;
  const creation = fhirInstant(issuedAt);
  return {
    contentType: document?.mediaType ?? 'application/pdf',
    url: `${origin}/api/reports/${id}/versions/${version}/document`,
    size: sizeBytes,
    ...(title.trim() === '' ? {} : { title }),
    ...(creation ? { creation } : {}),
    ...(bytes ? { data: Buffer.from(bytes).toString('base64') } : {}),
  };
}

function matches({ config }: Fhir, resource: DiagnosticReport, search: Search): boolean {
  const some = (name: string, fits: (text: string) => boolean) => search.all(name).every((values) => values.some(fits));
  const accession = (resource.identifier ?? []).filter(({ system }) => system === config.accessionSystem);
  return (
    some('status', (text) => token(text).value === resource.status) &&
    some('identifier', (text) => accession.some((one) => matchesToken(token(text), one))) &&
    search.dates('issued').every((any) => any.some((one) => matchesDate(resource.issued, one))) &&
    search.dates('_lastUpdated').every((any) => any.some((one) => matchesDate(resource.meta?.lastUpdated, one)))
  );
}
