import type { IncomingHttpHeaders } from 'node:http';
import type { Middleware } from 'koa';
import type { RequestAudit } from '../audit/request-audit.ts';
import { FilmlessError } from '../errors.ts';
import type { AccessPolicy, AccessScope, Identity } from '../security/contract.ts';
import { EmbedTokens } from '../security/embed-tokens.ts';
import type { SecurityService } from '../security/security-service.ts';
import { ServiceKeys } from '../security/service-keys.ts';
import { type Authenticator, type Credentials, credentialsOf } from './authenticate.ts';
import type { ClientInfo } from './client-info.ts';
import type { HttpReply } from './contract.ts';
import { createHttpRequest } from './http-request.ts';
import type { HttpLimits } from './http-server.ts';
import { isEventStream } from './in-flight.ts';
import { expectsContinue } from './node-server.ts';
import { HttpProblem, toFilmlessError } from './problem.ts';
import { sendReply } from './reply.ts';
import { type RequestState, routeLabel } from './request-state.ts';

interface Options {
  authenticator: Authenticator;
  service: SecurityService;
  limits: HttpLimits;
  audit: RequestAudit | undefined;
}

const NOTHING: AccessScope = { kind: 'none' };

/** Who asks, may he, what is the answer. Whoever is not known learns nothing, not even which paths there are. */
export function dispatcher({ authenticator, service, limits, audit }: Options): Middleware<RequestState> {
  return async (context) => {
    const { match, client, path, search, gone } = context.state;
    if (!client) throw new FilmlessError('INTERNAL');
    const waits = expectsContinue(context.req);
    // Who is refused before he was told to go on has not sent his body; the connection ends there.
    if (waits) context.set('Connection', 'close');
    const isPublic = match.kind === 'found' && match.route.policy.access === 'public';
    const identity = isPublic
      ? await authenticator.recognise(context.headers)
      : await identify(authenticator, context, client, audit);
    context.state.identity = identity;
    if (!isPublic && !identity) throw new FilmlessError('UNAUTHENTICATED');
    if (match.kind === 'none') throw new FilmlessError('NOT_FOUND', 'no such path');
    if (match.kind === 'wrong-method')
      throw new HttpProblem('METHOD_NOT_ALLOWED', match.allow.join(', '), { Allow: match.allow.join(', ') });
    const request = createHttpRequest({
      request: context.req,
      response: context.res,
      path,
      search,
      params: match.params,
      client,
      identity,
      scope: identity ? service.scopeOf(identity) : NOTHING,
      signal: gone,
      expectsContinue: waits,
      jsonDeadlineMs: limits.jsonDeadlineMs,
    });
    const note = async (failure?: string, told?: HttpReply['audit']): Promise<void> => {
      if (!audit || !identity || isPublic) return;
      const { route, params } = match;
      await audit.answered({
        route,
        params,
        search,
        identity,
        address: client.address,
        ...(failure ? { failure } : {}),
        ...(told ? { told } : {}),
      });
    };
    let reply: HttpReply;
    try {
      allow(match.route.policy, identity, service);
      reply = await match.route.handle(request);
    } catch (error) {
      await note(toFilmlessError(error).code);
      throw error;
    }
    await note(undefined, reply.audit);
    sendReply(context, reply);
    if (!isPublic && isEventStream(context.res)) {
      const recheck = setInterval(() => {
        authenticator.stillSignedIn(context.headers, client).then(
          (signedIn) => signedIn || context.res.destroy(),
          () => context.res.destroy(),
        );
      }, limits.recheckMs);
      context.res.once('close', () => clearInterval(recheck));
    }
  };
}

/** Credentials that were offered and refused are a matter for the audit log; a stranger who offers none is not. */
async function identify(
  authenticator: Authenticator,
  context: { method: string; headers: IncomingHttpHeaders; state: RequestState },
  client: ClientInfo,
  audit: RequestAudit | undefined,
): Promise<Identity | undefined> {
  const refused = (failure: string) =>
    audit?.refused({ route: routeLabel(context.state), address: client.address, failure });
  try {
    const identity = await authenticator.authenticate(context.method, context.headers, client);
    const offered = credentialsOf(context.headers);
    const by = offered && waysOf(offered);
    if (identity && by !== undefined) audit?.recognised(identity, client.address, by);
    // A cookie that has run out is how a session ends.
    if (!identity && offered && offered.kind !== 'cookie') refused('UNAUTHENTICATED');
    return identity;
  } catch (error) {
    refused(toFilmlessError(error).code);
    throw error;
  }
}

/** How a request without a session says who it is; undefined with one, which was opened by a sign-in. */
function waysOf(offered: Credentials): string | undefined {
  if (offered.kind === 'basic') return 'HTTP Basic';
  if (offered.kind !== 'bearer') return undefined;
  return EmbedTokens.looksLikeOne(offered.token)
    ? 'embed token'
    : ServiceKeys.looksLikeOne(offered.token)
      ? 'key'
      : undefined;
}

function allow(policy: AccessPolicy, identity: Identity | undefined, service: SecurityService): void {
  if (policy.access !== 'permission') return;
  if (!identity) throw new FilmlessError('UNAUTHENTICATED');
  service.require(identity, policy.permission);
}
