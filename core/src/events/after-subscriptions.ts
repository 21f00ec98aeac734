import { setTimeout as delay } from 'node:timers/promises';
import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { AfterHookMap, Logger } from '../plugins/contract.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

type AfterName = keyof AfterHookMap;
export type AfterHandler = (events: readonly InstanceRecord[], signal: AbortSignal) => Promise<void>;

interface Subscription {
  name: string;
  handler: AfterHandler;
  stopped: AbortController;
  wake: () => void;
  loop: Promise<void>;
}

interface Options {
  feed: Pick<Catalogue, 'changes' | 'onChange' | 'head'>;
  checkpoints: CheckpointStore;
  log: Logger;
  /** Events handed to a handler at once, at most. */
  batchSize?: number;
  /** What comes within so long goes to handlers together: a batch and a checkpoint for each instance would cost more than receiving it. */
  gatherMs?: number;
  /** First wait after a failure, doubled up to a minute. */
  retryMs?: number;
}

const LONGEST_RETRY_MS = 60_000;

/**
 * `after` hooks: durable subscriptions on the catalogue's changes feed, each with a named checkpoint and a loop of its own, so that a
 * slow or failing one delays nobody else. The checkpoint moves only after the handler resolved: at least once, in order.
 */
export class AfterSubscriptions {
  readonly #options: Required<Options>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #listening: Disposable;

  constructor(options: Options) {
    this.#options = { batchSize: 200, gatherMs: 100, retryMs: 250, ...options };
    this.#listening = options.feed.onChange(() => {
      for (const subscription of this.#subscriptions.values()) subscription.wake();
    });
  }

  /** `name` must be unique on the node: the plugin's id and the plugin's own name of the subscription. */
  subscribe(_hook: AfterName, name: string, handler: AfterHandler, from: 'start' | 'now' = 'start'): Disposable {
    if (this.#subscriptions.has(name)) throw new FilmlessError('POINT_DUPLICATE_KEY', `after subscription "${name}"`);
    const subscription: Subscription = {
      name,
      handler,
      stopped: new AbortController(),
      wake: () => undefined,
      loop: Promise.resolve(),
    };
    this.#subscriptions.set(name, subscription);
    subscription.loop = this.#run(subscription, from);
    return {
      dispose: async () => {
        subscription.stopped.abort();
        subscription.wake();
        await subscription.loop;
        this.#subscriptions.delete(name);
      },
    };
  }

  async stop(): Promise<void> {
    await this.#listening.dispose();
    for (const subscription of this.#subscriptions.values()) {
      subscription.stopped.abort();
      subscription.wake();
    }
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.loop));
    this.#subscriptions.clear();
  }

  async #run(subscription: Subscription, from: 'start' | 'now'): Promise<void> {
    const { signal } = subscription.stopped;
    let waitMs = this.#options.retryMs;
    let since: string | undefined;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        subscription.wake = resolve;
      });
      try {
        since ??=
          this.#options.checkpoints.get(subscription.name) ?? (from === 'start' ? '' : await this.#options.feed.head());
        const { changes, lastSeq } = await this.#options.feed.changes(since, this.#options.batchSize);
        const events = changes.flatMap((change) => (change.record && !change.deleted ? [change.record] : []));
        if (events.length > 0) await subscription.handler(events, signal);
        if (signal.aborted) return;
        if (changes.length > 0) {
          since = lastSeq;
          this.#options.checkpoints.set(subscription.name, lastSeq);
        } else {
          await woken;
          await delay(this.#options.gatherMs, undefined, { signal });
        }
        waitMs = this.#options.retryMs;
      } catch (error) {
        if (signal.aborted) return;
        const { code } = FilmlessError.from(error);
        this.#options.log.error(
          { subscription: subscription.name, code, err: error, waitMs },
          'after subscription failed, will be retried',
        );
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
      }
    }
  }
}
