import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';
import type { Points } from '../plugins/contract.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { backoffMs } from './backoff.ts';
import type { JobContext, JobRunner, JobState } from './contract.ts';
import { SqliteJobs } from './sqlite-jobs.ts';

const DAY_MS = 24 * 3_600_000;
const job = (kind: string, more: object = {}) => ({ kind, title: kind, payload: { n: 1 }, createdBy: 'wang', ...more });

describe('SqliteJobs', () => {
  let directory: string;
  let path: string;
  let clock: ManualClock;
  let points: Points;
  let log: RecordingLog;
  const open: SqliteJobs[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-jobs-'));
    path = join(directory, 'jobs.sqlite');
    clock = new ManualClock();
    points = new PointRegistry().viewFor('test', () => undefined);
    log = new RecordingLog();
  });

  afterEach(async () => {
    for (const jobs of open.splice(0)) await jobs.stop();
    await rm(directory, { recursive: true });
  });

  const start = (file = path) => {
    const jobs = new SqliteJobs({ path: file, points, log, clock, random: () => 0.5, stopTimeoutMs: 50 });
    open.push(jobs);
    return jobs;
  };
  const runs = (kind: string, run: JobRunner['run'], more: Partial<JobRunner> = {}) =>
    points.contribute('Job', kind, { ...more, run });
  const reaches = (jobs: SqliteJobs, id: string, state: JobState) =>
    until(async () => (await jobs.get(id))?.state === state);
  /** Runs until told otherwise. */
  const untilAborted = ({ signal }: JobContext) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

  it('runs a job with its payload and keeps what became of it', async () => {
    const seen: unknown[] = [];
    runs('copy', async ({ job: { payload }, progress }) => {
      seen.push(payload);
      progress(3, 3);
    });
    const jobs = start();
    const { id, state } = await jobs.enqueue(job('copy'));
    expect(state).toBe('waiting');
    await reaches(jobs, id, 'done');
    expect(seen).toEqual([{ n: 1 }]);
    expect(await jobs.get(id)).toMatchObject({
      attempts: 1,
      progress: { done: 3, total: 3 },
      createdBy: 'wang',
      finishedAt: '2026-03-01T08:00:00.000Z',
    });
    await jobs.stop();
    expect(await start().get(id)).toMatchObject({ state: 'done', payload: { n: 1 } });
  });

  it('waits for a runner to come', async () => {
    const jobs = start();
    const { id } = await jobs.enqueue(job('late'));
    const other = await jobs.enqueue(job('other'));
    runs('other', async () => undefined);
    await reaches(jobs, other.id, 'done');
    expect((await jobs.get(id))?.state).toBe('waiting');
    runs('late', async () => undefined);
    await reaches(jobs, id, 'done');
  });

  it('waits until it is time', async () => {
    let ran = 0;
    runs('copy', async () => {
      ran += 1;
    });
    const jobs = start();
    const { id } = await jobs.enqueue(job('copy', { notBefore: '2026-03-01T09:00:00Z' }));
    const now = await jobs.enqueue(job('copy'));
    await reaches(jobs, now.id, 'done');
    clock.advance(3_599_000);
    const later = await jobs.enqueue(job('copy'));
    await reaches(jobs, later.id, 'done');
    expect([ran, (await jobs.get(id))?.state]).toEqual([2, 'waiting']);
    clock.advance(1_000);
    await reaches(jobs, id, 'done');
    await expect(jobs.enqueue(job('copy', { notBefore: 'soon' }))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('tries again later and later, then gives up with the reason', async () => {
    const at: number[] = [];
    const began = clock.now();
    runs(
      'flaky',
      async () => {
        at.push((clock.now() - began) / 1000);
        throw new FilmlessError('DEVICE_UNREACHABLE', 'ARCHIVE2');
      },
      { maxAttempts: 4 },
    );
    const jobs = start();
    const { id } = await jobs.enqueue(job('flaky'));
    for (const [attempts, seconds] of [
      [1, 5],
      [2, 10],
      [3, 20],
    ] as const) {
      await until(async () => (await jobs.get(id))?.attempts === attempts && (await jobs.get(id))?.state === 'waiting');
      expect(await jobs.get(id)).toMatchObject({ error: { code: 'DEVICE_UNREACHABLE', detail: 'ARCHIVE2' } });
      clock.advance(seconds * 1000);
    }
    await reaches(jobs, id, 'failed');
    expect(at).toEqual([0, 5, 15, 35]);
    await jobs.retry(id);
    await until(() => at.length === 5);
  });

  it('says nothing of what an unexpected failure quoted', async () => {
    runs('broken', () => Promise.reject(new Error('ZHANG^SAN')), { maxAttempts: 1 });
    const jobs = start();
    const { id } = await jobs.enqueue(job('broken'));
    await reaches(jobs, id, 'failed');
    expect((await jobs.get(id))?.error).toEqual({ code: 'INTERNAL', detail: '' });
    expect(JSON.stringify(log.lines)).not.toContain('ZHANG');
    expect(log.lines.some(({ message }) => message === 'job failed')).toBe(true);
  });

  it('survives a runner that throws at once', async () => {
    runs(
      'rash',
      () => {
        throw new TypeError('not even a promise');
      },
      { maxAttempts: 1 },
    );
    const jobs = start();
    const { id } = await jobs.enqueue(job('rash'));
    await reaches(jobs, id, 'failed');
  });

  it('runs as many of a kind at once as its runner allows, kinds beside each other', async () => {
    const release: (() => void)[] = [];
    let most = 0;
    const hold = () =>
      new Promise<void>((resolve) => {
        release.push(resolve);
        most = Math.max(most, release.length);
      });
    runs('wide', hold, { concurrency: 2 });
    runs('narrow', hold);
    const jobs = start();
    const ids: string[] = [];
    for (const kind of ['wide', 'wide', 'wide', 'wide', 'narrow', 'narrow'])
      ids.push((await jobs.enqueue(job(kind))).id);
    await until(() => release.length === 3);
    expect((await jobs.list({ state: 'running' })).map(({ kind }) => kind).sort()).toEqual(['narrow', 'wide', 'wide']);
    while ((await jobs.list({ state: 'done' })).length < 6) {
      release.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBe(3);
    expect(ids).toHaveLength(6);
  });

  it('starts jobs in the order they were asked for', async () => {
    const started: unknown[] = [];
    const jobs = start();
    for (let n = 0; n < 20; n += 1) await jobs.enqueue(job('copy', { payload: n }));
    runs('copy', async ({ job: { payload } }) => {
      started.push(payload);
    });
    await until(() => started.length === 20);
    expect(started).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('keeps one job of a key while it waits or runs', async () => {
    const jobs = start();
    const first = await jobs.enqueue(job('copy', { dedupeKey: 'study 1' }));
    expect((await jobs.enqueue(job('copy', { dedupeKey: 'study 1' }))).id).toBe(first.id);
    expect((await jobs.enqueue(job('print', { dedupeKey: 'study 1' }))).id).not.toBe(first.id);
    await jobs.cancel(first.id);
    const second = await jobs.enqueue(job('copy', { dedupeKey: 'study 1' }));
    expect(second.id).not.toBe(first.id);
    await expect(jobs.retry(first.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    runs('copy', async () => undefined);
    await reaches(jobs, second.id, 'done');
    expect((await jobs.enqueue(job('copy', { dedupeKey: 'study 1' }))).id).not.toBe(second.id);
  });

  it('cancels what waits and what runs, and what is cancelled stays so', async () => {
    let finish = (): void => undefined;
    let aborted = false;
    runs('copy', ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const jobs = start();
    const running = await jobs.enqueue(job('copy'));
    const waiting = await jobs.enqueue(job('copy'));
    await reaches(jobs, running.id, 'running');
    expect((await jobs.cancel(waiting.id)).state).toBe('cancelled');
    expect(await jobs.cancel(running.id)).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } });
    expect(aborted).toBe(true);
    const retried = await jobs.retry(running.id);
    expect(retried.state).toBe('waiting');
    expect((await jobs.cancel(running.id)).state).toBe('cancelled');
    finish();
    const last = await jobs.enqueue(job('copy'));
    await reaches(jobs, last.id, 'running');
    finish();
    await reaches(jobs, last.id, 'done');
    expect((await jobs.get(running.id))?.state).toBe('cancelled');
    expect((await jobs.get(waiting.id))?.state).toBe('cancelled');
    await expect(jobs.cancel(last.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(jobs.retry(last.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(jobs.cancel('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not run a job twice at once when it is cancelled and retried', async () => {
    const release: (() => void)[] = [];
    runs('copy', () => new Promise<void>((resolve) => release.push(resolve)), { concurrency: 4 });
    const jobs = start();
    const { id } = await jobs.enqueue(job('copy'));
    await until(() => release.length === 1);
    await jobs.cancel(id);
    await jobs.retry(id);
    const other = await jobs.enqueue(job('copy'));
    await reaches(jobs, other.id, 'running');
    expect(release).toHaveLength(2);
    release[0]?.();
    await until(() => release.length === 3);
    release[2]?.();
    await reaches(jobs, id, 'done');
    release[1]?.();
  });

  it('runs again what ran when the process died, and gives up on what kills the process', async () => {
    const release: (() => void)[] = [];
    const runner = runs('copy', () => new Promise<void>((resolve) => release.push(resolve)), { maxAttempts: 1 });
    const jobs = start();
    const { id } = await jobs.enqueue(job('copy'));
    await reaches(jobs, id, 'running');
    // The files as a process that is gone leaves them.
    let crashed = join(directory, 'crash-0.sqlite');
    await copyFile(path, crashed);
    await copyFile(`${path}-wal`, `${crashed}-wal`);
    release.shift()?.();
    await runner.dispose();
    for (let crash = 1; crash <= 5; crash += 1) {
      const next = start(crashed);
      expect(await next.get(id)).toMatchObject({ state: 'waiting', attempts: 0 });
      await next.stop();
      const database = new DatabaseSync(crashed);
      database.exec("UPDATE jobs SET state = 'running', attempts = 1");
      database.close();
      const copy = join(directory, `crash-${crash}.sqlite`);
      await copyFile(crashed, copy);
      crashed = copy;
    }
    const given = start(crashed);
    expect(await given.get(id)).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } });
  });

  it('puts back what runs when the node stops or its plugin goes, without counting it as a failure', async () => {
    const runner = runs('copy', untilAborted, { maxAttempts: 1 });
    const jobs = start();
    const { id } = await jobs.enqueue(job('copy'));
    await reaches(jobs, id, 'running');
    await runner.dispose();
    await reaches(jobs, id, 'waiting');
    expect(await jobs.get(id)).toMatchObject({ attempts: 0 });
    runs('copy', untilAborted, { maxAttempts: 1 });
    await reaches(jobs, id, 'running');
    await jobs.stop();
    await expect(jobs.get(id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const again = start();
    await reaches(again, id, 'running');
    expect(await again.get(id)).toMatchObject({ attempts: 1 });
  });

  it('stops even when a runner does not listen, and that job runs again', async () => {
    let ended = false;
    let release = (): void => undefined;
    const runner = runs('deaf', async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      ended = true;
    });
    const jobs = start();
    const { id } = await jobs.enqueue(job('deaf'));
    await reaches(jobs, id, 'running');
    await jobs.stop();
    await runner.dispose();
    expect((await start().get(id))?.state).toBe('waiting');
    release();
    await until(() => ended);
  });

  it('shows progress at once and writes it once a second', async () => {
    let context: JobContext | undefined;
    runs('copy', (given) => {
      context = given;
      return untilAborted(given);
    });
    const jobs = start();
    const { id } = await jobs.enqueue(job('copy'));
    await until(() => context !== undefined);
    const written = () => {
      const database = new DatabaseSync(path, { readOnly: true });
      const row = database.prepare('SELECT progressDone FROM jobs').get();
      database.close();
      return row?.['progressDone'];
    };
    context?.progress(1, 100);
    context?.progress(2, 100);
    expect(await jobs.get(id)).toMatchObject({ progress: { done: 2, total: 100 } });
    expect(written()).toBe(1);
    context?.progress(Number.NaN, 100);
    clock.advance(1_000);
    context?.progress(3, 100);
    expect(written()).toBe(3);
  });

  it('forgets what ended thirty days ago, and nothing else', async () => {
    runs('copy', async () => undefined);
    const jobs = start();
    const old = await jobs.enqueue(job('copy'));
    const waiting = await jobs.enqueue(job('none'));
    await reaches(jobs, old.id, 'done');
    clock.advance(29 * DAY_MS);
    expect(await jobs.get(old.id)).toBeDefined();
    clock.advance(2 * DAY_MS);
    expect(await jobs.get(old.id)).toBeUndefined();
    expect(await jobs.get(waiting.id)).toBeDefined();
  });

  it('lists the newest first, by state and kind', async () => {
    const jobs = start();
    for (const kind of ['a', 'b', 'a']) {
      clock.advance(1_000);
      await jobs.enqueue(job(kind));
    }
    expect((await jobs.list()).map(({ kind }) => kind)).toEqual(['a', 'b', 'a']);
    expect((await jobs.list({ kind: 'a', limit: 1 }))[0]?.createdAt).toBe('2026-03-01T08:00:03.000Z');
    expect(await jobs.list({ state: 'done' })).toEqual([]);
  });
});

describe('backoffMs', () => {
  it('doubles up to an hour, and spreads', () => {
    expect([1, 2, 3, 10, 11, 50].map((n) => backoffMs(n, () => 0.5))).toEqual([
      5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000,
    ]);
    expect([backoffMs(1, () => 0), backoffMs(1, () => 1)]).toEqual([4_000, 6_000]);
  });
});
