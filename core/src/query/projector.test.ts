import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { makeQueryRecord } from '../../testing/query-records.ts';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { ChangesTail } from '../events/changes-tail.ts';
import { Projector, type ProjectorOptions } from './projector.ts';
import { SqliteQueryIndex } from './sqlite-index.ts';

const record = (number: number) =>
  makeQueryRecord({ study: `1.${number % 7}`, instance: `1.9.${number}` }, { PatientID: `P${number % 3}` });

function openIndex(path = ':memory:'): SqliteQueryIndex {
  const index = new SqliteQueryIndex({ path, fetchRecords: async () => [] });
  onTestFinished(() => index.close());
  return index;
}

function start(
  feed: ProjectorOptions['feed'],
  index: ProjectorOptions['index'],
  more: Partial<ProjectorOptions> = {},
): Projector {
  const projector = new Projector({ feed, index, ...more });
  projector.start();
  onTestFinished(() => projector.stop());
  return projector;
}

describe('projector', () => {
  it('shows to every read what was committed before it', async () => {
    const catalogue = new InMemoryCatalogue();
    for (const feed of [catalogue, new ChangesTail(catalogue)]) {
      const index = openIndex();
      start(feed, index);
      for (let number = 0; number < 40; number++) {
        await catalogue.commit(record(number));
        expect((await index.totals()).instances).toBe(await catalogue.count());
      }
      await Promise.all(
        Array.from({ length: 40 }, async (_, number) => {
          await catalogue.commit(record(100 + number));
          const found = await index.instances({ SOPInstanceUID: `1.9.${100 + number}`, scope: { kind: 'all' } });
          expect(found).toHaveLength(1);
        }),
      );
    }
  });

  it('does so with the catalogue in PouchDB', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'filmless-projector-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const catalogue = await PouchCatalogue.open({ location: directory });
    onTestFinished(() => catalogue.close());
    const index = openIndex();
    start(new ChangesTail(catalogue), index);
    for (let number = 0; number < 30; number++) {
      await Promise.all([catalogue.commit(record(number * 2)), catalogue.commit(record(number * 2 + 1))]);
      expect((await index.totals()).instances).toBe((number + 1) * 2);
    }
    await catalogue.supersede(makeQueryRecord({ study: '1.77', instance: '1.9.1', salt: 'new' }));
    expect((await index.study('1.77', { kind: 'all' }))?.study.instanceCount).toBe(1);
  });

  it('does not keep a read waiting for what is committed after it', async () => {
    const catalogue = new InMemoryCatalogue();
    await catalogue.commit(record(0));
    let number = 1;
    // Each look at the feed finds one more: a busy evening.
    const busy: ProjectorOptions['feed'] = {
      head: () => catalogue.head(),
      onChange: (listener) => catalogue.onChange(listener),
      changes: async (since, limit) => {
        if (number < 5000) await catalogue.commit(record(number++));
        return catalogue.changes(since, limit);
      },
    };
    const index = openIndex();
    start(busy, index);
    await index.settled();
    expect(number).toBeLessThan(5000);
  });

  it('is not fooled by an older look at the feed, nor by positions that are no numbers', async () => {
    for (const opaque of [false, true]) {
      const catalogue = new InMemoryCatalogue();
      const outward = (seq: string) => (opaque && seq !== '' ? `x${seq}` : seq);
      const inward = (seq: string) => seq.replace('x', '');
      let older = 0;
      const feed: ProjectorOptions['feed'] = {
        head: async () => outward(await catalogue.head()),
        onChange: (listener) => catalogue.onChange(listener),
        changes: async (since, limit) => {
          if (older++ % 2 === 0) return { changes: [], lastSeq: since };
          const { changes, lastSeq } = await catalogue.changes(inward(since), limit);
          return {
            changes: changes.map((change) => ({ ...change, seq: outward(change.seq) })),
            lastSeq: outward(lastSeq),
          };
        },
      };
      const index = openIndex();
      start(feed, index);
      for (let number = 0; number < 20; number++) {
        await catalogue.commit(record(number));
        expect((await index.totals()).instances).toBe(number + 1);
      }
    }
  });

  it('asks the feed for nothing while nothing changes', async () => {
    const catalogue = new InMemoryCatalogue();
    await catalogue.commit(record(1));
    const index = openIndex();
    start(catalogue, index);
    await index.totals();
    await index.totals();
    const asked = [vi.spyOn(catalogue, 'changes'), vi.spyOn(catalogue, 'head')];
    for (let read = 0; read < 10; read++) await index.totals();
    expect(asked.map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  });

  it('takes more than a batch, and skips what is no instance', async () => {
    const catalogue = new InMemoryCatalogue();
    const other = record(0);
    await catalogue.putConflict({
      id: `conflict:${other.SOPInstanceUID}:x`,
      SOPInstanceUID: other.SOPInstanceUID,
      existing: { sha256: 'y', receivedAt: other.received.at, source: 'CT1' },
      received: other,
      status: 'open',
    });
    for (let number = 0; number < 1203; number++) await catalogue.commit(record(number));
    const index = openIndex();
    start(catalogue, index);
    expect((await index.totals()).instances).toBe(1203);
    expect(index.position()).toBe(await catalogue.head());
  });

  it('goes on where it stood after the process died', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'filmless-projector-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'index.sqlite');
    const catalogue = new InMemoryCatalogue();
    for (let number = 0; number < 30; number++) await catalogue.commit(record(number));
    const before = openIndex(path);
    const { changes, lastSeq } = await catalogue.changes('', 12);
    before.apply(
      changes.map(({ seq, record: one }) => ({ seq, ...(one ? { record: one } : {}) })),
      lastSeq,
    );
    await before.close();
    const reads = vi.spyOn(catalogue, 'changes');
    const index = openIndex(path);
    start(catalogue, index);
    expect((await index.totals()).instances).toBe(30);
    expect(reads.mock.calls[0]?.[0]).toBe(lastSeq);
  });

  it('replaces superseded instances and drops deleted ones', async () => {
    const catalogue = new InMemoryCatalogue();
    const index = openIndex();
    await catalogue.commit(record(1));
    const feed: ProjectorOptions['feed'] = {
      head: () => catalogue.head(),
      onChange: (listener) => catalogue.onChange(listener),
      changes: async (since, limit) => {
        const batch = await catalogue.changes(since, limit);
        const changes = batch.changes.map((change) =>
          change.id === 'instance:1.9.5' ? { seq: change.seq, id: change.id, deleted: true } : change,
        );
        return { ...batch, changes };
      },
    };
    start(feed, index);
    await catalogue.supersede(makeQueryRecord({ study: '1.77', instance: '1.9.1', salt: 'new' }));
    index.apply([{ seq: '1', record: record(5) }], index.position());
    await catalogue.commit(record(5));
    expect((await index.study('1.77', { kind: 'all' }))?.study.instanceCount).toBe(1);
    expect(await index.instances({ SOPInstanceUID: '1.9.5', scope: { kind: 'all' } })).toEqual([]);
    expect((await index.totals()).instances).toBe(1);
  });

  it('fills the index again when it is cleared, also in the middle of a batch', async () => {
    const catalogue = new InMemoryCatalogue();
    for (let number = 0; number < 700; number++) await catalogue.commit(record(number));
    const index = openIndex();
    let clearOnce = true;
    const feed: ProjectorOptions['feed'] = {
      head: () => catalogue.head(),
      onChange: (listener) => catalogue.onChange(listener),
      changes: async (since, limit) => {
        const batch = await catalogue.changes(since, limit);
        if (since !== '' && clearOnce) {
          clearOnce = false;
          index.clear();
        }
        return batch;
      },
    };
    start(feed, index);
    expect((await index.totals()).instances).toBe(700);
    index.clear();
    expect((await index.totals()).instances).toBe(700);
    expect(clearOnce).toBe(false);
  });

  it('answers UNAVAILABLE while the index cannot be written, says why once a try, and recovers', async () => {
    const catalogue = new InMemoryCatalogue();
    await catalogue.commit(record(1));
    const index = openIndex();
    const apply = vi.spyOn(index, 'apply').mockImplementation(() => {
      throw new Error('disk full');
    });
    const failures: unknown[] = [];
    start(catalogue, index, { onFailed: (error) => failures.push(error), retryMs: 1 });
    await expect(index.totals()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.waitFor(() => expect(failures.length).toBeGreaterThan(1), { timeout: 30_000 });
    apply.mockRestore();
    await vi.waitFor(async () => expect((await index.totals()).instances).toBe(1), { timeout: 30_000 });
  });

  it('passes over a record that the index cannot take, tells of it, and shows all others', async () => {
    const catalogue = new InMemoryCatalogue();
    for (let number = 0; number < 30; number++) await catalogue.commit(record(number));
    const index = openIndex();
    const apply = index.apply.bind(index);
    vi.spyOn(index, 'apply').mockImplementation((changes, lastSeq) => {
      if (changes.some(({ record: each }) => each?.SOPInstanceUID === '1.9.17')) throw new RangeError('bad number');
      apply(changes, lastSeq);
    });
    const skipped: { id: string }[] = [];
    const projector = start(catalogue, index, { onSkipped: (change) => skipped.push(change) });
    expect((await index.totals()).instances).toBe(29);
    await catalogue.commit(record(100));
    expect((await index.totals()).instances).toBe(30);
    expect(skipped).toEqual([expect.objectContaining({ id: 'instance:1.9.17' })]);
    expect(projector.skipped).toBe(1);
    expect(index.position()).toBe(await catalogue.head());
  });

  it('lets waiting reads go when it stops', async () => {
    const catalogue = new InMemoryCatalogue();
    await catalogue.commit(record(1));
    const gate = Promise.withResolvers<void>();
    const index = openIndex();
    const projector = new Projector({
      feed: {
        head: () => catalogue.head(),
        onChange: (listener) => catalogue.onChange(listener),
        changes: async (since, limit) => {
          await gate.promise;
          return catalogue.changes(since, limit);
        },
      },
      index,
    });
    projector.start();
    const waiting = expect(index.totals()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const stopping = projector.stop();
    gate.resolve();
    await stopping;
    await waiting;
    expect(index.position()).toBe('');
  });
});
