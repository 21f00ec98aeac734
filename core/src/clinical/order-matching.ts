import type { InstanceRecord } from '../catalogue/contract.ts';
import type { IdentityOverlays, Orders, Patients } from './contract.ts';
import { isSamePerson } from './same-person.ts';

interface Options {
  orders: Orders;
  patients: Pick<Patients, 'find'>;
  identities: Pick<IdentityOverlays, 'apply'>;
}

const BY = 'images';

/**
 * Images whose accession number is an order's and whose patient is its patient begin the order. Another patient's never do: they stand in
 * the list of what has to be reconciled. Doing it again changes nothing.
 */
export async function matchOrders(records: readonly InstanceRecord[], options: Options): Promise<void> {
  const done = new Set<string>();
  for (const record of records) {
    const { dataset } = await options.identities.apply(record);
    const text = (tag: string) => {
      const value = dataset[tag]?.Value?.[0];
      return typeof value === 'string' ? value.trim() : '';
    };
    const accession = text('00080050');
    const patient = { id: text('00100020'), issuer: text('00100021') };
    const what = JSON.stringify([record.StudyInstanceUID, accession, patient]);
    if (accession === '' || patient.id === '' || done.has(what)) continue;
    done.add(what);
    await beginOrder(record.StudyInstanceUID, accession, patient, options);
  }
}

/** Images of this study belong to the order of the accession number, if they are the same person's. */
export async function beginOrder(
  StudyInstanceUID: string,
  accession: string,
  patient: { id: string; issuer: string },
  { orders, patients }: Pick<Options, 'orders' | 'patients'>,
): Promise<void> {
  const order = await orders.byAccession(accession);
  if (!order || !(await isSamePerson(patients, order.patient, patient))) return;
  const { system, placerNumber, studyInstanceUids, status } = order;
  if (!studyInstanceUids.includes(StudyInstanceUID)) {
    const uids = [...studyInstanceUids, StudyInstanceUID];
    await orders.place({ system, placerNumber, patient: order.patient, studyInstanceUids: uids }, BY);
  }
  if (status === 'ordered' || status === 'scheduled')
    await orders.setStatus(system, placerNumber, 'in-progress', BY, 'images came');
}
