import type { Middleware } from 'koa';
import ratelimit from 'koa-ratelimit';
import { ThrottledError } from '../security/sign-in-throttle.ts';
import type { RequestState } from './request-state.ts';

const SIGN_IN_PATH = '/api/sessions';
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** Keeps the newest entries, so that many addresses cannot fill memory. */
class BoundedMap extends Map<string, unknown> {
  override set(key: string, value: unknown): this {
    if (this.size >= MAX_ADDRESSES && !this.has(key)) {
      const oldest = this.keys().next();
      if (!oldest.done) this.delete(oldest.value);
    }
    return super.set(key, value);
  }
}

/** At most so many sign-ins a minute from one address, right or wrong: checking a password is costly. */
export function limitSignIns(maxPerMinute: number): Middleware<RequestState> {
  const limiter = ratelimit({
    driver: 'memory',
    db: new BoundedMap(),
    duration: WINDOW_MS,
    max: maxPerMinute,
    id: (context) => (isSignIn(context.method, context.state) ? (context.state.client?.address ?? false) : false),
    disableHeader: true,
  });
  return async (context, next) => {
    let passed = false;
    await limiter(context, async () => {
      passed = true;
      await next();
    });
    if (!passed) throw new ThrottledError(Math.max(1, Number(context.res.getHeader('Retry-After')) || 1));
  };
}

function isSignIn(method: string, { match }: RequestState): boolean {
  return method === 'POST' && match.kind === 'found' && match.route.path === SIGN_IN_PATH;
}
