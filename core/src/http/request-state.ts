import { randomUUID } from 'node:crypto';
import type { Context, ParameterizedContext } from 'koa';
import { FilmlessError } from '../errors.ts';
import type { Identity } from '../security/contract.ts';
import type { ClientInfo } from './client-info.ts';
import type { RouteMatch } from './route-table.ts';

/** What the steps of one request tell each other. */
export interface RequestState {
  requestId: string;
  /** Aborted when the client leaves. */
  gone: AbortSignal;
  client: ClientInfo | undefined;
  /** As it came, percent-encoded, without the query. */
  path: string;
  search: string;
  match: RouteMatch;
  identity: Identity | undefined;
  /** A failure is answered once. */
  failed: boolean;
}

export type RequestContext = ParameterizedContext<RequestState, Context>;

export function openRequestState(context: { state: RequestState }, gone: AbortSignal): void {
  context.state = {
    requestId: randomUUID(),
    gone,
    client: undefined,
    path: '/',
    search: '',
    match: { kind: 'none' },
    identity: undefined,
    failed: false,
  };
}

/** Path and query of a request target, in origin or absolute form. @throws INVALID_REQUEST */
export function splitTarget(target: string): { path: string; search: string } {
  const relative = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const end = relative.search(/[?#]/);
  const path = end === -1 ? relative : relative.slice(0, end);
  if (!(path === '' ? target !== relative : path.startsWith('/')))
    throw new FilmlessError('INVALID_REQUEST', 'the request target is not a path');
  const query = end === -1 ? '' : relative.slice(end);
  return { path: path || '/', search: query.startsWith('?') ? query.slice(1) : '' };
}

/** The pattern of the route, for logs and metrics: paths name patients' studies. */
export function routeLabel(state: RequestState): string {
  return state.match.kind === 'found' ? state.match.route.path : 'unmatched';
}
