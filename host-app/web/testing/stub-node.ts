/** A node in the page: answers `fetch` and `EventSource` from a table. */
type Answer = unknown | ((request: { url: URL; method: string; body: unknown }) => unknown);

export class StubProblem {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, headers: Record<string, string> = {}) {
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export class StubNode {
  /** Every request, as `GET /api/studies?…`, in order. */
  readonly requests: string[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #fetch = window.fetch;
  readonly #eventSource = window.EventSource;
  #sources: EventTarget[] = [];

  constructor() {
    window.fetch = (input, init) => this.#answer(String(input instanceof Request ? input.url : input), init);
    const register = (source: EventTarget) => this.#sources.push(source);
    class StubEventSource extends EventTarget {
      constructor() {
        super();
        register(this);
      }
      close(): void {
        this.dispatchEvent(new Event('closed'));
      }
    }
    Object.defineProperty(window, 'EventSource', { value: StubEventSource, configurable: true, writable: true });
  }

  /** `route` as `GET /api/node`; a path that ends in `*` answers all below. A thrown StubProblem becomes a problem document. */
  on(route: string, answer: Answer): this {
    this.#answers.set(route, answer);
    return this;
  }

  /** An event to every open stream. */
  tell(event: string, data: unknown): void {
    for (const source of this.#sources) source.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }

  count(start: string): number {
    return this.requests.filter((request) => request.startsWith(start)).length;
  }

  restore(): void {
    window.fetch = this.#fetch;
    Object.defineProperty(window, 'EventSource', { value: this.#eventSource, configurable: true, writable: true });
    this.#sources = [];
  }

  async #answer(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, window.location.href);
    const method = init.method ?? 'GET';
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    const answer = this.#find(`${method} ${url.pathname}`);
    try {
      const value =
        typeof answer === 'function'
          ? await answer({ url, method, body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined })
          : answer;
      if (init.signal?.aborted) throw new DOMException('Aborted', 'AbortError');
      return value === undefined ? new Response(null, { status: 204 }) : Response.json(value);
    } catch (error) {
      if (!(error instanceof StubProblem)) throw error;
      return Response.json(
        { code: error.code, title: error.code, detail: '', requestId: 'r1' },
        { status: error.status, headers: error.headers },
      );
    }
  }

  #find(route: string): Answer {
    if (this.#answers.has(route)) return this.#answers.get(route);
    const wild = [...this.#answers.keys()].find((key) => key.endsWith('*') && route.startsWith(key.slice(0, -1)));
    if (wild !== undefined) return this.#answers.get(wild);
    throw new StubProblem(404, 'NOT_FOUND');
  }
}
