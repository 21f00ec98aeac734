import { monotonicFactory } from 'ulid';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { Disposable } from '../disposable.ts';
import { errorFields } from '../error-fields.ts';
import { FilmlessError } from '../errors.ts';
import type { Logger, Points } from '../plugins/contract.ts';
import { backoffMs } from './backoff.ts';
import type { JobRecord, JobRunner, JobState, Jobs } from './contract.ts';
import type { JobRow } from './job-table.ts';
import { JobTable, recordOf } from './job-table.ts';

interface Options {
  /** Of `jobs.sqlite`, or `:memory:`. */
  path: string;
  points: Points;
  log: Logger;
  clock?: Clock;
  random?: () => number;
  /** How long a stop waits for runners that were told to end. */
  stopTimeoutMs?: number;
}

interface Run {
  kind: string;
  runner: JobRunner;
  abort: AbortController;
  /** The node or the runner's plugin goes, so that it is to run again and nobody's failure. */
  interrupted: boolean;
  progress: { done: number; total: number };
  progressWrittenAt: number;
  settled: Promise<void>;
}

const DEFAULT_MAX_ATTEMPTS = 5;
const DEFAULT_LIST_LIMIT = 200;
const PROGRESS_EVERY_MS = 1_000;
const KEEP_FINISHED_MS = 30 * 24 * 3_600_000;
const PURGE_EVERY_MS = 6 * 3_600_000;
const LONGEST_SLEEP_MS = 24 * 3_600_000;
/** A job that takes the process down each time must not do so for ever. */
const MAX_INTERRUPTIONS = 5;

/**
 * Durable jobs. Runners come from the `Job` point under their kind and may come and go; a job whose kind has no runner waits. What ran
 * when the process died runs again.
 */
export class SqliteJobs implements Jobs {
  readonly #table: JobTable;
  readonly #points: Points;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopTimeoutMs: number;
  /** In the order they were asked for, also within a millisecond: jobs that are due together start in the order of their ids. */
  readonly #nextId = monotonicFactory();
  readonly #runs = new Map<string, Run>();
  readonly #onRunners: Disposable;
  #wake: Disposable | undefined;
  #purge: Disposable | undefined;
  #pumping = false;
  #stopping = false;
  #closed = false;

  constructor(options: Options) {
    this.#points = options.points;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 8_000;
    this.#table = new JobTable(options.path);
    this.#recover();
    this.#purgeFinished();
    this.#onRunners = this.#points.onChange('Job', () => this.#runnersChanged());
    this.#pumpSoon();
  }

  async enqueue(job: Parameters<Jobs['enqueue']>[0]): Promise<JobRecord> {
    this.#assertOpen();
    const existing = job.dedupeKey === undefined ? undefined : this.#table.activeWithKey(job.kind, job.dedupeKey);
    if (existing) return this.#record(existing);
    const now = this.#clock.now();
    const notBefore = job.notBefore === undefined ? now : Date.parse(job.notBefore);
    if (!Number.isFinite(notBefore)) throw new FilmlessError('INVALID_REQUEST', 'notBefore: not a time');
    const row: JobRow = {
      id: this.#nextId(now),
      kind: job.kind,
      title: job.title,
      state: 'waiting',
      payload: JSON.stringify(job.payload ?? null),
      progressDone: 0,
      progressTotal: 0,
      attempts: 0,
      maxAttempts: this.#points.get('Job', job.kind)?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      interruptions: 0,
      errorCode: null,
      errorDetail: null,
      createdAt: now,
      notBefore,
      finishedAt: null,
      createdBy: job.createdBy,
      dedupeKey: job.dedupeKey ?? null,
    };
    this.#table.insert(row);
    this.#pumpSoon();
    return recordOf(row);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    this.#assertOpen();
    const row = this.#table.get(id);
    return row && this.#record(row);
  }

  async list(
    filter: { state?: JobState; kind?: string; createdBy?: string; limit?: number } = {},
  ): Promise<JobRecord[]> {
    this.#assertOpen();
    return this.#table.list({ ...filter, limit: filter.limit ?? DEFAULT_LIST_LIMIT }).map((row) => this.#record(row));
  }

