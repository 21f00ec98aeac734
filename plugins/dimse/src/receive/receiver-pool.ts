import { createServer } from 'node:net';
import { MessageChannel, Worker } from 'node:worker_threads';
import { FilmlessError, type Logger } from '@filmless/core/plugin';
import type { MainMethods, ReceiverMethods, ReceiverSettings, ReceiverStart } from './protocol.ts';
import { Receiver } from './receiver.ts';
import { type Implementation, Rpc } from './rpc.ts';

const YOUNG_MIB = 8;

type ReceiverRpc = Rpc<MainMethods, ReceiverMethods>;

/** One receiving thread, or the main thread doing its work. */
export interface ReceiverPeer {
  readonly rpc: ReceiverRpc;
}

interface Running extends ReceiverPeer {
  stop(): Promise<void>;
}

export interface PoolHandlers {
  /** What a receiver may ask. */
  methods(peer: () => ReceiverPeer): Implementation<MainMethods>;
  /** A thread died: its associations have ended. */
  lost(peer: ReceiverPeer): void;
}

const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5000;

/** Receivers on one port; one that dies is replaced, the others go on. */
export class ReceiverPool {
  readonly #count: number;
  readonly #handlers: PoolHandlers;
  readonly #log: Logger;
  readonly #running = new Set<Running>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #entry: URL;
  #start: ReceiverStart;
  #restartMs = FIRST_RESTART_MS;
  #stopping = false;

  /** @param count receiving threads; 0 = the main thread receives
   * @param entry what a thread runs; another one in tests */
  constructor(
    count: number,
    start: Omit<ReceiverStart, 'shared'>,
    handlers: PoolHandlers,
    log: Logger,
    entry = new URL('./worker.ts', import.meta.url),
  ) {
    this.#entry = entry;
    this.#count = count;
    this.#start = { ...start, shared: count > 1 };
    this.#handlers = handlers;
    this.#log = log;
  }

  get port(): number {
    return this.#start.port;
  }

  /** How many of how many receivers are at work. */
  get health(): { alive: number; wanted: number } {
    return { alive: this.#running.size, wanted: Math.max(1, this.#count) };
  }

  /** Throws UNAVAILABLE when the port cannot be had. */
  async start(): Promise<void> {
    try {
      // Sockets that share a port would share it with another node's as well, and each would get half of the associations.
      this.#start = { ...this.#start, port: await freePort(this.#start.host, this.#start.port) };
      await Promise.all(Array.from({ length: Math.max(1, this.#count) }, () => this.#add()));
    } catch (error) {
      await this.stop(0);
      throw new FilmlessError(
        'UNAVAILABLE',
        `cannot listen on ${this.#start.host}:${this.#start.port} (${reasonOf(error)})`,
        { cause: error },
      );
    }
  }

  async settings(settings: ReceiverSettings): Promise<void> {
    this.#start = { ...this.#start, settings };
    await Promise.all([...this.#running].map(({ rpc }) => rpc.call('settings', settings)));
  }

  /** Associations at work may finish within the time limit. */
  async stop(drainTimeoutMs: number): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    await Promise.all(
      [...this.#running].map(async (running) => {
        try {
          await running.rpc.call('stop', { drainTimeoutMs });
        } catch (error) {
          this.#log.warn({ err: error }, 'A receiver could not be stopped in order');
        }
        this.#running.delete(running);
        await running.stop();
      }),
    );
  }

  async #add(): Promise<void> {
    const running = this.#count === 0 ? this.#inThisThread() : this.#inOwnThread();
    this.#running.add(running);
    await running.rpc.call('start', this.#start);
  }

  #inOwnThread(): Running {
    const worker = new Worker(this.#entry, {
      name: 'dimse-receiver',
      // What is received is dropped at once: a small space for it is swept often and stays small.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    const rpc: ReceiverRpc = new Rpc<MainMethods, ReceiverMethods>(
      worker,
      this.#handlers.methods(() => running),
    );
    const running: Running = {
      rpc,
      async stop() {
        rpc.close();
        await worker.terminate();
      },
    };
    worker.on('error', (error) => this.#log.error({ err: error }, 'A receiving thread failed'));
    worker.on('exit', () => this.#exited(running));
    return running;
  }

  #inThisThread(): Running {
    const { port1, port2 } = new MessageChannel();
    new Receiver(port1, false);
    const rpc: ReceiverRpc = new Rpc<MainMethods, ReceiverMethods>(
      port2,
      this.#handlers.methods(() => running),
    );
    const running: Running = {
      rpc,
      stop: async () => {
        rpc.close();
        port2.close();
      },
    };
    return running;
  }

  #exited(running: Running): void {
    running.rpc.close();
    if (!this.#running.delete(running)) return;
    this.#handlers.lost(running);
    if (!this.#stopping) this.#restartLater();
  }

  #restartLater(): void {
    this.#log.warn({ inMs: this.#restartMs }, 'A receiving thread ended and will be replaced');
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#add().then(
        () => {
          this.#restartMs = FIRST_RESTART_MS;
        },
        (error: unknown) => this.#log.error({ err: error }, 'A receiving thread could not be started'),
      );
    }, this.#restartMs);
    this.#restarts.add(timer);
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
  }
}

/** The port itself, or a free one for 0; rejects when somebody listens on it. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host, port }, resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : port;
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code ?? (error instanceof Error ? error.message : 'unknown reason');
}
