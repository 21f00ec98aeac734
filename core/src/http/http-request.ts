import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessScope, Identity } from '../security/contract.ts';
import type { ClientInfo } from './client-info.ts';
import type { HttpRequest } from './contract.ts';
import { readJsonBody } from './json-body.ts';

interface Parts {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  search: string;
  params: Readonly<Record<string, string>>;
  client: ClientInfo;
  identity: Identity | undefined;
  scope: AccessScope;
  signal: AbortSignal;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
  jsonDeadlineMs: number;
}

/** A request as routes see it. */
export function createHttpRequest(parts: Parts): HttpRequest {
  let continued = !parts.expectsContinue;
  const body = (): IncomingMessage => {
    if (!continued) {
      parts.response.writeContinue();
      // The body comes now, so the connection can be used again.
      parts.response.removeHeader('Connection');
    }
    continued = true;
    return parts.request;
  };
  return {
    method: parts.request.method ?? 'GET',
    path: parts.path,
    params: parts.params,
    query: new URLSearchParams(parts.search),
    headers: singleHeaders(parts.request),
    origin: parts.client.origin,
    address: parts.client.address,
    identity: parts.identity,
    scope: parts.scope,
    signal: parts.signal,
    stream: body,
    json: async () => readJsonBody(body(), parts.jsonDeadlineMs),
  };
}

function singleHeaders(request: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
