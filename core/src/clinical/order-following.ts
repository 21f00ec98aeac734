import type { QueryIndex } from '../query/contract.ts';
import type { Reports, ReportVersion } from '../reports/contract.ts';
import type { Order, Orders, Patients } from './contract.ts';
import { beginOrder } from './order-matching.ts';
import { isSamePerson } from './same-person.ts';

interface Stores {
  orders: Orders;
  patients: Pick<Patients, 'find'>;
  query: Pick<QueryIndex, 'search' | 'study'>;
  reports: Pick<Reports, 'ofAccession'>;
}

const BY = 'reports';
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
