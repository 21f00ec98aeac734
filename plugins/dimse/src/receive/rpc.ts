import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { ERRORS, type ErrorCode, FilmlessError } from '@filmless/core/plugin';

/** What one side can be asked: name → argument and answer. */
export type Methods = Record<string, { argument: unknown; answer: unknown }>;

export type Implementation<M extends Methods> = {
  [K in keyof M]: (argument: M[K]['argument']) => Promise<M[K]['answer']> | M[K]['answer'];
};

type Message =
  | { kind: 'call'; id: number; method: string; argument: unknown }
  | { kind: 'tell'; method: string; argument: unknown }
  | { kind: 'answer'; id: number; answer: unknown }
  | { kind: 'error'; id: number; code: ErrorCode; detail: string | undefined; message: string };

/** Questions and answers over a message port, both ways. FilmlessErrors keep their code; others arrive as INTERNAL. */
export class Rpc<Own extends Methods, Peer extends Methods> {
  readonly #port: Pick<MessagePort, 'postMessage'> | Pick<Worker, 'postMessage'>;
  readonly #own: Implementation<Own>;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #closed: FilmlessError | undefined;

  constructor(port: MessagePort | Worker, own: Implementation<Own>) {
    this.#port = port;
    this.#own = own;
    port.on('message', (message: Message) => void this.#take(message));
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Rejects with UNAVAILABLE when the other side is gone. */
  call<K extends keyof Peer & string>(
    method: K,
    argument: Peer[K]['argument'],
    transfer: readonly Transferable[] = [],
  ): Promise<Peer[K]['answer']> {
    if (this.#closed) return Promise.reject(this.#closed);
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Peer[K]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#port.postMessage({ kind: 'call', id, method, argument } satisfies Message, transfer);
    return answer;
  }

  /** Like a call that nobody waits for the answer of. */
  tell<K extends keyof Peer & string>(method: K, argument: Peer[K]['argument']): void {
    if (!this.#closed) this.#port.postMessage({ kind: 'tell', method, argument } satisfies Message);
  }

  /** The other side is gone: everything asked of it fails. */
  close(): void {
    this.#closed = new FilmlessError('UNAVAILABLE', 'the receiving worker has ended');
    for (const { reject } of this.#waiting.values()) reject(this.#closed);
    this.#waiting.clear();
  }

  async #take(message: Message): Promise<void> {
    if (message.kind === 'call') return this.#run(message.id, message.method, message.argument);
    if (message.kind === 'tell') return void (await this.#own[message.method]?.(message.argument));
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.answer as never);
    else
      waiting?.reject(
        message.code in ERRORS
          ? restoreError(message.code, message.detail, message.message)
          : new Error(message.message),
      );
  }

  async #run(id: number, method: string, argument: unknown): Promise<void> {
    try {
      const run = this.#own[method];
      if (!run) throw new FilmlessError('INTERNAL', `no method ${method}`);
      const answer = await run(argument);
      this.#post({ kind: 'answer', id, answer });
    } catch (error) {
      const known = FilmlessError.from(error);
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#post({ kind: 'error', id, code: known.code, detail: known.detail, message });
    }
  }

  #post(message: Message): void {
    if (!this.#closed) this.#port.postMessage(message);
  }
}

function restoreError(code: ErrorCode, detail: string | undefined, message: string): FilmlessError {
  return new FilmlessError(code, detail, { cause: message });
}
