import { createHash } from 'node:crypto';
import { type DocumentStore, FilmlessError, type Orders, type Patients, type RowSource } from '@filmless/core/plugin';
import { z } from 'zod';
import type { PullSettings } from './config.ts';
import { mapRow, type Pulled, plain, type Row, RowError, subjectOf } from './mapping.ts';

/** The position is kept after so many rows, and at the end. */
const KEEP_EVERY = 100;
const MOST_FAILED = 1_000;
const MOST_DRY_ROWS = 20;

const stateSchema = z.object({
  position: z.string().optional(),
  lastRunAt: z.string().optional(),
  lastError: z.string().optional(),
  rows: z.number().default(0),
});
export type PullState = z.infer<typeof stateSchema>;

const failedSchema = z.object({ row: z.record(z.string(), z.unknown()), reason: z.string(), at: z.string() });

interface Options {
  settings: PullSettings;
  source: () => RowSource | undefined;
  documents: DocumentStore;
  patients: Pick<Patients, 'register'>;
  orders: Pick<Orders, 'place'>;
}

/**
 * One view of one system. What was taken over is kept with its position, so that a stop in the middle repeats rows and loses none; a row that
 * cannot be taken is kept with its reason and tried again with every run.
 */
export class Pull {
  readonly name: string;
  readonly #options: Options;

  constructor(options: Options) {
    this.name = options.settings.name;
    this.#options = options;
  }

  get settings(): PullSettings {
    return this.#options.settings;
  }

  /** Where the rows come from is there. */
  get ready(): boolean {
    return this.#options.source() !== undefined;
  }

  async state(): Promise<PullState & { failed: number }> {
    const found = await this.#options.documents.get(this.#stateId);
    const failed = await this.#options.documents.list(this.#failedPrefix, { limit: MOST_FAILED });
    return { ...stateSchema.parse(found ?? {}), failed: failed.length };
  }

  /** @returns how many rows came. @throws UNAVAILABLE, and what the stores throw */
  async run(signal: AbortSignal, progress: (done: number) => void = () => undefined): Promise<number> {
    let done = 0;
    try {
      await this.#tryFailed(signal);
      let { position } = await this.state();
      for await (const row of this.#rows(position, signal)) {
        signal.throwIfAborted();
        await this.#take(row);
        position = later(position, positionIn(row, this.settings.position));
        done += 1;
        if (done % KEEP_EVERY === 0) {
          await this.#keep({ position }, KEEP_EVERY);
          progress(done);
        }
      }
      const lastRunAt = new Date().toISOString();
      await this.#keep({ position, lastRunAt, lastError: undefined }, done % KEEP_EVERY);
      progress(done);
      return done;
    } catch (error) {
      if (!signal.aborted) {
        const known = FilmlessError.from(error);
        const lastError = known.code === 'INTERNAL' ? 'an unexpected failure; see the log' : known.message;
        await this.#keep({ lastError, lastRunAt: new Date().toISOString() }, 0);
      }
      throw error;
    }
  }

  /** What the first rows would become; nothing is changed. */
  async dryRun(signal: AbortSignal): Promise<{ row: Row; becomes?: Pulled; problem?: string }[]> {
    const found: { row: Row; becomes?: Pulled; problem?: string }[] = [];
    for await (const row of this.#rows(undefined, signal)) {
      try {
        if (positionIn(row, this.settings.position) === undefined) throw new RowError('position: the row has none');
        found.push({ row, becomes: mapRow(this.settings.mapping, row) });
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        found.push({ row, problem: error.message });
      }
      if (found.length >= MOST_DRY_ROWS) break;
    }
    return found;
  }

  #rows(since: string | undefined, signal: AbortSignal): AsyncIterable<Row> {
    const source = this.#options.source();
    if (!source) throw new FilmlessError('UNAVAILABLE', 'no active plugin brings the source of these rows');
    return source.rows(since, signal);
  }

  async #take(row: Row): Promise<void> {
    const reason = await this.#apply(row);
    if (reason !== undefined) return this.#remember(row, reason);
    // An older row of the same person or order that could not be taken must not come over this one later.
    const { documents } = this.#options;
    const older = await documents.get(this.#failedId(row));
    if (older) await documents.remove(this.#failedId(row), older.rev);
  }

  /** Why not, or undefined. What is wrong with the stores themselves is thrown: the next run goes on from there. */
  async #apply(row: Row): Promise<string | undefined> {
    const { patients, orders } = this.#options;
    const by = `pull:${this.name}`;
    try {
      const pulled = mapRow(this.settings.mapping, row);
      if (pulled.of === 'patient')
        await patients.register([pulled.identifier], pulled.demographics, by, pulled.location);
      else await orders.place({ ...pulled.order, system: this.name }, by);
      return undefined;
    } catch (error) {
      if (error instanceof RowError) return error.message;
      const { code, detail } = FilmlessError.from(error);
      if (code === 'INVALID_REQUEST' || code === 'CONFLICT') return detail ?? code;
      throw error;
    }
  }

  async #remember(row: Row, reason: string): Promise<void> {
    const { documents } = this.#options;
    const failed = await documents.list(this.#failedPrefix, { limit: MOST_FAILED });
    const id = this.#failedId(row);
    if (failed.length >= MOST_FAILED && !failed.some((one) => one.id === id))
      throw new FilmlessError(
        'UNAVAILABLE',
        `more than ${MOST_FAILED} rows cannot be taken over; correct the mapping first`,
      );
    const before = await documents.get(id);
    await documents.put(id, { row: jsonRow(row), reason, at: new Date().toISOString() }, before?.rev);
  }

  async #tryFailed(signal: AbortSignal): Promise<void> {
    const { documents } = this.#options;
    for (const found of await documents.list(this.#failedPrefix, { limit: MOST_FAILED })) {
      signal.throwIfAborted();
      const kept = failedSchema.safeParse(found);
      if (!kept.success || (await this.#apply(kept.data.row)) === undefined)
        await documents.remove(found.id, found.rev);
    }
  }

  async #keep(change: Partial<PullState>, rows: number): Promise<void> {
    const { documents } = this.#options;
    const found = await documents.get(this.#stateId);
    const before = stateSchema.parse(found ?? {});
    await documents.put(this.#stateId, { ...before, ...change, rows: before.rows + rows }, found?.rev);
  }

  get #stateId(): string {
    return `pull:${this.name}`;
  }

  #failedId(row: Row): string {
    const subject = subjectOf(this.settings.mapping, row) ?? JSON.stringify(jsonRow(row));
    return this.#failedPrefix + createHash('sha256').update(subject).digest('hex').slice(0, 32);
  }

  get #failedPrefix(): string {
    return `pull-failed:${this.name}:`;
  }
}

/** Numbers as numbers, all else as text: ISO times and zero-padded keys are in order so. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return other ?? one;
  const whole = /^\d+$/;
  if (whole.test(one) && whole.test(other)) return BigInt(other) > BigInt(one) ? other : one;
  return other > one ? other : one;
}

const jsonRow = (row: Row): unknown =>
  JSON.parse(JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));

/** Undefined when the row has none, or something that is no position. */
function positionIn(row: Row, column: string): string | undefined {
  const value = Object.entries(row).find(([name]) => name.toLowerCase() === column.toLowerCase())?.[1];
  try {
    return plain('position', value);
  } catch (error) {
    if (error instanceof RowError) return undefined;
    throw error;
  }
}
