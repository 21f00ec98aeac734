import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { deferred, until } from '../testing/until.ts';
import { PRIORITY, RequestQueue, type Ticket } from './request-queue.ts';

const fill = (queue: RequestQueue, priority: number, count: number) =>
  Array.from({ length: count }, () => {
    const answer = deferred<void>();
    const state = { started: false, answer };
    const running = queue.run({ priority }, undefined, () => {
      state.started = true;
      return answer.promise;
    });
    running.catch(() => undefined);
    return state;
  });

describe('request queue', () => {
  it('opens six connections, four of them for prefetching', () => {
    const queue = new RequestQueue();
    expect(fill(queue, PRIORITY.prefetch, 9).filter(({ started }) => started).length).to.equal(4);
    expect(fill(queue, PRIORITY.now, 9).filter(({ started }) => started).length).to.equal(2);
  });

  it('starts the most urgent first, and what became urgent while it waited', async () => {
    const queue = new RequestQueue();
    const busy = fill(queue, PRIORITY.now, 6);
    const order: string[] = [];
    const waiting = (name: string, ticket: Ticket) => queue.run(ticket, undefined, async () => void order.push(name));
    const later: Ticket = { priority: PRIORITY.prefetch };
    const all = [
      waiting('soon', { priority: PRIORITY.soon }),
      waiting('later', later),
      waiting('prefetch', { priority: PRIORITY.prefetch }),
    ];
    later.priority = PRIORITY.now;
    busy[0]?.answer.resolve();
    await Promise.all(all);
    expect(order).to.deep.equal(['later', 'soon', 'prefetch']);
  });

  it('never starts what was given up, and goes on after a failure', async () => {
    const queue = new RequestQueue();
    const busy = fill(queue, PRIORITY.now, 6);
    const controller = new AbortController();
    let started = false;
    const given = queue.run({ priority: 0 }, controller.signal, async () => {
      started = true;
    });
    controller.abort();
    const failure = await given.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property('name', 'AbortError');
    busy[0]?.answer.reject(new Error('no'));
    const next = fill(queue, PRIORITY.now, 1)[0];
    await until('the next one starts', () => next?.started);
    expect(started).to.equal(false);
  });
});
