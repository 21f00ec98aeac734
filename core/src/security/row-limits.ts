import { z } from 'zod';
import type { AccessScope } from './contract.ts';
import { anyOf } from './scope.ts';

const values = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(64)
      .regex(/^\P{Cc}+$/u, 'no control characters'),
  )
  .max(1000)
  .default([]);

/** Rows an account is limited to: what any of the lists names. Lists that are all empty show nothing. */
export const rowLimitsSchema = z.strictObject({
  departments: values,
  /** Patients lying there now, as the HIS says. */
  wards: values,
  patientIds: values,
  studyInstanceUids: values,
});
export type RowLimits = z.infer<typeof rowLimitsSchema>;

/** `patientsOfWards` is asked now: who lies in a ward changes. */
export function scopeOfLimits(
  limits: RowLimits,
  patientsOfWards: (wards: readonly string[]) => readonly string[],
): AccessScope {
  const { departments, wards, studyInstanceUids } = limits;
  const patientIds = [...limits.patientIds, ...(wards.length > 0 ? patientsOfWards(wards) : [])];
  return anyOf([
    ...(departments.length > 0 ? [{ kind: 'departments', departments } as const] : []),
    ...(patientIds.length > 0 ? [{ kind: 'patients', patientIds } as const] : []),
    ...(studyInstanceUids.length > 0 ? [{ kind: 'studies', studyInstanceUids } as const] : []),
  ]);
}
