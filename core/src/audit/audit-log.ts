import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { FilmlessError } from '../errors.ts';
import type { Logger } from '../plugins/contract.ts';
import type { SigningKeys } from '../security/signing-keys.ts';
import { FIRST_HASH, hashOfEntry } from './audit-chain.ts';
import { openAuditDatabase, toEntry } from './audit-database.ts';
import { type HeadState, readHead, writeHead } from './audit-head.ts';
import type { Audit, AuditEntry, AuditEvent } from './contract.ts';
import { type AuditVerdict, verifyAudit } from './verify-audit.ts';

/** The backup that a log came back from. */
export interface RestoredFrom {
  /** When it was taken, ISO 8601. */
  at: string;
  disk: string;
}

interface Options {
  /** The database file; the head stands beside it. */
  path: string;
  keys: SigningKeys;
  log: Pick<Logger, 'error'>;
  now?: () => number;
  /** At the first opening after a restore alone: the key that signed the head may be gone. */
  restored?: RestoredFrom;
}

interface Waiting {
  event: AuditEvent;
  at: string;
  resolve?: () => void;
  reject?: (error: unknown) => void;
}

const FLUSH_AFTER_MS = 200;
/** Entries younger than this can be cut off the end unseen; the head costs a file and an fsync. */
const HEAD_EVERY_MS = 1_000;
const MAX_WAITING = 100_000;
const MAX_TEXT = 2_000;
const REPEATED_FOR_MS = 10 * 60_000;

/**
 * The audit log: appended to, never changed. Events are gathered for a moment and written in one transaction, each bound to the one before
 * by its hash; a signed head says where the log ends.
 */
export class AuditLog implements Audit {
  readonly #options: Options;
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  /** What the same actor did a moment ago: one entry for a study opened, not one for each of its frames. */
  readonly #repeated: LRUCache<string, true>;
  #waiting: Waiting[] = [];
  #last: { seq: number; hash: string };
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #headTimer: NodeJS.Timeout | undefined;
  #headAt: Promise<void> = Promise.resolve();
  #headSeq = -1;
  #closed = false;
  #failing = false;
  #broken = false;

