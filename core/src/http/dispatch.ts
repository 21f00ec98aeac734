import type { Middleware } from 'koa';
import { FilmlessError } from '../errors.ts';
import type { AccessPolicy, AccessScope, Identity } from '../security/contract.ts';
import type { SecurityService } from '../security/security-service.ts';
import type { Authenticator } from './authenticate.ts';
import { createHttpRequest } from './http-request.ts';
import type { HttpLimits } from './http-server.ts';
import { isEventStream } from './in-flight.ts';
import { expectsContinue } from './node-server.ts';
import { HttpProblem } from './problem.ts';
import { sendReply } from './reply.ts';
import type { RequestState } from './request-state.ts';

interface Options {
  authenticator: Authenticator;
  service: SecurityService;
  limits: HttpLimits;
}

const NOTHING: AccessScope = { kind: 'none' };

/** Who asks, may he, what is the answer. Whoever is not known learns nothing, not even which paths there are. */
export function dispatcher({ authenticator, service, limits }: Options): Middleware<RequestState> {
  return async (context) => {
    const { match, client, path, search, gone } = context.state;
    if (!client) throw new FilmlessError('INTERNAL');
    const waits = expectsContinue(context.req);
    // Who is refused before he was told to go on has not sent his body; the connection ends there.
    if (waits) context.set('Connection', 'close');
    const isPublic = match.kind === 'found' && match.route.policy.access === 'public';
    const identity = isPublic
      ? await authenticator.recognise(context.headers)
      : await authenticator.authenticate(context.method, context.headers, client);
    context.state.identity = identity;
    if (!isPublic && !identity) throw new FilmlessError('UNAUTHENTICATED');
    if (match.kind === 'none') throw new FilmlessError('NOT_FOUND', 'no such path');
    if (match.kind === 'wrong-method')
      throw new HttpProblem('METHOD_NOT_ALLOWED', match.allow.join(', '), { Allow: match.allow.join(', ') });
    allow(match.route.policy, identity, service);
    const reply = await match.route.handle(
      createHttpRequest({
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
      }),
    );
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

function allow(policy: AccessPolicy, identity: Identity | undefined, service: SecurityService): void {
  if (policy.access !== 'permission') return;
  if (!identity) throw new FilmlessError('UNAUTHENTICATED');
  service.require(identity, policy.permission);
}
