import type { Orders, Patients } from './contract.ts';

/** Numbers of the patient an accession number was given out for; undefined where no order is known. */
export async function numbersOfOrder(
  { orders, patients }: { orders: Pick<Orders, 'byAccession'>; patients: Pick<Patients, 'find'> },
  accessionNumber: string,
): Promise<string[] | undefined> {
  const order = await orders.byAccession(accessionNumber);
  if (!order) return undefined;
  const person = await patients.find(order.patient);
  return [...new Set([order.patient, ...(person?.identifiers ?? [])].map(({ id }) => id))];
}
