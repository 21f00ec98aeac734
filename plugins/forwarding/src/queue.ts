import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { DeliveryOutcome, InstanceRecord, InstanceToDeliver } from '@filmless/core/plugin';
import { z } from 'zod';
import { SCHEMA } from './schema.ts';

/** What is to go where. `rule` is empty for what a person sends by hand. */
export interface Order {
  destination: string;
  rule: string;
  priority: number;
  form: InstanceToDeliver['form'];
  record: Pick<
    InstanceRecord,
    | 'SOPInstanceUID'
    | 'SOPClassUID'
    | 'StudyInstanceUID'
    | 'transferSyntaxUID'
    | 'sha256'
    | 'sizeBytes'
    | 'datasetOffsetBytes'
  >;
  receivedAt: string;
  /** Its rule is paused. */
  held?: boolean;
}

const claimedSchema = z.object({
  id: z.number(),
  SOPInstanceUID: z.string(),
  StudyInstanceUID: z.string(),
  SOPClassUID: z.string(),
  transferSyntaxUID: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  datasetOffsetBytes: z.number(),
  form: z.enum(['stored', 'uncompressed']),
  attempts: z.number(),
  receivedAt: z.string(),
});
export type Claimed = z.infer<typeof claimedSchema>;

/** Waits between tries of one instance that a destination cannot take now: doubling up to an hour. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
const FORGOTTEN_AT_ONCE = 1000;
/** Of this node: what it lacks now may come yet, however long it takes. */
const NOT_HERE_YET: ReadonlySet<string> = new Set(['BLOB_MISSING', 'UNAVAILABLE']);
const waitMs = (attempts: number): number => Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);

/**
 * What is on its way to other systems, in `forwarding.sqlite`. What was put in and `synced` survives a power cut; what is settled survives the end of the
 * process, and a power cut at worst sends it again.
 */
export class Queue {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #now: () => number;
  readonly #maxAttempts: number;
  readonly #path: string;
  #log: FileHandle | undefined;

  constructor(path: string, options: { now?: () => number; maxAttempts: number }) {
    this.#path = path;
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#now = options.now ?? Date.now;
    this.#maxAttempts = options.maxAttempts;
    this.database = new DatabaseSync(path);
    this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    this.database.exec(SCHEMA);
    // What was under way when the process ended is not known to have arrived.
    this.database.exec(`UPDATE delivery SET state = 'waiting' WHERE state = 'sending'`);
  }

