import { isAbort, ViewerError } from '../errors.ts';
import type { PartReader } from './part-stream.ts';
import { PRIORITY, type RequestQueue, type Ticket } from './request-queue.ts';

/** Gives a token for the `Authorization: Bearer` header; asked again when the server no longer takes the last one. */
export type TokenProvider = () => string | Promise<string>;

export interface RequestOptions {
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** Its place in the queue; "now" when there is none. */
  readonly ticket?: Ticket;
  /** Sent to the server; the request is a POST then, unless it says otherwise. */
  readonly content?: { readonly type: string; readonly body: Blob; readonly method?: 'PUT' };
  /** Fetches it in the page's stead; only for what is read. */
  readonly reader?: PartReader | undefined;
  /** Statuses other than success whose answers are read as well: they say what failed. */
  readonly alsoRead?: readonly number[];
}

/** Pauses before a request that found no server is asked again: one of several gateways may have ended, and the balancer needs a moment to notice. */
const RETRY_MS = [200, 600, 1500];
/** What a proxy or a node that is starting or stopping answers. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Fetches from one server with the page's identity: a token where there is a provider, the session cookie of the same origin where there is none.
 * A 401 renews the token once; many requests that fail together share one renewal.
 */
export class AuthorizedFetch {
  readonly #queue: RequestQueue;
  readonly #provider: TokenProvider | undefined;
  #token: Promise<string> | undefined;

  constructor(queue: RequestQueue, provider: TokenProvider | undefined) {
    this.#queue = queue;
    this.#provider = provider;
  }

  /**
   * The body of a successful answer, read inside the queue so that a connection counts until its last byte. What only reads is asked for again when the
   * connection breaks, also in the middle of the body.
   * @throws ViewerError for every answer but success; AbortError when given up
   */
  request<T>(url: string, options: RequestOptions, read: (response: Response) => Promise<T>): Promise<T> {
    return this.#queue.run(options.ticket ?? { priority: PRIORITY.now }, options.signal, async () => {
      for (let attempt = 0; ; attempt += 1) {
        const pauseMs = options.content ? undefined : RETRY_MS[attempt];
        try {
          const response = await this.#send(url, options);
          if (pauseMs !== undefined && PASSING.has(response.status)) await response.body?.cancel();
          else if (response.ok || options.alsoRead?.includes(response.status)) return await read(response);
          else throw await failure(response);
        } catch (error) {
          if (isAbort(error) || error instanceof ViewerError) throw error;
          if (pauseMs === undefined)
            throw new ViewerError('VIEWER_SERVER_UNREACHABLE', error instanceof Error ? error.message : undefined, {
              cause: error,
            });
        }
        await pause(pauseMs ?? 0, options.signal);
      }
    });
  }

  async #send(url: string, options: RequestOptions): Promise<Response> {
    const used = this.#currentToken();
    const response = await this.#attempt(url, options, used ? await used : undefined);
    if (response.status !== 401 || !this.#provider) return response;
    await response.body?.cancel();
    // Whoever comes first renews; the others find the new token already asked for.
    if (this.#token === used) this.#token = undefined;
    const renewed = this.#currentToken();
    return this.#attempt(url, options, renewed ? await renewed : undefined);
  }

  #attempt(
    url: string,
    { accept, signal, content, reader }: RequestOptions,
    token: string | undefined,
  ): Promise<Response> {
    const headers = new Headers();
    if (accept) headers.set('Accept', accept);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    if (content) headers.set('Content-Type', content.type);
    // The cookie alone proves nothing about who wrote the request: the header, which no other site's form can send, does.
    if (content && !token) headers.set('X-Filmless-CSRF', '1');
    if (reader) return reader.fetch(url, { headers, ...(signal ? { signal } : {}) });
    const sent = content ? { method: content.method ?? 'POST', body: content.body } : {};
    return fetch(url, { headers, credentials: 'same-origin', ...sent, ...(signal ? { signal } : {}) });
  }

  #currentToken(): Promise<string> | undefined {
    const provider = this.#provider;
    if (!provider) return undefined;
    this.#token ??= (async () => {
      try {
        return (await provider()).trim();
      } catch (error) {
        throw new ViewerError('VIEWER_UNAUTHENTICATED', 'tokenProvider failed', { cause: error });
      }
    })();
    const token = this.#token;
    // A provider that failed is asked again next time.
    token.catch(() => {
      if (this.#token === token) this.#token = undefined;
    });
    return token;
  }
}

/** Rejects as a given-up request does. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

async function failure(response: Response): Promise<ViewerError> {
  const detail = await problemCode(response);
  switch (response.status) {
    case 401:
      return new ViewerError('VIEWER_UNAUTHENTICATED', detail);
    case 403:
      return new ViewerError('VIEWER_FORBIDDEN', detail);
    case 404:
    case 410:
      return new ViewerError('VIEWER_STUDY_NOT_FOUND', detail);
    default:
      return new ViewerError(response.status >= 500 ? 'VIEWER_SERVER_FAILED' : 'VIEWER_BAD_RESPONSE', detail);
  }
}

/** The server's own code where it sends `application/problem+json`, else the status. */
async function problemCode(response: Response): Promise<string> {
  const status = `HTTP ${response.status}`;
  try {
    const problem: unknown = (response.headers.get('content-type') ?? '').includes('json')
      ? await response.json()
      : undefined;
    if (typeof problem === 'object' && problem !== null && 'code' in problem && typeof problem.code === 'string') {
      return `${status} ${problem.code}`;
    }
  } catch (error) {
    if (isAbort(error)) throw error;
    // A broken problem document is no news beside the failure itself.
    return status;
  }
  await response.body?.cancel().catch(() => undefined);
  return status;
}
