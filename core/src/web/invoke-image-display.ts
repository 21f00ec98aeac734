import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { HttpReply, HttpRequest, HttpRoute } from '../http/contract.ts';
import type { QueryIndex, StudyRow } from '../query/contract.ts';
import type { Security } from '../security/contract.ts';

const MOST_STUDIES = 500;
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

interface Parts {
  readonly query: Pick<QueryIndex, 'study' | 'studies'>;
  readonly security: Pick<Security, 'require'>;
}

/**
 * Invoke Image Display: another system's link opens a study, or a patient's exams. Whoever is not signed in signs in and comes back;
 * without an identity nothing is looked up. IHE RAD TF-2 4.106
 */
export function invokeImageDisplayRoute(parts: () => Parts): HttpRoute {
  return {
    method: 'GET',
    path: '/IHEInvokeImageDisplay',
    policy: { access: 'public', why: 'sends whoever is not signed in to sign-in, and looks up nothing for him' },
    summary: "IHE Invoke Image Display: leads to the viewer on a study or on a patient's exams",
    async handle(request) {
      const { identity } = request;
      if (!identity) return redirect(`/sign-in?return=${encodeURIComponent(`${request.path}?${request.query}`)}`);
      const { query, security } = parts();
      security.require(identity, 'study.search');
      security.require(identity, 'study.read');
      const given = readParameters(request);
      const studies =
        given.requestType === 'STUDY'
          ? await namedStudies(query, given, request)
          : await studiesOfPatient(query, given, request);
      const [first] = studies;
      if (!first) throw new FilmlessError('STUDY_NOT_FOUND', 'nothing that the request names');
      // One patient alone is shown: an accession number, or a UID, that two patients share is for a person to sort out.
      if (studies.some((study) => !samePatient(study, first)))
        throw new FilmlessError('INVALID_REQUEST', 'the request names studies of several patients');
      const target = new URLSearchParams({ patient: first.PatientID });
      if (given.requestType === 'STUDY' || given.mostRecentResults || isFiltered(given))
        target.set('study', first.StudyInstanceUID);
      return redirect(`/viewer?${target}`);
    },
  };
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
async function namedStudies(query: Parts['query'], given: Parameters, { scope }: HttpRequest): Promise<StudyRow[]> {
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

async function studiesOfPatient(query: Parts['query'], given: Parameters, { scope }: HttpRequest): Promise<StudyRow[]> {
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
