import type { Catalogue } from '../catalogue/contract.ts';
import type { QueryIndex, StudyRow } from '../query/contract.ts';
import type { AccessScope } from '../security/contract.ts';
import type { Order, Orders, Patient, PatientIdentifier, Patients } from './contract.ts';
import { namesAgree } from './names-agree.ts';
import { type ReceivedIdentity, receivedIdentity } from './received-identity.ts';
import { isSamePerson } from './same-person.ts';

/** Why a person has to look at a study. */
export type Discrepancy =
  | 'patient-id-missing'
  | 'patient-unknown'
  | 'name-differs'
  | 'birth-date-differs'
  | 'sex-differs'
  | 'accession-unknown'
  | 'accession-of-another-patient'
  /** Images of several patients under one Study Instance UID. */
  | 'several-patients';

export interface StudyToReconcile {
  study: StudyRow;
  received: ReceivedIdentity;
  /** To whom somebody assigned it. */
  assigned?: PatientIdentifier;
  discrepancies: Discrepancy[];
}

interface Stores {
  query: Pick<QueryIndex, 'studies' | 'search' | 'count'>;
  catalogue: Pick<Catalogue, 'getMany'>;
  patients: Patients;
  orders: Orders;
}

/** Studies looked at in one request. */
const MOST_LOOKED_AT = 400;
const PAGE = 100;
const MOST_SUGGESTIONS = 5;

/** What does not agree between a study, the register of persons and the orders. */
export async function examineStudy(
  stores: Stores,
  study: StudyRow,
  { ordersExpected }: { ordersExpected: boolean },
): Promise<StudyToReconcile | undefined> {
  const received = await receivedIdentity(stores, study);
  if (!received) return undefined;
  const assigned = await stores.patients.assignment(study.StudyInstanceUID);
  const own = { id: received.PatientID, issuer: received.IssuerOfPatientID };
  const discrepancies: Discrepancy[] = assigned ? [] : await identityDiscrepancies(stores, own, received);
  const order = study.AccessionNumber === '' ? undefined : await stores.orders.byAccession(study.AccessionNumber);
  if (order && !(await isSamePerson(stores.patients, order.patient, assigned ?? own)))
    discrepancies.push('accession-of-another-patient');
  else if (ordersExpected && !order && !assigned && study.AccessionNumber !== '')
    discrepancies.push('accession-unknown');
  if (await isSharedUid(stores, study.StudyInstanceUID)) discrepancies.push('several-patients');
  return { study, received, discrepancies, ...(assigned ? { assigned } : {}) };
}

/** Where no system sends orders, no accession number is one's: that is nothing to look at. */
export async function areOrdersExpected(orders: Orders): Promise<boolean> {
  return (await orders.search({ limit: 1, offset: 0 })).total > 0;
}

async function identityDiscrepancies(
  { patients }: Stores,
  own: PatientIdentifier,
  received: ReceivedIdentity,
): Promise<Discrepancy[]> {
  if (own.id === '') return ['patient-id-missing'];
  const person = await patients.find(own);
  if (!person) return ['patient-unknown'];
  const { name = '', birthDate = '', sex = '' } = person.demographics;
  const differ = (one: string, other: string) => one !== '' && other !== '' && one !== other;
  return [
    ...(namesAgree(name, received.PatientName) ? [] : (['name-differs'] as const)),
    ...(differ(birthDate, received.PatientBirthDate) ? (['birth-date-differs'] as const) : []),
    ...(differ(sex, received.PatientSex) ? (['sex-differs'] as const) : []),
  ];
}

/** Counted over everything: that there are others is no secret, who they are is. */
export async function isSharedUid({ query }: Pick<Stores, 'query'>, StudyInstanceUID: string): Promise<boolean> {
  const keys = { '0020000D': { vr: 'UI', Value: [StudyInstanceUID] } };
  const count = await query.count({ level: 'STUDY', keys, include: [], limit: 1, offset: 0, scope: { kind: 'all' } });
  return count > 1;
}

/**
 * A page of the studies that a person has to look at, the newest first. `nextOffset` counts studies looked at; undefined at the end. A page
 * may be short, even empty, before the end.
 */
export async function studiesToReconcile(
  stores: Stores,
  { offset, limit, scope }: { offset: number; limit: number; scope: AccessScope },
): Promise<{ items: StudyToReconcile[]; nextOffset?: number; studies: number }> {
  const items: StudyToReconcile[] = [];
  const ordersExpected = await areOrdersExpected(stores.orders);
  let at = offset;
  for (;;) {
    const { total, items: rows } = await stores.query.studies({
      orderBy: '-receivedAt',
      limit: PAGE,
      offset: at,
      scope,
    });
    for (const row of rows) {
      at += 1;
      const found = await examineStudy(stores, row, { ordersExpected });
      if (found && found.discrepancies.length > 0) items.push(found);
      if (items.length >= limit) break;
    }
    if (rows.length === 0 || at >= total) return { items, studies: total };
    if (items.length >= limit || at - offset >= MOST_LOOKED_AT) return { items, nextOffset: at, studies: total };
  }
}

/** How many of the studies from `offset` on, a few hundred at a time: whoever wants the total adds them up until there is no `nextOffset`. */
export async function countToReconcile(
  stores: Stores,
  { offset, scope }: { offset: number; scope: AccessScope },
): Promise<{ found: number; nextOffset?: number; studies: number }> {
  const { items, ...rest } = await studiesToReconcile(stores, { offset, limit: MOST_LOOKED_AT, scope });
  return { found: items.length, ...rest };
}

/** Persons it may be: the order's, then those of the same number, then those of the same name and birth date. */
export async function suggestPersons(
  { patients, orders }: Pick<Stores, 'patients' | 'orders'>,
  { study, received }: StudyToReconcile,
): Promise<{ persons: Patient[]; order?: Order }> {
  const order = study.AccessionNumber === '' ? undefined : await orders.byAccession(study.AccessionNumber);
  const ofOrder = order && (await patients.find(order.patient));
  const sameNumber =
    received.PatientID === ''
      ? []
      : (await patients.search({ text: received.PatientID, limit: 100, offset: 0 })).items.filter(({ identifiers }) =>
          identifiers.some(({ id }) => id === received.PatientID),
        );
  const words = received.PatientName.split(/[\^=\s]+/).filter((word) => word !== '');
  const sameName = words[0]
    ? (await patients.search({ text: words[0], limit: 200, offset: 0 })).items.filter(
        ({ demographics: { name = '', birthDate = '' } }) =>
          name !== '' &&
          namesAgree(name, received.PatientName) &&
          (birthDate === '' || received.PatientBirthDate === '' || birthDate === received.PatientBirthDate),
      )
    : [];
  const all = [...(ofOrder ? [ofOrder] : []), ...sameNumber, ...sameName].filter(({ status }) => status === 'active');
  const persons = [...new Map(all.map((person) => [person.key, person])).values()].slice(0, MOST_SUGGESTIONS);
  return { persons, ...(order ? { order } : {}) };
}
