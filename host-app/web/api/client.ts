/** The one door to the node's REST: cookies, CSRF header, problem+json, end of session. */

/** An answer that is not a success, or no answer at all (`code` NETWORK). */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status, 0 without an answer. */
  readonly status: number;
  /** What the node said: English, for IT. */
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly requestId: string;
  /** From Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(fields: Partial<Omit<ApiError, keyof Error>> & { code: string; status: number }) {
    super(fields.code);
    this.name = 'ApiError';
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title ?? '';
    this.detail = fields.detail ?? '';
    this.remedy = fields.remedy ?? '';
    this.requestId = fields.requestId ?? '';
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }

  static from(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    return new ApiError({ code: 'CLIENT', status: 0, detail: error instanceof Error ? error.message : String(error) });
  }
}

const CODES_BY_STATUS: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
  507: 'STORAGE_FULL',
};

/** Reads a problem document, whatever came instead of one. */
export function problemToError(
  status: number,
  bodyText: string,
  retryAfter: string | null,
  requestId: string | null,
): ApiError {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(bodyText);
    if (parsed !== null && typeof parsed === 'object') body = parsed as Record<string, unknown>;
  } catch {
    body = {};
  }
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : '');
  const seconds = Number(retryAfter);
  return new ApiError({
    code: text('code') || CODES_BY_STATUS[status] || (status >= 500 ? 'INTERNAL' : 'INVALID_REQUEST'),
    status,
    title: text('title'),
    detail: text('detail'),
    remedy: text('remedy'),
    requestId: text('requestId') || requestId || '',
    ...(retryAfter !== null && Number.isFinite(seconds) ? { retryAfterSeconds: Math.max(0, Math.ceil(seconds)) } : {}),
  });
}

export const CSRF_HEADER = { 'X-Filmless-CSRF': '1' } as const;

/** Told when the node says that the session is over; the shell leads to sign-in. */
export const sessionEnded = new EventTarget();

export function reportSessionEnd(): void {
  sessionEnded.dispatchEvent(new Event('ended'));
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** A 401 is an answer here (sign-in, first look at the session), not the end of a session. */
  expectUnauthenticated?: boolean;
}

function toUrl(path: string, query: RequestOptions['query']): string {
  if (!query) return path;
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

/** The decoded JSON body, undefined for 204. Throws {@link ApiError}; an abort throws the browser's AbortError. */
export async function request(path: string, options: RequestOptions = {}): Promise<unknown> {
  const method = options.method ?? 'GET';
  let response: Response;
  try {
    response = await fetch(toUrl(path, options.query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : CSRF_HEADER),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ code: 'NETWORK', status: 0, detail: error instanceof Error ? error.message : '' });
  }
  if (!response.ok) {
    const error = problemToError(
      response.status,
      await response.text(),
      response.headers.get('retry-after'),
      response.headers.get('x-request-id'),
    );
    if (response.status === 401 && !options.expectUnauthenticated) reportSessionEnd();
    throw error;
  }
  if (response.status === 204) return undefined;
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError({ code: 'BAD_ANSWER', status: response.status, detail: `${method} ${path}` });
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
