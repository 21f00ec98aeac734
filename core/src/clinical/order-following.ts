import type { QueryIndex } from '../query/contract.ts';
import type { Reports, ReportVersion } from '../reports/contract.ts';
import type { Order, Orders, PatientIdentifier, Patients } from './contract.ts';
import { beginOrder } from './order-matching.ts';
import { isSamePerson } from './same-person.ts';

interface Stores {
  orders: Orders;
  patients: Pick<Patients, 'find'>;
  query: Pick<QueryIndex, 'search' | 'study'>;
  reports: Pick<Reports, 'ofAccession'>;
}

const BY = 'reports';
const BY_IDENTITY = 'identity';
const EVERYTHING = { kind: 'all' } as const;
/** Of one accession number: a study each, or few. */
const MOST_STUDIES = 100;

/** Orders that came after their images, or after their report, begin or are completed as if they had come before. Doing it again changes nothing. */
export async function followOrders(changed: readonly Order[], stores: Stores): Promise<void> {
  for (const { system, placerNumber, accessionNumber, status } of changed) {
    if (accessionNumber === '' || status === 'cancelled') continue;
    for (const study of await studiesOf(accessionNumber, stores))
      await beginOrder(study.StudyInstanceUID, accessionNumber, study.patient, stores);
    const order = await stores.orders.get(system, placerNumber);
    if (order && isOpen(order))
      for (const { versions } of await stores.reports.ofAccession(accessionNumber)) {
        const latest = versions.at(-1);
        if (latest) await complete(order, latest, stores);
      }
  }
}

/**
 * Persons became one, or two again, or somebody said whose a study is: their orders get the images that are their patient's now, and lose those
 * that are not any more. Doing it again changes nothing.
 */
export async function followIdentities(
  changed: { patients: readonly PatientIdentifier[]; studies: readonly string[] },
  stores: Stores,
): Promise<void> {
  const concerned = new Map<string, Order>();
  const add = (order: Order) => concerned.set(JSON.stringify([order.system, order.placerNumber]), order);
  for (const patient of changed.patients) for (const order of await stores.orders.ofPatient(patient)) add(order);
  for (const StudyInstanceUID of changed.studies) {
    const accession = (await stores.query.study(StudyInstanceUID, EVERYTHING))?.study.AccessionNumber;
    const order = accession ? await stores.orders.byAccession(accession) : undefined;
    if (order) add(order);
  }
  for (const order of concerned.values()) await releaseImages(order, stores);
  await followOrders([...concerned.values()].filter(isOpen), stores);
}

/** Images that are another person's leave the order; an order without any waits for its own again. */
async function releaseImages(order: Order, { orders, patients, query }: Stores): Promise<void> {
  const { system, placerNumber, patient, studyInstanceUids } = order;
  const kept: string[] = [];
  for (const uid of studyInstanceUids) {
    const study = (await query.study(uid, EVERYTHING))?.study;
    // Of images that are not here nothing new is known.
    const owner = study && { id: study.PatientID, issuer: study.IssuerOfPatientID };
    if (!owner || (await isSamePerson(patients, patient, owner))) kept.push(uid);
  }
  if (kept.length === studyInstanceUids.length) return;
  const { status } = await orders.place({ system, placerNumber, patient, studyInstanceUids: kept }, BY_IDENTITY);
  if (kept.length === 0 && status === 'in-progress')
    await orders.setStatus(system, placerNumber, 'ordered', BY_IDENTITY, 'its images are those of another patient');
}

/** A finished report completes the order of its accession number, of the same person alone. Doing it again changes nothing. */
export async function completeOrders(versions: readonly ReportVersion[], stores: Stores): Promise<void> {
  for (const version of versions) {
    const accession = version.accessionNumber ?? (await accessionOf(version, stores));
    const order = accession ? await stores.orders.byAccession(accession) : undefined;
    if (order) await complete(order, version, stores);
  }
}

async function complete(order: Order, version: ReportVersion, { orders, patients }: Stores): Promise<void> {
  if (!isOpen(order) || (version.status !== 'reviewed' && version.status !== 'amended')) return;
  const { id, issuer = '' } = version.patient;
  if (!(await isSamePerson(patients, order.patient, { id, issuer }))) return;
  await orders.setStatus(order.system, order.placerNumber, 'completed', BY, 'a report was issued');
}

const isOpen = ({ status }: Order): boolean => status !== 'completed' && status !== 'cancelled';

async function accessionOf({ StudyInstanceUID }: ReportVersion, { query }: Stores): Promise<string | undefined> {
  return StudyInstanceUID && (await query.study(StudyInstanceUID, EVERYTHING))?.study.AccessionNumber;
}

async function studiesOf(accessionNumber: string, { query }: Stores) {
  const keys = { '00080050': { vr: 'SH', Value: [accessionNumber] }, '00100021': { vr: 'LO' } };
  const found = await query.search({
    level: 'STUDY',
    keys,
    include: [],
    limit: MOST_STUDIES,
    offset: 0,
    scope: EVERYTHING,
  });
  return found.flatMap((row) => {
    const text = (tag: string) => String(row[tag]?.Value?.[0] ?? '').trim();
    // A number with `*` or `?` in it would match others.
    if (text('00080050') !== accessionNumber) return [];
    return [{ StudyInstanceUID: text('0020000D'), patient: { id: text('00100020'), issuer: text('00100021') } }];
  });
}
