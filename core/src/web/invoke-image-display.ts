import { z } from 'zod';
import { numbersOfOrder } from '../clinical/numbers-of-order.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpReply, HttpRequest, HttpRoute } from '../http/contract.ts';
import type { PluginContext } from '../plugins/contract.ts';
import type { StudyRow } from '../query/contract.ts';
import type { AccessScope, Identity } from '../security/contract.ts';
import { embedRequestSchema } from '../security/embed-tokens.ts';
import type { Launches } from '../security/launches.ts';
import { failedPage } from './pages.ts';

const MOST_STUDIES = 500;
/** Shortened to the longest this node gives. */
const LONGEST_S = 24 * 3600;
const text = z.string().trim().min(1).max(256);
const list = text.transform((value) => value.split(',').map((one) => one.trim()).filter(Boolean)); // biome-ignore format: one step a line says less
const uids = text
  .transform((value) => value.split(','))
  .pipe(z.array(z.string().trim().regex(/^[0-9.]{1,64}$/, 'a UID')).min(1).max(64)); // biome-ignore format: as above
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
/** `2026-01-02T10:11:12+08:00`, or its date alone. */
const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T.*)?$/, 'a date 2026-01-31')
  .transform((value) => value.slice(0, 10).replaceAll('-', ''));

/**
 * The request's parameters; others are ignored, as the profile has it. `modality` is our short form of `modalitiesInStudy`.
 * IHE RAD TF-2 4.106.4.1.2
 */
const parameters = z
  .object({
    requestType: z.enum(['PATIENT', 'STUDY']),
    patientID: text.optional(),
    studyUID: uids.optional(),
    accessionNumber: list.optional(),
    modalitiesInStudy: list.optional(),
    modality: list.optional(),
    mostRecentResults: flag.optional(),
    lowerDateTime: moment.optional(),
    upperDateTime: moment.optional(),
  })
  .superRefine((given, context) => {
    const missing = (names: string, ...path: string[]) =>
      context.addIssue({ code: 'custom', path, message: `needs ${names}` });
    if (given.requestType === 'PATIENT' && !given.patientID) missing('patientID', 'patientID');
    if (given.requestType === 'STUDY' && !given.studyUID && !given.accessionNumber)
      missing('studyUID or accessionNumber', 'studyUID');
  });
type Parameters = z.infer<typeof parameters>;

type Parts = Pick<PluginContext, 'query' | 'security' | 'orders' | 'patients' | 'audit'>;

/** As whom it is opened; `code` when another system launches it, and the page has to exchange that for its token. */
interface Opened {
  readonly identity: Identity;
  readonly scope: AccessScope;
  readonly code?: string;
}

/**
 * Invoke Image Display: another system's link opens a study, or a patient's exams. It carries a code that the system asked for
 * (`launch`), or the system's signature (`keyID`, `user`, `expires`, `nonce`, `signature`); else whoever is not signed in signs in and comes
 * back. Without an identity nothing is looked up. IHE RAD TF-2 4.106
 */
export function invokeImageDisplayRoute(parts: () => Parts, launches: () => Launches): HttpRoute {
  return {
    method: 'GET',
    path: '/IHEInvokeImageDisplay',
    policy: { access: 'public', why: 'sends whoever is not signed in to sign-in, and looks up nothing for him' },
    summary: "IHE Invoke Image Display: leads to the viewer on a study or on a patient's exams",
    async handle(request) {
      const { query, security } = parts();
      const opened = await openedBy(request, parts(), launches());
      if (!opened) return redirect(`/sign-in?return=${encodeURIComponent(`${request.path}?${request.query}`)}`);
      const { identity, scope, code } = opened;
      security.require(identity, 'study.search');
      security.require(identity, 'study.read');
      const given = readParameters(request);
      const studies =
        given.requestType === 'STUDY'
          ? await namedStudies(query, given, scope)
          : await studiesOfPatient(query, given, scope);
      const [first] = studies;
      if (!first) throw new FilmlessError('STUDY_NOT_FOUND', 'nothing that the request names');
      // One patient alone is shown: an accession number, or a UID, that two patients share is for a person to sort out.
      if (studies.some((study) => !samePatient(study, first)))
        throw new FilmlessError('INVALID_REQUEST', 'the request names studies of several patients');
      const target = new URLSearchParams({ patient: first.PatientID });
      if (given.requestType === 'STUDY' || given.mostRecentResults || isFiltered(given))
        target.set('study', first.StudyInstanceUID);
      if (code !== undefined) target.set('launch', code);
      return redirect(`/viewer?${target}`);
    },
    failure: failedPage,
  };
}

/** A launch counts before a session: it says for whom the other system asks. @throws TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED */
async function openedBy(request: HttpRequest, parts: Parts, launches: Launches): Promise<Opened | undefined> {
  const { security, audit } = parts;
  try {
    const code =
      request.query.get('launch') ?? (request.query.has('signature') ? await signed(request, parts, launches) : null);
    if (code === null) return request.identity && { identity: request.identity, scope: request.scope };
    const identity = await launches.identityOf(code);
    return { identity, scope: security.scopeOf(identity), code };
  } catch (error) {
    audit.record({
      action: 'sign-in',
      outcome: 'refused',
      actor: { kind: 'unknown', id: '' },
      address: request.address ?? '',
      detail: `launch: ${FilmlessError.from(error).code}`,
    });
    throw error;
  }
}

