import {
  FilmlessError,
  type Order,
  type Orders,
  type PatientIdentifier,
  type Patients,
  type Reports,
  type Security,
} from '@filmless/core/plugin';
import { MessageError } from './errors.ts';
import type { Action } from './planning.ts';

/** What steps need of the stores, so that a dry run can stand in for what writes. */
export interface ClinicalStores {
  readonly patients: Pick<Patients, 'find'> & Writing<Patients, 'register' | 'merge'>;
  readonly orders: Pick<Orders, 'get' | 'byAccession'> & Writing<Orders, 'place' | 'setStatus'>;
  readonly reports: Pick<Reports, 'putDocument'> & Writing<Reports, 'deliver'>;
  readonly security: Pick<Security, 'placePatient'>;
}
type Writing<T, K extends keyof T> = {
  readonly [N in K]: T[N] extends (...parameters: infer P) => Promise<unknown>
    ? (...parameters: P) => Promise<unknown>
    : never;
};

type Of<K extends Action['do']> = Extract<Action, { do: K }>;

/**
 * Takes a step. The same again, right after, changes nothing.
 * @throws MessageError and FilmlessError of content, which fail the same again; others are worth another try, see `isContentError`
 */
export async function applyAction(stores: ClinicalStores, action: Action, by: string): Promise<void> {
  switch (action.do) {
    case 'register':
      return register(stores, action, by);
    case 'merge':
      return merge(stores, action, by);
    case 'place-order':
      return placeOrder(stores, action, by);
    case 'order-status':
      return setOrderStatus(stores, action, by);
    case 'deliver-report':
      return deliverReport(stores, action);
  }
}

const CONTENT_ERRORS: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'CONFLICT', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE']);

/** The message is at fault, or what it is about: a person must look at it. Everything else may pass by itself. */
export function isContentError(error: unknown): boolean {
  return error instanceof MessageError || (error instanceof FilmlessError && CONTENT_ERRORS.has(error.code));
}

/** Where and what, without values. */
export function errorOf(error: unknown): { location: string; text: string } {
  if (error instanceof MessageError) return { location: error.location, text: error.message };
  const { message } = FilmlessError.from(error);
  return { location: '', text: message };
}

async function register(stores: ClinicalStores, action: Of<'register'>, by: string): Promise<void> {
  await refuseForeign(stores, action.identifiers, 'PID-3');
  const { identifiers, demographics, location } = action;
  const [first] = identifiers;
  const known = first && (await stores.patients.find(first));
  // Of a number that was merged away nothing is taken: who the patient is, the number that was kept says.
  if (known && !known.identifiers.some((one) => one.id === first.id && one.issuer === first.issuer)) return;
  await stores.patients.register(identifiers, demographics, by, location);
  if (location && first) await stores.security.placePatient(first.id, location.ward === '' ? undefined : location.ward);
}

async function merge(stores: ClinicalStores, { from, into, fromIdentifiers }: Of<'merge'>, by: string): Promise<void> {
  await refuseForeign(stores, fromIdentifiers, 'MRG-1');
  if (!(await stores.patients.find(from))) await stores.patients.register(fromIdentifiers, {}, by);
  await stores.patients.merge(from, into, by);
}

/**
 * A number without issuer that is known with another issuer than the message's belongs to another hospital's person: with `own` numbers from two systems, the second
 * would take the first one's patients.
 */
async function refuseForeign(
  { patients }: ClinicalStores,
  identifiers: readonly PatientIdentifier[],
  location: string,
): Promise<void> {
  for (const { id, issuer } of identifiers) {
    if (issuer !== '') continue;
    const known = await patients.find({ id, issuer: '' });
    const issuers = identifiers.filter((one) => one.id === id && one.issuer !== '').map((one) => one.issuer);
    const others =
      known?.identifiers.filter((one) => one.id === id && one.issuer !== '').map((one) => one.issuer) ?? [];
    if (issuers.length > 0 && others.length > 0 && !others.some((one) => issuers.includes(one)))
      throw new MessageError(
        'AE',
        103,
        location,
        'the number is known from another issuer; set patientNumbers: named for one of the two systems',
      );
  }
}

async function isSamePerson(
  stores: ClinicalStores,
  one: PatientIdentifier,
  other: PatientIdentifier,
): Promise<boolean> {
  if (one.id === other.id && one.issuer === other.issuer) return true;
  const [a, b] = await Promise.all([stores.patients.find(one), stores.patients.find(other)]);
  return a !== undefined && a.key === b?.key;
}

async function placeOrder(
  stores: ClinicalStores,
  { order, initialStatus }: Of<'place-order'>,
  by: string,
): Promise<void> {
  const known = await stores.orders.get(order.system, order.placerNumber);
  if (known) await refuseOtherPatient(stores, known, order.patient, 'PID-3');
  const named = order.accessionNumber ? await stores.orders.byAccession(order.accessionNumber) : undefined;
  if (named) await refuseOtherPatient(stores, named, order.patient, 'OBR-18');
  await stores.orders.place(
    { ...order, patient: known?.patient ?? order.patient, ...(known ? {} : { status: initialStatus }) },
    by,
  );
}

async function setOrderStatus(stores: ClinicalStores, action: Of<'order-status'>, by: string): Promise<void> {
  const { system, placerNumber, status, patient } = action;
  const known = await stores.orders.get(system, placerNumber);
  if (!known) throw new MessageError('AE', 103, 'ORC-2', 'there is no order of this number from this system');
  await refuseOtherPatient(stores, known, patient, 'PID-3');
  if (status === 'cancelled' && known.status === 'completed')
    throw new MessageError('AE', 103, 'ORC-1', 'the order is completed and cannot be cancelled');
  await stores.orders.setStatus(system, placerNumber, status, by);
}

async function refuseOtherPatient(
  stores: ClinicalStores,
  order: Order,
  patient: PatientIdentifier,
  location: string,
): Promise<void> {
  if (!(await isSamePerson(stores, order.patient, patient)))
    throw new MessageError('AE', 103, location, 'the order of this number belongs to another patient');
}

async function deliverReport(stores: ClinicalStores, action: Of<'deliver-report'>): Promise<void> {
  const { report, placerNumber, pdfBase64 } = action;
  const patient = { id: report.patient.id, issuer: report.patient.issuer ?? '' };
  const order =
    (report.accessionNumber ? await stores.orders.byAccession(report.accessionNumber) : undefined) ??
    (placerNumber === '' ? undefined : await stores.orders.get(report.source.system, placerNumber));
  // A report under the wrong name is worse than one that waits for a person.
  if (order) await refuseOtherPatient(stores, order, patient, 'OBR-18');
  const accessionNumber = report.accessionNumber || order?.accessionNumber;
  if (!accessionNumber && !report.StudyInstanceUID)
    throw new MessageError(
      'AE',
      101,
      'OBR-18',
      'neither study nor accession number is named, and the order is not known',
    );
  const document =
    pdfBase64 === undefined ? undefined : await stores.reports.putDocument(Buffer.from(pdfBase64, 'base64'));
  await stores.reports.deliver({
    ...report,
    ...(accessionNumber ? { accessionNumber } : {}),
    ...(document ? { document } : {}),
  });
}
