import type { Middleware } from 'koa';
import ratelimit from 'koa-ratelimit';
import { ThrottledError } from '../security/sign-in-throttle.ts';
import type { RequestState } from './request-state.ts';

const SIGN_IN_PATH = '/api/sessions';
const REDEEM_PATHS = ['/api/embed/launches/redeem', '/api/shares/redeem'];
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
export const limitSignIns = (maxPerMinute: number): Middleware<RequestState> => limit([SIGN_IN_PATH], maxPerMinute);

/** At most so many launches and openings of shared links a minute from one address, right or wrong. */
export const limitLaunches = (maxPerMinute: number): Middleware<RequestState> => limit(REDEEM_PATHS, maxPerMinute);

function limit(paths: readonly string[], maxPerMinute: number): Middleware<RequestState> {
  const limiter = ratelimit({
    driver: 'memory',
    db: new BoundedMap(),
    duration: WINDOW_MS,
    max: maxPerMinute,
    id: ({ method, state }) =>
      method === 'POST' && state.match.kind === 'found' && paths.includes(state.match.route.path)
        ? (state.client?.address ?? false)
        : false,
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
