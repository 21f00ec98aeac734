import type { Middleware } from 'koa';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, Accept, Range, X-File-Name, X-Requested-With';
const EXPOSED =
  'Content-Length, Content-Location, Content-Range, Content-Type, Date, ETag, Retry-After, X-Request-Id, WWW-Authenticate, Warning';

/**
 * Lets the pages of these origins (`https://his.hospital`) ask with a token of their own. Never with the session cookie: other sites act
 * in their own name or not at all.
 */
export function allowOrigins(origins: readonly string[]): Middleware {
  const allowed = new Set(origins.map((origin) => new URL(origin).origin));
  return async (context, next) => {
    const origin = context.get('Origin');
    if (allowed.size === 0 || origin === '') return next();
    context.vary('Origin');
    if (!allowed.has(origin)) return next();
    context.set('Access-Control-Allow-Origin', origin);
    context.set('Access-Control-Expose-Headers', EXPOSED);
    context.set('Cross-Origin-Resource-Policy', 'cross-origin');
    if (context.method !== 'OPTIONS' || context.get('Access-Control-Request-Method') === '') return next();
    context.set('Access-Control-Allow-Methods', METHODS);
    context.set('Access-Control-Allow-Headers', REQUEST_HEADERS);
    context.set('Access-Control-Max-Age', '600');
    context.status = 204;
  };
}