/** The code of a launch for what a signed address names. */
async function signed(request: HttpRequest, { orders, patients, audit }: Parts, launches: Launches): Promise<string> {
  const service = await launches.openSigned(request.query);
  const { patientID, studyUID = [], accessionNumber = [] } = readParameters(request);
  const { patientId, issuer } = patientOf(patientID);
  const [studyInstanceUid] = studyUID;
  const [accession] = accessionNumber;
  if (studyUID.length + accessionNumber.length > 1)
    throw new FilmlessError('INVALID_REQUEST', 'a signed address names one study or one order');
  const target =
    studyInstanceUid !== undefined
      ? { studyInstanceUid }
      : accession !== undefined
        ? { accessionNumber: accession }
        : { patientId, ...(issuer === undefined ? {} : { issuerOfPatientId: issuer }) };
  const asked = embedRequestSchema.parse({ user: request.query.get('user') ?? '', ttlSeconds: LONGEST_S, ...target });
  const numbers = accession === undefined ? undefined : await numbersOfOrder({ orders, patients }, accession);
  await audit.recordDurably({
    action: 'token',
    outcome: 'success',
    actor: { kind: service.kind, id: service.id },
    address: request.address ?? '',
    ...(patientId === undefined ? {} : { patientId }),
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    detail: `signed launch for ${asked.user}`,
  });
  return launches.create(service.id, asked, numbers).code;
}

function readParameters(request: HttpRequest): Parameters {
  const single = Object.fromEntries(request.query);
  const twice = [...new Set(request.query.keys())].find((name) => request.query.getAll(name).length > 1);
  if (twice !== undefined) throw new FilmlessError('INVALID_REQUEST', `${twice} is given twice`);
  const empty = Object.entries(single).filter(([, value]) => value !== '');
  const read = parameters.safeParse(Object.fromEntries(empty));
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new FilmlessError('INVALID_REQUEST', problems.join('; '));
}

/** With both given, a study has to have both: a link that contradicts itself opens nothing. */
async function namedStudies(query: Parts['query'], given: Parameters, scope: AccessScope): Promise<StudyRow[]> {
  const found: StudyRow[] = [];
  for (const uid of given.studyUID ?? []) {
    const answer = await query.study(uid, scope);
    if (answer) found.push(answer.study, ...(answer.sameUid ?? []));
  }
  if (given.studyUID === undefined) {
    for (const accessionNumber of given.accessionNumber ?? []) {
      const { items } = await query.studies({ accessionNumber, limit: MOST_STUDIES, offset: 0, scope });
      found.push(...items);
    }
  }
  return found.filter((study) => fits(study, given)).sort(newestFirst);
}

async function studiesOfPatient(query: Parts['query'], given: Parameters, scope: AccessScope): Promise<StudyRow[]> {
  const { patientId } = patientOf(given.patientID);
  const { items } = await query.studies({ patientId, orderBy: '-StudyDate', limit: MOST_STUDIES, offset: 0, scope });
  return items.filter((study) => fits(study, given)).sort(newestFirst);
}

function fits(study: StudyRow, given: Parameters): boolean {
  const { patientId, issuer } = patientOf(given.patientID);
  const modalities = [...(given.modalitiesInStudy ?? []), ...(given.modality ?? [])];
  return (
    (patientId === undefined || study.PatientID.trim() === patientId) &&
    (issuer === undefined || study.IssuerOfPatientID === '' || study.IssuerOfPatientID.trim() === issuer) &&
    (given.accessionNumber === undefined || given.accessionNumber.includes(study.AccessionNumber)) &&
    (modalities.length === 0 || study.modalities.some((modality) => modalities.includes(modality))) &&
    (given.lowerDateTime === undefined || study.StudyDate >= given.lowerDateTime) &&
    (given.upperDateTime === undefined || (study.StudyDate !== '' && study.StudyDate <= given.upperDateTime))
  );
}

/** HL7's CX: `0002148367^^^HIS`. */
function patientOf(patientID: string | undefined): { patientId?: string; issuer?: string } {
  if (patientID === undefined) return {};
  const [patientId = '', , , authority = ''] = patientID.split('^');
  const issuer = authority.split('&')[0]?.trim() ?? '';
  return { patientId: patientId.trim(), ...(issuer === '' ? {} : { issuer }) };
}

const samePatient = (a: StudyRow, b: StudyRow): boolean =>
  a.PatientID.trim() === b.PatientID.trim() &&
  (a.IssuerOfPatientID === '' || b.IssuerOfPatientID === '' || a.IssuerOfPatientID === b.IssuerOfPatientID);

const isFiltered = ({ modalitiesInStudy, modality, lowerDateTime, upperDateTime }: Parameters): boolean =>
  [modalitiesInStudy, modality, lowerDateTime, upperDateTime].some((one) => one !== undefined);

const newestFirst = (a: StudyRow, b: StudyRow): number =>
  b.StudyDate.localeCompare(a.StudyDate) || b.StudyTime.localeCompare(a.StudyTime);

const redirect = (location: string): HttpReply => ({
  status: 302,
  headers: { Location: location, 'Cache-Control': 'no-store' },
  body: null,
});
