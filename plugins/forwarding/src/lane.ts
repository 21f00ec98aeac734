import { setTimeout as delay } from 'node:timers/promises';
import { FilmlessError, type InstanceSender, type Logger, type SendingConnection } from '@filmless/core/plugin';
import type { Claimed, Queue } from './queue.ts';

/** A destination that cannot be reached is asked again after a second, then doubling up to this. */
const LONGEST_WAIT_MS = 60_000;
const waitMs = (failures: number): number => Math.min(1000 * 2 ** (failures - 1), LONGEST_WAIT_MS);
/** Of so many turns one goes to the study that waits longest. */
const OLDEST_EVERY = 4;

export interface LaneOptions {
  destination: string;
  queue: Queue;
  /** Undefined while no plugin sends by that protocol. */
  sender: () => InstanceSender | undefined;
  connections: () => number;
  idleMs: number;
  log: Logger;
  onSettled(claimed: Claimed, outcome: 'delivered' | 'later' | 'refused'): void;
}

export interface LaneState {
  connections: number;
  /** Of the last failure to reach the destination; undefined while it can be reached. */
  problem: { code: string; detail: string; since: string; retryAt: string } | undefined;
  lastDeliveredAt: string | undefined;
}

/**
 * Sends what waits for one destination over several connections, which stay open for what comes next. A destination that cannot be reached is left alone for
 * a while; nothing of what waits is touched by that.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #stopping = new AbortController();
  readonly #workers = new Set<Promise<void>>();
  /** Workers with an open connection and nothing to do, who went to sleep last on top. */
  readonly #sleeping: (() => void)[] = [];
  #failures = 0;
  #turns = 0;
  #problem: LaneState['problem'];
  #retry: NodeJS.Timeout | undefined;
  #lastDeliveredAt: string | undefined;
  #isStopped = false;
  #isWanted = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get state(): LaneState {
    return { connections: this.#workers.size, problem: this.#problem, lastDeliveredAt: this.#lastDeliveredAt };
  }

  /** Something waits. */
  wake(): void {
    if (this.#isStopped || this.#retry) return;
    const sleeper = this.#sleeping.pop();
    if (sleeper) {
      sleeper();
      return;
    }
    if (this.#workers.size >= this.#options.connections()) {
      this.#isWanted = true;
      return;
    }
    this.#isWanted = false;
    // Counted before it begins: it may want another one beside it at once.
    const worker: Promise<void> = Promise.resolve()
      .then(() => this.#work())
      .finally(() => {
        this.#workers.delete(worker);
        // One that was closing its connection did not hear of it.
        if (this.#isWanted) this.wake();
      });
    this.#workers.add(worker);
  }

  /** Somebody says that the destination is back. */
  retryNow(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.wake();
  }

  /** Lets what is under way come to its end for so long. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    for (const wake of this.#sleeping.splice(0)) wake();
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    await Promise.all(this.#workers);
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    let connection: SendingConnection | undefined;
    try {
      while (!this.#isStopped && !this.#retry) {
        const sender = this.#options.sender();
        if (!sender) throw new FilmlessError('UNAVAILABLE', 'the plugin that sends by this protocol is not active');
        const batch = this.#claim(sender.batchSize);
        if (batch.length === 0) {
          // Nothing is to go there any more: whether it can be reached is not known.
          this.#problem = undefined;
          if (!(await this.#sleep())) return;
          continue;
        }
        // More than one connection can do at once.
        if (batch.length === sender.batchSize) this.wake();
        connection = await this.#send(sender, connection, batch);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      await connection?.close().catch(() => undefined);
    }
  }

  /** The connection to go on with. */
  async #send(
    sender: InstanceSender,
    before: SendingConnection | undefined,
    batch: readonly Claimed[],
  ): Promise<SendingConnection> {
    const untold = new Map(batch.map((claimed) => [claimed.SOPInstanceUID, claimed]));
    let connection = before;
    try {
      if (!connection?.isOpen) {
        const [, name = ''] = /^[^:]*:(.*)$/.exec(this.#options.destination) ?? [];
        connection = await sender.connect(name);
      }
      for await (const { SOPInstanceUID, outcome } of connection.send(batch, this.#stopping.signal)) {
        const claimed = untold.get(SOPInstanceUID);
        if (!claimed) continue;
        untold.delete(SOPInstanceUID);
        const settled = this.#options.queue.settle(claimed, outcome);
        this.#options.onSettled(claimed, settled);
        if (outcome.kind === 'later') continue;
        this.#failures = 0;
        this.#problem = undefined;
        if (settled === 'delivered') this.#lastDeliveredAt = new Date().toISOString();
      }
      if (untold.size > 0) throw new FilmlessError('DEVICE_UNREACHABLE', 'the connection has ended');
      return connection;
    } catch (error) {
      this.#options.queue.release([...untold.values()]);
      await connection?.close().catch(() => undefined);
      throw error;
    }
  }

  #claim(limit: number): Claimed[] {
    this.#turns += 1;
    return this.#options.queue.claim(this.#options.destination, limit, { oldest: this.#turns % OLDEST_EVERY === 0 });
  }

  /** True when woken, false when nothing came for so long that the connection is closed. */
  async #sleep(): Promise<boolean> {
    const idle = new AbortController();
    const woken = new Promise<boolean>((resolve) => {
      const wake = () => resolve(true);
      this.#sleeping.push(wake);
      delay(this.#options.idleMs, undefined, { signal: idle.signal, ref: false }).then(
        () => {
          const at = this.#sleeping.indexOf(wake);
          if (at >= 0) this.#sleeping.splice(at, 1);
          resolve(at < 0);
        },
        () => undefined,
      );
    });
    const isWoken = await woken;
    idle.abort();
    return isWoken && !this.#isStopped;
  }

  #failed(reason: unknown): void {
    if (this.#isStopped) return;
    const error = FilmlessError.from(reason);
    this.#failures += 1;
    // It had taken something since the last failure: a connection that ended is opened anew at once.
    if (this.#failures === 1) {
      this.#isWanted = true;
      return;
    }
    const wait = waitMs(this.#failures - 1);
    const now = Date.now();
    this.#problem = {
      code: error.code,
      detail: error.detail ?? '',
      since: this.#problem?.since ?? new Date(now).toISOString(),
      retryAt: new Date(now + wait).toISOString(),
    };
    const fields = { destination: this.#options.destination, code: error.code, detail: error.detail, waitMs: wait };
    // Once, and not at every try of a long night.
    if (this.#failures === 2) this.#options.log.warn({ ...fields, err: error }, 'a destination cannot be reached');
    else this.#options.log.debug(fields, 'a destination still cannot be reached');
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.wake();
    }, wait);
    this.#retry.unref();
  }
}
