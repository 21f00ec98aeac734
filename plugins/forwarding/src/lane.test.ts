import {
  type DeliveryOutcome,
  FilmlessError,
  type InstanceSender,
  type SendingConnection,
} from '@filmless/core/plugin';
import { RecordingLog, until } from '@filmless/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lane } from './lane.ts';
import { type Order, Queue } from './queue.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', transferSyntaxUID: '1.2.840.10008.1.2.1' };

const orders = (study: string, count: number): Order[] =>
  Array.from({ length: count }, (_, i) => ({
    destination: 'fake:A',
    rule: 'r',
    priority: 1,
    form: 'stored',
    receivedAt: '2026-01-01T00:00:00.000Z',
    record: {
      SOPInstanceUID: `${study}.${i}`,
      StudyInstanceUID: study,
      SOPClassUID: '1.2',
      transferSyntaxUID: '1.2.840.10008.1.2.1',
      sha256: `${study}.${i}`,
      sizeBytes: 1,
      datasetOffsetBytes: 0,
    },
  }));

/** A destination that does as it is told. */
class FakeSender implements InstanceSender {
  readonly title = { 'zh-CN': '', en: '' };
  readonly batchSize = 4;
  readonly sent: string[] = [];
  open = 0;
  mostOpen = 0;
  connects = 0;
  isReachable = true;
  /** Throws, or says what becomes of an instance; undefined ends the connection without a word. */
  answer: (uid: string) => DeliveryOutcome | undefined | Promise<DeliveryOutcome> = () => DELIVERED;

  async destinations() {
    return [{ name: 'A', title: '', sources: [] }];
  }

  async verify() {}

  async connect(): Promise<SendingConnection> {
    const self = this;
    this.connects += 1;
    if (!this.isReachable) throw new FilmlessError('DEVICE_UNREACHABLE', 'no connection');
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    return {
      isOpen: true,
      async *send(instances) {
        for (const { SOPInstanceUID } of instances) {
          const outcome = await self.answer(SOPInstanceUID);
          if (!outcome) return;
          self.sent.push(SOPInstanceUID);
          yield { SOPInstanceUID, outcome };
        }
      },
      async close() {
        self.open -= 1;
      },
    };
  }
}

describe('a lane to a destination', () => {
  let queue: Queue;
  let sender: FakeSender;
  let lane: Lane;
  const settled: string[] = [];

  beforeEach(() => {
    queue = new Queue(':memory:', { maxAttempts: 2 });
    sender = new FakeSender();
    settled.length = 0;
    lane = new Lane({
      destination: 'fake:A',
      queue,
      sender: () => sender,
      connections: () => 2,
      idleMs: 50,
      log: new RecordingLog(),
      onSettled: (_, outcome) => void settled.push(outcome),
    });
  });
  afterEach(async () => {
    await lane.stop(0);
    await queue.close();
  });
  const delivered = (count: number) => until(() => settled.filter((each) => each === 'delivered').length === count);

  it('sends all over one connection that stays open, and closes it when nothing comes', async () => {
    queue.add(orders('1', 3));
    lane.wake();
    await delivered(3);
    queue.add(orders('2', 2));
    lane.wake();
    await delivered(5);
    expect(sender.connects).toBe(1);
    await until(() => sender.open === 0);
    queue.add(orders('3', 1));
    lane.wake();
    await delivered(6);
    expect(sender.connects).toBe(2);
  });

  it('opens more connections while one cannot do all, and no more than it may', async () => {
    const held = Promise.withResolvers<DeliveryOutcome>();
    sender.answer = () => held.promise;
    queue.add(orders('1', 40));
    lane.wake();
    await until(() => sender.open === 2);
    held.resolve(DELIVERED);
    await delivered(40);
    expect(sender.mostOpen).toBe(2);
    expect(new Set(sender.sent).size).toBe(40);
  });

  it('leaves a destination alone that cannot be reached, keeps what waits, and goes on when told', async () => {
    sender.isReachable = false;
    queue.add(orders('1', 3));
    lane.wake();
    await until(() => lane.state.problem !== undefined);
    expect(lane.state.problem).toMatchObject({ code: 'DEVICE_UNREACHABLE', detail: 'no connection' });
    const tries = sender.connects;
    lane.wake();
    expect(sender.connects).toBe(tries);
    sender.isReachable = true;
    lane.retryNow();
    await delivered(3);
    expect(lane.state.problem).toBeUndefined();
  });

  it('sends what was left of a connection that ended, and nothing twice', async () => {
    let ends = 1;
    sender.answer = (uid) => (uid === '1.2' && ends-- > 0 ? undefined : DELIVERED);
    queue.add(orders('1', 6));
    lane.wake();
    await delivered(6);
    expect([...sender.sent].sort()).toEqual(['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']);
  });

  it('sets aside what is refused and goes on with the others', async () => {
    const error = new FilmlessError('NOT_ACCEPTABLE', 'no');
    sender.answer = (uid) => (uid === '1.1' ? { kind: 'refused', error } : DELIVERED);
    queue.add(orders('1', 5));
    lane.wake();
    await delivered(4);
    expect(settled.filter((each) => each === 'refused')).toHaveLength(1);
  });
});
