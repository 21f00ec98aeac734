import type { PatientIdentifier, Patients } from './contract.ts';

/**
 * Whatever reports and orders of this person may be under: the identifiers he has, and those of everybody merged into him. Images carry the identity
 * that holds now; what was delivered under an earlier one keeps it.
 */
export async function identifiersOf(
  patients: Pick<Patients, 'find' | 'mergedInto'>,
  identifier: PatientIdentifier,
): Promise<PatientIdentifier[]> {
  const person = await patients.find(identifier);
  const found = [identifier, ...(person?.identifiers ?? [])];
  const keys = new Set(person ? [person.key] : []);
  // Grows while it is gone through: a merged person may have others merged into him.
  for (const key of keys) {
    for (const merged of await patients.mergedInto(key)) {
      keys.add(merged.key);
      found.push(...merged.identifiers);
    }
  }
  const names = found.map(({ issuer, id }) => JSON.stringify([issuer, id]));
  return found.filter((_, index) => names.indexOf(names[index] ?? '') === index);
}
