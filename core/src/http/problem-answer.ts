import type { ServerResponse } from 'node:http';
import { errorFields } from '../error-fields.ts';
import type { FilmlessError } from '../errors.ts';
import type { Logger } from '../plugins/contract.ts';
import { challengeFor } from './authenticate.ts';
import { problemHeaders, problemOf, toFilmlessError } from './problem.ts';
import type { RequestState } from './request-state.ts';
import { routeLabel } from './request-state.ts';

interface FailedContext {
  state: RequestState;
  method: string;
  res: ServerResponse;
  req: import('node:http').IncomingMessage;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
}

const MEDIA_TYPE = 'application/problem+json; charset=utf-8';
/** Of an answer that was begun and is now replaced by a problem. */
const STALE_HEADERS = [
  'Accept-Ranges', 'Content-Disposition', 'Content-Encoding', 'Content-Length', 'Content-Range', 'ETag', 'Last-Modified', 'Location',
  'Set-Cookie',
]; // biome-ignore format: one list

/** Answers a failure before anything of the answer was sent. */
export function answerProblem(context: FailedContext, thrown: unknown, log: Logger): void {
  const error = toFilmlessError(thrown);
  note(context, error, log);
  for (const name of STALE_HEADERS) context.res.removeHeader(name);
  context.status = error.httpStatus;
  context.body = writtenOf(context, error).body;
  for (const [name, value] of Object.entries(headersOf(context, error))) context.set(name, value);
}

/** For failures outside the request's steps, above all of a stream being sent: once the answer has begun, it is cut. */
export function cutOrAnswerProblem(context: FailedContext, thrown: unknown, log: Logger): void {
  const { res } = context;
  if (context.state.failed || res.writableEnded || res.destroyed) return;
  context.state.failed = true;
  // A connection that a client reset is no failure of ours.
  if (context.req.socket.errored === thrown) {
    res.destroy();
    return;
  }
  const error = toFilmlessError(thrown);
  note(context, error, log);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  for (const name of STALE_HEADERS) res.removeHeader(name);
  res.statusCode = error.httpStatus;
  for (const [name, value] of Object.entries(headersOf(context, error))) res.setHeader(name, value);
  res.end(context.method === 'HEAD' ? undefined : writtenOf(context, error).body);
}

/** As a problem, or as the route's own protocol says it. */
function writtenOf({ state }: FailedContext, error: FilmlessError): { contentType: string; body: string } {
  const problem = problemOf(error, state.requestId);
  const own = state.match.kind === 'found' ? state.match.route.failure?.(problem) : undefined;
  return own ?? { contentType: MEDIA_TYPE, body: JSON.stringify(problem) };
}

function headersOf(context: FailedContext, error: FilmlessError): Record<string, string> {
  return {
    'Content-Type': writtenOf(context, error).contentType,
    'Cache-Control': 'no-store',
    ...(error.httpStatus === 401 ? { 'WWW-Authenticate': challengeFor(context.state.path, context.req.headers) } : {}),
    ...problemHeaders(error),
  };
}

/** Refusals are the access log's matter; what failed on our side is told with its cause. */
function note(context: FailedContext, error: FilmlessError, log: Logger): void {
  if (error.httpStatus < 500 || context.state.gone.aborted) return;
  log.error(
    { requestId: context.state.requestId, route: routeLabel(context.state), ...errorFields(error) },
    'request failed',
  );
}