  /** NOT_FOUND; CONFLICT when it has ended otherwise. What runs is told to end and is not waited for. */
  async cancel(id: string): Promise<JobRecord> {
    const row = this.#existing(id);
    if (row.state === 'done' || row.state === 'failed') throw new FilmlessError('CONFLICT', `the job is ${row.state}`);
    if (row.state !== 'cancelled') {
      const { done, total } = this.#runs.get(id)?.progress ?? { done: row.progressDone, total: row.progressTotal };
      this.#table.update(id, {
        state: 'cancelled',
        finishedAt: this.#clock.now(),
        progressDone: done,
        progressTotal: total,
        errorCode: 'JOB_CANCELLED',
        errorDetail: null,
      });
      this.#runs.get(id)?.abort.abort(new FilmlessError('JOB_CANCELLED'));
    }
    return this.#record(this.#existing(id));
  }

  /** Runs it again, or now when it waits. NOT_FOUND; CONFLICT when it runs, is done, or another took its place. */
  async retry(id: string): Promise<JobRecord> {
    const row = this.#existing(id);
    if (row.state === 'running' || row.state === 'done') throw new FilmlessError('CONFLICT', `the job is ${row.state}`);
    const other = row.dedupeKey === null ? undefined : this.#table.activeWithKey(row.kind, row.dedupeKey);
    if (other && other.id !== id) throw new FilmlessError('CONFLICT', `job ${other.id} does the same`);
    this.#table.update(id, {
      state: 'waiting',
      attempts: 0,
      interruptions: 0,
      notBefore: this.#clock.now(),
      finishedAt: null,
      errorCode: null,
      errorDetail: null,
      progressDone: 0,
      progressTotal: 0,
    });
    this.#pumpSoon();
    return this.#record(this.#existing(id));
  }

  /** Tells what runs to end, waits for it, and closes. What did not end in time runs again at the next start. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await this.#onRunners.dispose();
    await this.#wake?.dispose();
    await this.#purge?.dispose();
    for (const run of this.#runs.values()) interrupt(run);
    let timer: Disposable | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = systemClock.after(this.#stopTimeoutMs, resolve);
    });
    await Promise.race([Promise.all([...this.#runs.values()].map(({ settled }) => settled)), timeout]);
    await timer?.dispose();
    if (this.#runs.size > 0) this.#log.warn({ jobs: [...this.#runs.keys()] }, 'jobs did not end in time');
    this.#closed = true;
    this.#table.close();
  }

  /** What the process before left running waits again. */
  #recover(): void {
    for (const row of this.#table.running()) {
      const interruptions = row.interruptions + 1;
      const attempts = Math.max(0, row.attempts - 1);
      if (interruptions > MAX_INTERRUPTIONS) {
        this.#table.update(row.id, {
          state: 'failed',
          finishedAt: this.#clock.now(),
          interruptions,
          errorCode: 'INTERNAL',
          errorDetail: `the node stopped ${interruptions} times while it ran`,
        });
      } else this.#table.update(row.id, { state: 'waiting', notBefore: this.#clock.now(), attempts, interruptions });
      this.#log.warn({ job: row.id, kind: row.kind, interruptions }, 'job was interrupted');
    }
  }

  #runnersChanged(): void {
    for (const run of this.#runs.values()) if (this.#points.get('Job', run.kind) !== run.runner) interrupt(run);
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#pumping || this.#stopping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (!this.#stopping) this.#pump();
    });
  }

  /** Starts what may start, and sleeps until the next is due. */
  #pump(): void {
    void this.#wake?.dispose();
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { key: kind, value: runner } of this.#points.entries('Job')) {
      let free = Math.max(1, runner.concurrency ?? 1);
      for (const run of this.#runs.values()) if (run.kind === kind) free -= 1;
      if (free <= 0) continue;
      // A cancelled job that was retried waits in the table while its first run still ends.
      const rows = this.#table.waiting(kind, free + this.#runs.size).filter(({ id }) => !this.#runs.has(id));
      for (const row of rows.slice(0, free)) {
        if (row.notBefore <= now) this.#start(row, runner);
        else next = Math.min(next, row.notBefore);
      }
    }
    if (next < Number.POSITIVE_INFINITY)
      this.#wake = this.#clock.after(Math.min(next - now, LONGEST_SLEEP_MS), () => this.#pumpSoon());
  }

  #start(row: JobRow, runner: JobRunner): void {
    const maxAttempts = runner.maxAttempts ?? row.maxAttempts;
    const started = { ...row, state: 'running' as const, attempts: row.attempts + 1, maxAttempts };
    this.#table.update(row.id, { state: 'running', attempts: started.attempts, maxAttempts });
    const run: Run = {
      kind: row.kind,
      runner,
      abort: new AbortController(),
      interrupted: false,
      progress: { done: row.progressDone, total: row.progressTotal },
      progressWrittenAt: 0,
      settled: Promise.resolve(),
    };
    this.#runs.set(row.id, run);
    run.settled = this.#settle(started, run);
  }

  async #settle(row: JobRow, run: Run): Promise<void> {
    let failure: { thrown: unknown } | undefined;
    try {
      await run.runner.run({
        job: recordOf(row),
        signal: run.abort.signal,
        progress: (done, total) => this.#progress(row.id, run, done, total),
      });
    } catch (thrown) {
      failure = { thrown };
    }
    this.#runs.delete(row.id);
    if (this.#closed) return;
    // Cancelled meanwhile: it stays so, however the run ended.
    if (this.#table.get(row.id)?.state === 'running') this.#table.update(row.id, this.#outcome(row, run, failure));
    this.#pumpSoon();
  }

  #outcome(row: JobRow, run: Run, failure: { thrown: unknown } | undefined): Partial<JobRow> {
    const now = this.#clock.now();
    const progress = { progressDone: run.progress.done, progressTotal: run.progress.total };
    if (!failure) return { ...progress, state: 'done', finishedAt: now, errorCode: null, errorDetail: null };
    if (run.interrupted) return { ...progress, state: 'waiting', attempts: row.attempts - 1, notBefore: now };
    const error = FilmlessError.from(failure.thrown);
    const told = { errorCode: error.code, errorDetail: error.detail ?? '' };
    if (error.code === 'JOB_CANCELLED') return { ...progress, ...told, state: 'cancelled', finishedAt: now };
    const last = row.attempts >= row.maxAttempts;
    this.#log[last ? 'error' : 'warn'](
      { job: row.id, kind: row.kind, attempt: row.attempts, ...errorFields(failure.thrown) },
      last ? 'job failed' : 'job failed and will be tried again',
    );
    if (last) return { ...progress, ...told, state: 'failed', finishedAt: now };
    return { ...progress, ...told, state: 'waiting', notBefore: now + backoffMs(row.attempts, this.#random) };
  }

  #progress(id: string, run: Run, done: number, total: number): void {
    if (!Number.isFinite(done) || !Number.isFinite(total)) return;
    run.progress = { done, total };
    const now = this.#clock.now();
    if (this.#closed || now - run.progressWrittenAt < PROGRESS_EVERY_MS) return;
    run.progressWrittenAt = now;
    this.#table.update(id, { progressDone: done, progressTotal: total });
  }

  /** With the progress of what runs, which the table has a little later. */
  #record(row: JobRow): JobRecord {
    const run = row.state === 'running' ? this.#runs.get(row.id) : undefined;
    return run ? { ...recordOf(row), progress: run.progress } : recordOf(row);
  }

  #existing(id: string): JobRow {
    this.#assertOpen();
    const row = this.#table.get(id);
    if (!row) throw new FilmlessError('NOT_FOUND', 'no such job');
    return row;
  }

  #purgeFinished(): void {
    this.#table.removeFinishedBefore(this.#clock.now() - KEEP_FINISHED_MS);
    this.#purge = this.#clock.after(PURGE_EVERY_MS, () => {
      if (!this.#stopping) this.#purgeFinished();
    });
  }

  #assertOpen(): void {
    if (this.#stopping) throw new FilmlessError('UNAVAILABLE', 'the node is stopping');
  }
}

function interrupt(run: Run): void {
  run.interrupted = true;
  run.abort.abort(new FilmlessError('UNAVAILABLE', 'the job is interrupted'));
}