  /** The same again changes nothing, unless other bytes took its place or `again` is asked for. Gives how many are to be sent. Durable once `synced`. */
  add(orders: readonly Order[], { again = false } = {}): number {
    const insert = this.#prepare(`
      INSERT INTO delivery (destination, SOPInstanceUID, StudyInstanceUID, rule, priority, form, SOPClassUID, transferSyntaxUID,
        sha256, sizeBytes, datasetOffsetBytes, receivedAt, state)
      VALUES ($destination, $SOPInstanceUID, $StudyInstanceUID, $rule, $priority, $form, $SOPClassUID, $transferSyntaxUID,
        $sha256, $sizeBytes, $datasetOffsetBytes, $receivedAt, $state)
      ON CONFLICT (destination, SOPInstanceUID) DO UPDATE SET
        state = excluded.state, attempts = 0, notBefore = 0, code = '', detail = '', settledAt = '', form = excluded.form,
        priority = excluded.priority, rule = excluded.rule, sha256 = excluded.sha256, sizeBytes = excluded.sizeBytes,
        transferSyntaxUID = excluded.transferSyntaxUID, datasetOffsetBytes = excluded.datasetOffsetBytes
      WHERE excluded.sha256 <> delivery.sha256 OR ($again AND delivery.state NOT IN ('waiting', 'sending'))`);
    let added = 0;
    this.#inOne(() => {
      for (const { record, held, ...order } of orders) {
        const { SOPInstanceUID, StudyInstanceUID, SOPClassUID, transferSyntaxUID } = record;
        const { sha256, sizeBytes, datasetOffsetBytes } = record;
        const row = {
          SOPInstanceUID,
          StudyInstanceUID,
          SOPClassUID,
          transferSyntaxUID,
          sha256,
          sizeBytes,
          datasetOffsetBytes,
        };
        const state = held ? 'held' : 'waiting';
        added += Number(insert.run({ ...order, ...row, state, again: Number(again) }).changes);
      }
    });
    return added;
  }

  /**
   * The next instances for a destination, all of one study. Newest studies of the highest priority come first; with `oldest` the one that waits longest,
   * so that a steady stream does not keep it waiting for ever.
   */
  claim(destination: string, limit: number, { oldest = false } = {}): Claimed[] {
    const study = this.#prepare(
      `SELECT StudyInstanceUID FROM study WHERE destination = ? AND waiting > 0
       ORDER BY ${oldest ? 'newestAt' : 'priority DESC, newestAt DESC'} LIMIT 1`,
    ).get(destination)?.['StudyInstanceUID'];
    if (typeof study !== 'string') return [];
    const rows = this.#prepare(
      `UPDATE delivery SET state = 'sending' WHERE id IN (
         SELECT id FROM delivery WHERE destination = ? AND StudyInstanceUID = ? AND state = 'waiting' ORDER BY id LIMIT ?)
       RETURNING id, SOPInstanceUID, StudyInstanceUID, SOPClassUID, transferSyntaxUID, sha256, sizeBytes, datasetOffsetBytes, form, attempts, receivedAt`,
    ).all(destination, study, limit);
    return z
      .array(claimedSchema)
      .parse(rows)
      .sort((a, b) => a.id - b.id);
  }

  /** Not sent after all. */
  release(claimed: readonly Claimed[]): void {
    const statement = this.#prepare(`UPDATE delivery SET state = 'waiting' WHERE id = ? AND state = 'sending'`);
    for (const { id } of claimed) statement.run(id);
  }

  settle({ id, attempts, sha256 }: Claimed, outcome: DeliveryOutcome): 'delivered' | 'later' | 'refused' {
    const tried = attempts + 1;
    const error = outcome.kind === 'delivered' ? undefined : outcome.error;
    const givenUp = outcome.kind === 'later' && tried >= this.#maxAttempts && !NOT_HERE_YET.has(error?.code ?? '');
    const state = givenUp ? 'refused' : outcome.kind;
    const now = this.#now();
    // Bytes that took the place of what was sent meanwhile are still to go.
    this.#prepare(
      `UPDATE delivery SET state = ?, attempts = ?, notBefore = ?, code = ?, detail = ?, settledAt = ?
       WHERE id = ? AND state = 'sending' AND sha256 = ?`,
    ).run(
      state,
      tried,
      state === 'later' ? now + waitMs(tried) : 0,
      error?.code ?? '',
      error?.detail ?? '',
      new Date(now).toISOString(),
      id,
      sha256,
    );
    return state;
  }

  /** Those whose time has come wait again. Gives their destinations. */
  wakeDue(): string[] {
    const rows = this.#prepare(
      `UPDATE delivery SET state = 'waiting' WHERE state = 'later' AND notBefore <= ? RETURNING destination`,
    ).all(this.#now());
    return [...new Set(rows.map((row) => String(row['destination'])))];
  }

  /** Destinations something waits for. */
  waiting(): string[] {
    return this.#prepare('SELECT DISTINCT destination FROM study WHERE waiting > 0')
      .all()
      .map((row) => String(row['destination']));
  }

  /** What was set aside, or waits to be tried again, is tried now. */
  retry(destination: string, StudyInstanceUID?: string): number {
    const where = StudyInstanceUID === undefined ? '' : ' AND StudyInstanceUID = ?';
    const args: SQLInputValue[] = StudyInstanceUID === undefined ? [destination] : [destination, StudyInstanceUID];
    return Number(
      this.#prepare(
        `UPDATE delivery SET state = 'waiting', attempts = 0, notBefore = 0, settledAt = ''
         WHERE destination = ?${where} AND state <> 'delivered' AND state IN ('refused', 'later')`,
      ).run(...args).changes,
    );
  }

  /** A rule was paused, or goes on. */
  hold(rule: string, isHeld: boolean): void {
    const [to, from] = isHeld ? ['held', `'waiting', 'later'`] : ['waiting', `'held'`];
    this.#prepare(`UPDATE delivery SET state = ? WHERE rule = ? AND state <> 'delivered' AND state IN (${from})`).run(
      to,
      rule,
    );
  }

  /** A rule is no more: what it took up and was not sent is dropped. */
  drop(rule: string): number {
    return Number(this.#prepare(`DELETE FROM delivery WHERE rule = ? AND state <> 'delivered'`).run(rule).changes);
  }

  /** Some of the single instances that were delivered long ago; the figures of their studies stay. */
  forgetBefore(settledAt: string): void {
    this.#prepare(
      `DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE state = 'delivered' AND settledAt < ? LIMIT ?)`,
    ).run(settledAt, FORGOTTEN_AT_ONCE);
  }

  /**
   * Resolves when all that was added survives a power cut. SQLite would do it within the commit and block the thread for as long as the disk takes; what
   * is committed lies in its write-ahead log, which is synced here.
   */
  async synced(): Promise<void> {
    if (this.#path === ':memory:') return;
    this.#log ??= await open(`${this.#path}-wal`, 'r+');
    await this.#log.datasync();
  }

  async close(): Promise<void> {
    await this.#log?.close();
    this.database.close();
  }

  #inOne(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
