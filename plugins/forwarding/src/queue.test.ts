import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeliveryOutcome, FilmlessError } from '@filmless/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Order, Queue } from './queue.ts';
import { Views } from './views.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', transferSyntaxUID: '1.2.840.10008.1.2.1' };
const LATER: DeliveryOutcome = { kind: 'later', error: new FilmlessError('NOT_ACCEPTABLE', 'no room') };
const REFUSED: DeliveryOutcome = { kind: 'refused', error: new FilmlessError('NOT_ACCEPTABLE', 'not taken') };

function order(study: string, number: number, more: Partial<Order> & { sha256?: string } = {}): Order {
  const { sha256 = `${study}.${number}`, ...rest } = more;
  return {
    destination: 'dimse:A',
    rule: 'r',
    priority: 1,
    form: 'stored',
    receivedAt: `2026-01-0${study}T00:00:00.000Z`,
    record: {
      SOPInstanceUID: `1.${study}.${number}`,
      StudyInstanceUID: study,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      transferSyntaxUID: '1.2.840.10008.1.2.1',
      sha256,
      sizeBytes: 10,
      datasetOffsetBytes: 0,
    },
    ...rest,
  };
}

describe('the queue of forwarding', () => {
  let directory: string;
  let queue: Queue;
  let views: Views;
  let nowMs: number;

  const open = () => {
    queue = new Queue(join(directory, 'forwarding.sqlite'), { maxAttempts: 3, now: () => nowMs });
    views = new Views(queue.database);
  };
  const all = () => views.studies({ filter: 'all', limit: 10, offset: 0 }).items;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-queue-'));
    nowMs = Date.parse('2026-02-01T00:00:00Z');
    open();
  });
  afterEach(async () => {
    await queue.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('takes the same only once, other bytes under its name again, and everything when asked to', () => {
    expect(queue.add([order('1', 1), order('1', 1)])).toBe(1);
    for (const claimed of queue.claim('dimse:A', 10)) queue.settle(claimed, DELIVERED);
    expect(queue.add([order('1', 1)])).toBe(0);
    expect(queue.add([order('1', 1, { sha256: 'other' })])).toBe(1);
    for (const claimed of queue.claim('dimse:A', 10)) queue.settle(claimed, DELIVERED);
    expect(queue.add([order('1', 1, { sha256: 'other' })], { again: true })).toBe(1);
    expect(all()).toMatchObject([{ expected: 1, delivered: 0 }]);
  });

  it('gives the newest study first, a higher priority before it, and the oldest when it is its turn', () => {
    queue.add([order('1', 1), order('2', 1), order('3', 1), order('2', 2, { priority: 2 })]);
    const next = (oldest = false) => queue.claim('dimse:A', 10, { oldest }).map(({ SOPInstanceUID }) => SOPInstanceUID);
    expect(next()).toEqual(['1.2.1', '1.2.2']);
    expect(next(true)).toEqual(['1.1.1']);
    expect(next()).toEqual(['1.3.1']);
    expect(next()).toEqual([]);
  });

  it('sends again after the end of the process what was not settled, and only that', async () => {
    queue.add([order('1', 1), order('1', 2), order('1', 3)]);
    const [first] = queue.claim('dimse:A', 2);
    if (first) queue.settle(first, DELIVERED);
    await queue.close();
    open();
    expect(queue.claim('dimse:A', 10).map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(['1.1.2', '1.1.3']);
  });

  it('tries again what cannot be taken now, ever later, and sets it aside in the end', () => {
    queue.add([order('1', 1)]);
    const settle = (outcome: DeliveryOutcome) =>
      queue.claim('dimse:A', 1).map((claimed) => queue.settle(claimed, outcome));
    expect(settle(LATER)).toEqual(['later']);
    expect(queue.wakeDue()).toEqual([]);
    nowMs += 5000;
    expect(queue.wakeDue()).toEqual(['dimse:A']);
    expect(settle(LATER)).toEqual(['later']);
    nowMs += 5000;
    expect(queue.wakeDue()).toEqual([]);
    nowMs += 5000;
    expect(queue.wakeDue()).toEqual(['dimse:A']);
    expect(settle(LATER)).toEqual(['refused']);
    expect(all()).toMatchObject([{ expected: 1, refused: 1 }]);
    expect(queue.retry('dimse:A', '1')).toBe(1);
    expect(settle(DELIVERED)).toEqual(['delivered']);
    expect(all()).toMatchObject([{ expected: 1, refused: 0, delivered: 1 }]);
  });

  it('counts a study complete only when every instance was accepted, and says why it is not', () => {
    queue.add([order('1', 1), order('1', 2), order('1', 3)]);
    const [a, b, c] = queue.claim('dimse:A', 3);
    if (!a || !b || !c) throw new Error('three were put in');
    queue.settle(a, DELIVERED);
    queue.settle(b, REFUSED);
    expect(views.studies({ filter: 'complete', limit: 1, offset: 0 }).total).toBe(0);
    expect(views.reasons('dimse:A', '1')).toMatchObject([
      { state: 'refused', code: 'NOT_ACCEPTABLE', detail: 'not taken', instances: 1 },
      { state: 'sending', instances: 1 },
    ]);
    expect(views.backlog()).toMatchObject([{ destination: 'dimse:A', instances: 1, refused: 1 }]);
    queue.settle(c, DELIVERED);
    queue.retry('dimse:A');
    for (const claimed of queue.claim('dimse:A', 1)) queue.settle(claimed, DELIVERED);
    expect(views.studies({ filter: 'complete', limit: 1, offset: 0 }).total).toBe(1);
    expect(views.backlog()).toEqual([]);
  });

  it('holds what a paused rule took up, and drops it with the rule', () => {
    queue.add([order('1', 1), order('1', 2, { held: true }), order('1', 3, { rule: 'other' })]);
    queue.hold('r', true);
    expect(queue.claim('dimse:A', 10)).toHaveLength(1);
    queue.hold('r', false);
    expect(queue.claim('dimse:A', 10)).toHaveLength(2);
    expect(queue.drop('r')).toBe(2);
    expect(all()).toMatchObject([{ expected: 1 }]);
    expect(queue.drop('other')).toBe(1);
    expect(all()).toEqual([]);
  });

  it('keeps the figures of studies whose single instances it forgets', () => {
    queue.add([order('1', 1), order('1', 2)]);
    const [first] = queue.claim('dimse:A', 1);
    if (first) queue.settle(first, DELIVERED);
    queue.forgetBefore('2027-01-01');
    expect(all()).toMatchObject([{ expected: 2, delivered: 1 }]);
    expect(queue.claim('dimse:A', 10)).toHaveLength(1);
  });

  it('tells once what the audit log must know', () => {
    queue.add([order('1', 1)]);
    for (const claimed of queue.claim('dimse:A', 1)) queue.settle(claimed, DELIVERED);
    expect(views.unaudited('2026-01-31')).toEqual([]);
    expect(views.unaudited('2026-03-01')).toMatchObject([
      { destination: 'dimse:A', StudyInstanceUID: '1', unaudited: 1 },
    ]);
    views.audited('dimse:A', '1', 1);
    expect(views.unaudited('2026-03-01')).toEqual([]);
  });
});