  private constructor(options: Options, database: DatabaseSync) {
    this.#options = options;
    this.#database = database;
    this.#now = options.now ?? Date.now;
    this.#repeated = new LRUCache({ max: 50_000, ttl: REPEATED_FOR_MS, ttlResolution: 0, perf: { now: this.#now } });
    const row = database.prepare('SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
    this.#last = row ? { seq: Number(row['seq']), hash: String(row['hash']) } : { seq: 0, hash: FIRST_HASH };
  }

  /** A log that ends before its head says is opened all the same: the node must serve. It is told, and written into the log for good. */
  static async open(options: Options): Promise<AuditLog> {
    const log = new AuditLog(options, openAuditDatabase(options.path));
    const head = await readHead(log.#headPath, (kid) => options.keys.publicKey(kid));
    const isClosed = options.restored !== undefined && (await log.#closeRestored(head, options.restored));
    if (!isClosed) await log.#compareWithHead(head);
    await log.#writeHead();
    return log;
  }

  record(event: AuditEvent): void {
    this.#add({ event, at: this.#time() });
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
  }

  recordDurably(event: AuditEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add({ event, at: this.#time(), resolve, reject });
      // All that comes in this turn shares one write.
      this.#immediate ??= setImmediate(() => this.#flush());
    });
  }

  /** Like {@link record}, once in ten minutes for the same key. */
  recordOnce(key: string, event: AuditEvent): void {
    if (this.#repeated.has(key)) return;
    this.#repeated.set(key, true);
    this.record(event);
  }

  /** `broken`: it was not whole at the start; `failing`: it cannot be written now. */
  get state(): 'ok' | 'broken' | 'failing' {
    if (this.#failing) return 'failing';
    return this.#broken ? 'broken' : 'ok';
  }

  /** Told after entries were written. */
  onWritten(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** The database to read from: everything told before is in it. */
  read(): DatabaseSync {
    this.#flush();
    return this.#database;
  }

  lastOpened(studyInstanceUid: string): string | undefined {
    const row = this.#database
      .prepare(
        `SELECT at FROM entry WHERE studyInstanceUid = ? AND studyInstanceUid <> '' AND action IN ('open', 'export', 'print')
         AND outcome = 'success' ORDER BY seq DESC LIMIT 1`,
      )
      .get(studyInstanceUid);
    return typeof row?.['at'] === 'string' ? row['at'] : undefined;
  }

  async verify(): Promise<AuditVerdict> {
    const database = this.read();
    await this.#writeHead();
    const head = await readHead(this.#headPath, (kid) => this.#options.keys.publicKey(kid));
    return verifyAudit(database, head);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#headTimer);
    await this.#writeHead();
    this.#database.close();
  }

  /** False when the key is there, or what came back does not fit together: then it is looked at as at any start. */
  async #closeRestored(state: HeadState, { at, disk }: RestoredFrom): Promise<boolean> {
    if (state.kind !== 'foreign') return false;
    const { head } = state;
    const { findings, lastSeq } = verifyAudit(this.#database, { kind: 'good', head });
    if (findings.some(({ kind }) => kind !== 'noted')) return false;
    await this.recordDurably({
      action: 'audit.restored',
      outcome: 'success',
      actor: { kind: 'system', id: 'system' },
      address: '',
      target: `disk ${disk}`,
      detail: `entries 1 to ${lastSeq} came back from the backup of ${at}: their hashes fit together; the signature of the former key ${head.kid} cannot be checked`,
    });
    return true;
  }

  async #compareWithHead(head: HeadState): Promise<void> {
    const ended = head.kind === 'good' ? head.head.seq : 0;
    const row = this.#database.prepare('SELECT hash FROM entry WHERE seq = ?').get(ended);
    const isWhole =
      head.kind === 'good'
        ? ended === 0 || row?.['hash'] === head.head.hash
        : head.kind === 'none' && this.#last.seq === 0;
    if (isWhole) return;
    this.#broken = true;
    this.#options.log.error({ head: head.kind, endedAt: ended, endsAt: this.#last.seq }, 'the audit log is not whole');
    await this.recordDurably({
      action: 'audit.broken',
      outcome: 'failed',
      actor: { kind: 'system', id: 'system' },
      address: '',
      detail:
        head.kind !== 'good'
          ? `head ${head.kind}`
          : row
            ? `entry ${ended} is not what it was`
            : `entries ${this.#last.seq + 1} to ${ended} are missing`,
    });
  }

  get #headPath(): string {
    return `${this.#options.path}.head`;
  }

  #add(waiting: Waiting): void {
    if (this.#closed) {
      waiting.reject?.(new FilmlessError('UNAVAILABLE', 'the audit log is closed'));
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      // The disk has been full for long; what waits for an answer is refused, the rest is counted in the log of the node.
      this.#options.log.error({ action: waiting.event.action }, 'an audit entry is lost: too many wait');
      waiting.reject?.(new FilmlessError('STORAGE_FAILED', 'the audit log cannot be written'));
      return;
    }
    this.#waiting.push(waiting);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    if (this.#closed || this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#last = this.#append(batch);
      this.#failing = false;
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    for (const { resolve } of batch) resolve?.();
    this.#headTimer ??= setTimeout(() => {
      this.#headTimer = undefined;
      void this.#writeHead();
    }, HEAD_EVERY_MS).unref();
    for (const listener of this.#listeners) listener();
  }

  #append(batch: readonly Waiting[]): { seq: number; hash: string } {
    let { seq, hash } = this.#last;
    const insert = this.#database.prepare(
      `INSERT INTO entry VALUES ($seq, $at, $action, $outcome, $actorKind, $actor, $address, $target, $patientId, $studyInstanceUid, $detail, $hash)`,
    );
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { event, at } of batch) {
        seq += 1;
        const entry = entryOf(event, seq, at);
        hash = hashOfEntry(hash, entry);
        insert.run({ ...entry, hash });
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    return { seq, hash };
  }

  /** Whoever waits is told; the rest is tried again. */
  #failed(batch: readonly Waiting[], error: unknown): void {
    this.#failing = true;
    this.#options.log.error({ err: error, entries: batch.length }, 'the audit log cannot be written');
    const cause = new FilmlessError('STORAGE_FAILED', 'the audit log cannot be written', { cause: error });
    for (const { reject } of batch) reject?.(cause);
    this.#waiting.unshift(...batch.filter(({ reject }) => reject === undefined));
    this.#timer ??= setTimeout(() => this.#flush(), HEAD_EVERY_MS);
  }

  #writeHead(): Promise<void> {
    this.#headAt = this.#headAt.then(async () => {
      const { seq, hash } = this.#last;
      if (seq === this.#headSeq) return;
      try {
        await writeHead(this.#headPath, { seq, hash, at: this.#time() }, this.#options.keys);
        this.#headSeq = seq;
      } catch (error) {
        this.#options.log.error({ err: error }, 'the head of the audit log cannot be written');
      }
    });
    return this.#headAt;
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

function entryOf(event: AuditEvent, seq: number, at: string): Omit<AuditEntry, 'hash'> {
  return {
    seq,
    at,
    action: event.action,
    outcome: event.outcome,
    actorKind: event.actor.kind,
    actor: short(event.actor.id),
    address: event.address,
    target: short(event.target ?? ''),
    patientId: short(event.patientId ?? ''),
    studyInstanceUid: short(event.studyInstanceUid ?? ''),
    detail: short(event.detail ?? ''),
  };
}

function short(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** One page of entries as the database gives them. */
export function readEntries(rows: Iterable<unknown>): AuditEntry[] {
  return [...rows].map(toEntry);
}
