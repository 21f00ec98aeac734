import { createHash } from 'node:crypto';
import type { AuditEntry } from './contract.ts';

/** Stands before the first entry. */
export const FIRST_HASH = '0'.repeat(64);

/** The entry's hash: over the one before it and every field in a fixed order. Hex. */
export function hashOfEntry(before: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, action, outcome, actorKind, actor, address, target, patientId, studyInstanceUid, detail } = entry;
  const fields = [seq, at, action, outcome, actorKind, actor, address, target, patientId, studyInstanceUid, detail];
  return createHash('sha256').update(before).update('\n').update(JSON.stringify(fields)).digest('hex');
}
