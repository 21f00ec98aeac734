import type { PatientIdentifier, Patients } from './contract.ts';
import { sameIdentifier, trimmedIdentifier } from './patient-store.ts';

/** Whether two identifiers are one person's now. Two that nobody registered are, when they are the same. */
export async function isSamePerson(
  patients: Pick<Patients, 'find'>,
  one: PatientIdentifier,
  other: PatientIdentifier,
): Promise<boolean> {
  const [a, b] = [trimmedIdentifier(one), trimmedIdentifier(other)];
  if (a.id === '' || b.id === '') return false;
  if (sameIdentifier(a, b)) return true;
  const [first, second] = await Promise.all([patients.find(a), patients.find(b)]);
  return first !== undefined && first.key === second?.key;
}
