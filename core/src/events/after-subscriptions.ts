import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { AfterHookMap, Logger } from '../plugins/contract.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

type AfterName = keyof AfterHookMap;
export type AfterHandler<H extends AfterName = AfterName> = (
  events: readonly AfterHookMap[H][],
  signal: AbortSignal,
) => Promise<void>;

/** Where the events of a hook come from: durable, ordered, from any position again. */
export interface EventFeed<E> {
  /** `read` tells whether there was anything, events or not. */
  events(since: string, limit: number): Promise<{ events: readonly E[]; read: boolean; lastSeq: string }>;
  head(): Promise<string>;
  onChange(listener: () => void): Disposable;
}
export type AfterFeeds = { readonly [H in AfterName]: EventFeed<AfterHookMap[H]> };

interface Subscription {
  name: string;
  feed: EventFeed<unknown>;
  handler(events: readonly unknown[], signal: AbortSignal): Promise<void>;
  stopped: AbortController;
  wake: () => void;
  loop: Promise<void>;
}

interface Options {
  feeds: AfterFeeds;
  checkpoints: CheckpointStore;
  log: Logger;
  /** Events handed to a handler at once, at most. */
  batchSize?: number;
  /**
   * A handler is told at once of what comes after a quiet time, then no oftener than this: a batch and a checkpoint for each instance would cost more
   * than receiving it.
   */
  gatherMs?: number;
  /** First wait after a failure, doubled up to a minute. */
  retryMs?: number;
}

const LONGEST_RETRY_MS = 60_000;

/**
 * `after` hooks: durable subscriptions on feeds of changes, each with a named checkpoint and a loop of its own, so that a
 * slow or failing one delays nobody else. The checkpoint moves only after the handler resolved: at least once, in order.
 */
export class AfterSubscriptions {
  readonly #options: Required<Options>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #listening: Disposable[];

  constructor(options: Options) {
    this.#options = { batchSize: 200, gatherMs: 100, retryMs: 250, ...options };
    this.#listening = Object.values(options.feeds).map((feed: EventFeed<unknown>) =>
      feed.onChange(() => {
        for (const subscription of this.#subscriptions.values()) if (subscription.feed === feed) subscription.wake();
      }),
    );
  }

  /** `name` must be unique on the node: the plugin's id and the plugin's own name of the subscription. */
  subscribe<H extends AfterName>(
    hook: H,
    name: string,
    handler: AfterHandler<H>,
    from: 'start' | 'now' = 'start',
  ): Disposable {
    if (this.#subscriptions.has(name)) throw new FilmlessError('POINT_DUPLICATE_KEY', `after subscription "${name}"`);
    const subscription: Subscription = {
      name,
      feed: this.#options.feeds[hook],
      // Of the hook's own feed come the hook's own events.
      handler: handler as Subscription['handler'],
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
    for (const listening of this.#listening) await listening.dispose();
    for (const subscription of this.#subscriptions.values()) {
      subscription.stopped.abort();
      subscription.wake();
    }
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.loop));
    this.#subscriptions.clear();
  }

  /** `now` is kept: what comes before the first batch was handled must not be passed over after a crash. */
  async #beginning({ name, feed }: Subscription, from: 'start' | 'now'): Promise<string> {
    if (from === 'start') return '';
    const head = await feed.head();
    this.#options.checkpoints.set(name, head);
    return head;
  }

  async #run(subscription: Subscription, from: 'start' | 'now'): Promise<void> {
    const { signal } = subscription.stopped;
    let waitMs = this.#options.retryMs;
    let since: string | undefined;
    let readAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        subscription.wake = resolve;
      });
      try {
        since ??= this.#options.checkpoints.get(subscription.name) ?? (await this.#beginning(subscription, from));
        const { events, read, lastSeq } = await subscription.feed.events(since, this.#options.batchSize);
        if (events.length > 0) await subscription.handler(events, signal);
        if (signal.aborted) return;
        if (read) {
          readAt = performance.now();
          since = lastSeq;
          this.#options.checkpoints.set(subscription.name, lastSeq);
        } else {
          await woken;
          await delay(Math.max(0, readAt + this.#options.gatherMs - performance.now()), undefined, { signal });
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
