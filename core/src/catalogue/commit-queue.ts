import { FilmlessError } from '../errors.ts';
import { catalogueError, pouchStatus } from './catalogue-error.ts';
import type { InstanceRecord } from './contract.ts';
import { instanceId, toInstanceDocument } from './instance-document.ts';
import type { PouchDatabase } from './pouch-database.ts';

const MAX_BATCH = 256;

export type CommitOutcome = { outcome: 'created' } | { outcome: 'exists'; existing: InstanceRecord };

export interface Committed {
  /** In the order they were written. */
  commits: { record: InstanceRecord; sizeBytes: number }[];
  /** Position of the last of them in the feed, when the database is this process's own. */
  lastSeq: number | undefined;
}

interface Waiting {
  id: string;
  record: InstanceRecord;
  document: ReturnType<typeof toInstanceDocument> & { _id: string };
  after: Promise<unknown> | undefined;
  /** `after` resolved: nothing keeps the record from the disk. */
  ready: boolean;
  resolve: (outcome: CommitOutcome) => void;
  reject: (error: unknown) => void;
}

/** Groups commits: those that come while a batch is on its way to the disk go together in the next one. */
export class CommitQueue {
  readonly #database: PouchDatabase;
  readonly #readExisting: (ids: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
  readonly #onCommitted: (committed: Committed) => void;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(
    database: PouchDatabase,
    readExisting: (ids: readonly string[]) => Promise<(InstanceRecord | undefined)[]>,
    onCommitted: (committed: Committed) => void,
  ) {
    this.#database = database;
    this.#readExisting = readExisting;
    this.#onCommitted = onCommitted;
  }

  /** The record is written after `after` resolved, never before; when it rejects, the record is not written. */
  add(record: InstanceRecord, after?: Promise<unknown>): Promise<CommitOutcome> {
    const id = instanceId(record.SOPInstanceUID);
    const document = { _id: id, ...toInstanceDocument(record) };
    return new Promise((resolve, reject) => {
      const entry: Waiting = { id, record, document, after, ready: after === undefined, resolve, reject };
      after?.then(
        () => (entry.ready = true),
        () => undefined,
      );
      this.#waiting.push(entry);
      // Started in a microtask, so that commits made in one go are one batch.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#write(batch);
      } catch (error) {
        await this.#failed(batch, error);
      }
    }
    // In the same turn as the last look at what is waiting: a commit made a moment later must start a new run.
    this.#running = undefined;
  }

  /**
   * The next batch: what need not wait any more, or else the oldest, which is encoded while its gate is still closed. None waits for the gate
   * of another. A second commit of the same instance waits for the outcome of the first.
   */
  #take(): Waiting[] {
    const batch = new Map<string, Waiting>();
    const later: Waiting[] = [];
    const isAnyReady = this.#waiting.some(({ ready }) => ready);
    const limit = isAnyReady ? MAX_BATCH : 1;
    for (const entry of this.#waiting) {
      if (batch.size < limit && entry.ready === isAnyReady && !batch.has(entry.id)) batch.set(entry.id, entry);
      else later.push(entry);
    }
    this.#waiting = later;
    return [...batch.values()];
  }

  async #write(batch: Waiting[]): Promise<void> {
    const gates = batch.flatMap(({ after }) => after ?? []);
    const { results, lastSeq } = await this.#database.write(
      async (db) => {
        const results = await db.bulkDocs(batch.map(({ document }) => document));
        // Nothing else is written meanwhile: writes to a database of this process go one after another.
        const lastSeq = this.#database.isRemote ? undefined : Number((await db.info()).update_seq);
        return { results, lastSeq };
      },
      gates.length > 0 ? Promise.all(gates) : undefined,
    );
    const existing: Waiting[] = [];
    const created: Waiting[] = [];
    for (const [index, entry] of batch.entries()) {
      const result = results[index];
      if (result?.rev !== undefined && result.error === undefined) created.push(entry);
      else if (pouchStatus(result) === 409) existing.push(entry);
      else entry.reject(catalogueError(result));
    }
    if (created.length > 0) {
      const commits = created.map(({ record, document }) => ({ record, sizeBytes: document.datasetJson.length }));
      this.#onCommitted({ commits, lastSeq });
      for (const { resolve } of created) resolve({ outcome: 'created' });
    }
    // Not awaited: the next batch need not wait for it.
    if (existing.length > 0) void this.#answerExisting(existing);
  }

  async #answerExisting(entries: Waiting[]): Promise<void> {
    try {
      const records = await this.#readExisting(entries.map(({ id }) => id));
      for (const [index, entry] of entries.entries()) {
        const existing = records[index];
        if (existing) entry.resolve({ outcome: 'exists', existing });
        else entry.reject(new FilmlessError('CONFLICT', 'The record was changed meanwhile'));
      }
    } catch (error) {
      for (const entry of entries) entry.reject(error);
    }
  }

  /** One failed gate must not fail its neighbours: they go into the next batch. */
  async #failed(batch: Waiting[], error: unknown): Promise<void> {
    const gates = await Promise.allSettled(batch.map(({ after }) => after));
    const isGate = gates.some(({ status }) => status === 'rejected');
    const again: Waiting[] = [];
    for (const [index, entry] of batch.entries()) {
      const gate = gates[index];
      if (gate?.status === 'rejected') entry.reject(gate.reason);
      else if (isGate) again.push(entry);
      else entry.reject(error);
    }
    this.#waiting = [...again, ...this.#waiting];
  }
}
