import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/** What our own pages need and nothing more: own scripts, workers (decoders are started from blobs), WebAssembly, images made in the page. */
const DIRECTIVES: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'", 'blob:'],
  // Lit and the component library set style attributes and adopt sheets.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'blob:', 'data:'],
  'font-src': ["'self'", 'data:'],
  'media-src': ["'self'", 'blob:'],
  'connect-src': ["'self'", 'blob:', 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
};

/** The policy of a page of ours that these may frame, for routes that send another one than {@link securityHeaders} does. */
export function contentSecurityPolicy(frameAncestors: readonly string[]): string {
  return Object.entries({ ...DIRECTIVES, 'frame-ancestors': frameAncestors })
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join(';');
}

const OWN_POLICY = contentSecurityPolicy(["'self'"]);

/** Headers of every answer. No other site may frame it, unless the route sends a policy of its own that names that site. */
export function securityHeaders(): Middleware {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...Object.fromEntries(Object.entries(DIRECTIVES).map(([name, sources]) => [name, [...sources]])),
        'frame-ancestors': ["'self'"],
      },
    },
    // Other names under the hospital's domain are not ours to decide for.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  return (context, next) =>
    headers(context, async () => {
      await next();
      // The older header knows no list of sites and would forbid what the policy allows.
      if (context.response.get('Content-Security-Policy') !== OWN_POLICY) context.remove('X-Frame-Options');
    });
}
