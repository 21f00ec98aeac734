import { ZodError } from 'zod';
import { ERRORS, FilmlessError } from '../errors.ts';
import { ThrottledError } from '../security/sign-in-throttle.ts';

/** A FilmlessError whose answer needs headers, such as `Allow`. */
export class HttpProblem extends FilmlessError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: FilmlessError['code'], detail: string | undefined, headers: Record<string, string>) {
    super(code, detail);
    this.headers = headers;
  }
}

/** The body of `application/problem+json`, RFC 9457 with Filmless's code and what to do. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  remedy: string;
  requestId: string;
}

const MAX_ISSUES_NAMED = 8;

/** What was thrown as an error of the registry. Failed zod schemas become INVALID_REQUEST naming the fields, never their values. */
export function toFilmlessError(error: unknown): FilmlessError {
  if (!(error instanceof ZodError)) return FilmlessError.from(error);
  const named = error.issues.slice(0, MAX_ISSUES_NAMED).map((issue) => {
    const field = issue.path.map(String).join('.');
    return field ? `${field}: ${issue.message}` : issue.message;
  });
  return new FilmlessError('INVALID_REQUEST', named.join('; '), { cause: error });
}

export function problemOf(error: FilmlessError, requestId: string): Problem {
  const { title, http, remedy } = ERRORS[error.code];
  return {
    type: `urn:filmless:error:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status: http,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    remedy,
    requestId,
  };
}

export function problemHeaders(error: FilmlessError): Record<string, string> {
  if (error instanceof HttpProblem) return { ...error.headers };
  if (error instanceof ThrottledError) return { 'Retry-After': String(error.retryAfterSeconds) };
  return {};
}
