import type { DatabaseSync } from 'node:sqlite';
import { FIRST_HASH, hashOfEntry } from './audit-chain.ts';
import { toEntry } from './audit-database.ts';
import type { HeadState } from './audit-head.ts';

export interface AuditFinding {
  /** The entry the finding is about; 0 for the head. */
  seq: number;
  /** `noted`: the node itself found at a start that the log was not whole, and went on. */
  kind: 'changed' | 'removed' | 'reordered' | 'end-removed' | 'head-damaged' | 'head-missing' | 'noted';
}

/** The log came back from a backup without the key of its signature: up to `seq` nothing but the chain of hashes vouches for it. */
export interface AuditRestored {
  seq: number;
  /** ISO 8601. */
  at: string;
  detail: string;
}

export interface AuditVerdict {
  entries: number;
  restored: AuditRestored[];
  lastSeq: number;
  lastHash: string;
  findings: AuditFinding[];
}

const MAX_FINDINGS = 100;

/**
 * Walks the whole log and names what does not fit: an entry changed, taken out, or put elsewhere, also at the end. After a finding it goes
 * on from what the next entry says was before it, so that one change is one finding.
 */
export function verifyAudit(database: DatabaseSync, head: HeadState): AuditVerdict {
  const findings: AuditFinding[] = [];
  const restored: AuditRestored[] = [];
  let entries = 0;
  let expectedSeq = 1;
  let before = FIRST_HASH;
  let atHead: string | undefined;
  let lastTime = '';
  for (const row of database.prepare('SELECT * FROM entry ORDER BY seq').iterate()) {
    const entry = entryOf(row);
    const seq = Number(row['seq']);
    if (seq !== expectedSeq) findings.push({ seq: expectedSeq, kind: 'removed' });
    if (entry === undefined) {
      findings.push({ seq, kind: 'changed' });
    } else {
      const { hash, ...rest } = entry;
      // Behind a gap the hash before is not known: what was there is gone.
      if (seq === expectedSeq && hashOfEntry(before, rest) !== hash)
        findings.push({ seq, kind: rest.at < lastTime ? 'reordered' : 'changed' });
      if (rest.action === 'audit.broken') findings.push({ seq, kind: 'noted' });
      if (rest.action === 'audit.restored') restored.push({ seq: seq - 1, at: rest.at, detail: rest.detail });
      before = hash;
      lastTime = rest.at;
    }
    if (head.kind === 'good' && seq === head.head.seq) atHead = entry?.hash;
    entries += 1;
    expectedSeq = seq + 1;
    if (findings.length >= MAX_FINDINGS) break;
  }
  findings.push(...findingsOfHead(head, entries, expectedSeq - 1, atHead));
  return { entries, restored, lastSeq: expectedSeq - 1, lastHash: before, findings };
}

function findingsOfHead(head: HeadState, entries: number, lastSeq: number, atHead: string | undefined): AuditFinding[] {
  if (head.kind === 'none') return entries === 0 ? [] : [{ seq: 0, kind: 'head-missing' }];
  if (head.kind !== 'good') return [{ seq: 0, kind: 'head-damaged' }];
  if (head.head.seq === 0) return [];
  if (lastSeq < head.head.seq) return [{ seq: head.head.seq, kind: 'end-removed' }];
  return atHead === head.head.hash ? [] : [{ seq: head.head.seq, kind: 'changed' }];
}

function entryOf(row: unknown): ReturnType<typeof toEntry> | undefined {
  try {
    return toEntry(row);
  } catch {
    return undefined;
  }
}
