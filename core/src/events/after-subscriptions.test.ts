import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogueChange, InstanceRecord } from '../catalogue/contract.ts';
import { createLogger } from '../log.ts';
import { AfterSubscriptions } from './after-subscriptions.ts';
import { ChangesTail } from './changes-tail.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { storedInstances } from './event-feeds.ts';

/** Waiting ends when the condition holds; only a broken one waits this long. */
const WAIT = { timeout: 30_000 };
const log = createLogger({ level: 'silent', name: 'test' });

/** A changes feed of numbered records. */
class Feed {
  readonly all: CatalogueChange[] = [];
  readonly listeners = new Set<() => void>();
  reads = 0;

  add(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const uid = `1.${this.all.length + 1}`;
      this.all.push({
        seq: String(this.all.length + 1),
        id: `instance:${uid}`,
        deleted: false,
        record: { SOPInstanceUID: uid } as InstanceRecord,
      });
    }
    for (const listener of this.listeners) listener();
  }

  async head() {
    return String(this.all.length || '');
  }

  async changes(since: string, limit: number) {
    this.reads += 1;
    const start = Number(since || 0);
    const changes = this.all.slice(start, start + limit);
    return { changes, lastSeq: changes.at(-1)?.seq ?? since };
  }

  onChange(listener: () => void) {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }
}

const none = {
  events: async () => ({ events: [], read: false, lastSeq: '0' }),
  head: async () => '0',
  onChange: () => ({ dispose: () => undefined }),
};

describe('AfterSubscriptions', () => {
  let directory: string;
  let checkpoints: CheckpointStore;
  let feed: Feed;
  let subscriptions: AfterSubscriptions;

  const open = (gatherMs = 100) => {
    checkpoints = new CheckpointStore(join(directory, 'events.sqlite'));
    subscriptions = new AfterSubscriptions({
      feeds: {
        'instance.stored': storedInstances(new ChangesTail(feed, 16)),
        'conflict.changed': none,
        'report.issued': none,
        'report.amended': none,
        'order.changed': none,
      },
      checkpoints,
      log,
      batchSize: 4,
      gatherMs,
      retryMs: 1,
    });
  };
  const close = async () => {
    await subscriptions.stop();
    checkpoints.close();
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-events-'));
    feed = new Feed();
    open();
  });
  afterEach(async () => {
    await close();
    await rm(directory, { recursive: true, force: true });
  });

  const collect = (into: string[]) => async (events: readonly InstanceRecord[]) =>
    void into.push(...events.map((event) => event.SOPInstanceUID));
  const uids = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `1.${i + from}`);

  it('tells all events in order, those from before the subscription too', async () => {
    const seen: string[] = [];
    feed.add(10);
    subscriptions.subscribe('instance.stored', 's', collect(seen));
    await vi.waitFor(() => expect(seen).toEqual(uids(10)), WAIT);
    feed.add(3);
    await vi.waitFor(() => expect(seen).toEqual(uids(13)), WAIT);
  });

  it('resumes from its checkpoint after a restart', async () => {
    const seen: string[] = [];
    feed.add(5);
    subscriptions.subscribe('instance.stored', 's', collect(seen));
    await vi.waitFor(() => expect(checkpoints.get('s')).toBe('5'), WAIT);
    await close();
    feed.add(2);
    open();
    const later: string[] = [];
    subscriptions.subscribe('instance.stored', 's', collect(later));
    await vi.waitFor(() => expect(later).toEqual(uids(2, 6)), WAIT);
  });

  it('repeats what a handler failed on, and delays nobody else', async () => {
    const seen: string[] = [];
    let failures = 3;
    feed.add(2);
    subscriptions.subscribe('instance.stored', 'failing', async (events) => {
      if (failures-- > 0) throw new Error('not now');
      await collect(seen)(events);
    });
    const other: string[] = [];
    subscriptions.subscribe('instance.stored', 'other', collect(other));
    await vi.waitFor(() => expect(other).toEqual(uids(2)), WAIT);
    await vi.waitFor(() => expect(seen).toEqual(uids(2)), WAIT);
  });

  it('starts from now when asked to', async () => {
    const seen: string[] = [];
    feed.add(5);
    subscriptions.subscribe('instance.stored', 's', collect(seen), 'now');
    await vi.waitFor(() => expect(feed.reads).toBeGreaterThan(0), WAIT);
    feed.add(1);
    await vi.waitFor(() => expect(seen).toEqual(['1.6']), WAIT);
  });

  it('keeps where now was: what comes before anything was handled is not passed over after a crash', async () => {
    feed.add(5);
    subscriptions.subscribe('instance.stored', 's', async () => undefined, 'now');
    await vi.waitFor(() => expect(checkpoints.get('s')).toBe('5'), WAIT);
    await close();
    feed.add(1);
    open();
    const seen: string[] = [];
    subscriptions.subscribe('instance.stored', 's', collect(seen), 'now');
    await vi.waitFor(() => expect(seen).toEqual(['1.6']), WAIT);
  });

  it('tells at once what comes after a quiet time', async () => {
    await close();
    open(60 * 60_000);
    const seen: string[] = [];
    subscriptions.subscribe('instance.stored', 's', collect(seen), 'now');
    await vi.waitFor(() => expect(feed.reads).toBeGreaterThan(0), WAIT);
    feed.add(2);
    await vi.waitFor(() => expect(seen).toEqual(uids(2)), WAIT);
  });

  it('reads each change once for subscribers that keep pace', async () => {
    const seen: string[][] = [[], [], []];
    for (const [i, list] of seen.entries()) subscriptions.subscribe('instance.stored', `s${i}`, collect(list));
    await vi.waitFor(() => expect(feed.reads).toBeGreaterThan(0), WAIT);
    const before = feed.reads;
    feed.add(4);
    await vi.waitFor(() => expect(seen.map((list) => list.length)).toEqual([4, 4, 4]), WAIT);
    // One read for the batch, one more that finds the end.
    expect(feed.reads - before).toBeLessThanOrEqual(4);
  });

  it('does not move the checkpoint of a disposed subscription past what it handled', async () => {
    feed.add(4);
    let release: (() => void) | undefined;
    const handler = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const subscription = subscriptions.subscribe('instance.stored', 's', handler);
    await vi.waitFor(() => expect(release).toBeDefined(), WAIT);
    const disposing = subscription.dispose();
    release?.();
    await disposing;
    expect(checkpoints.get('s')).toBeUndefined();
  });
});
