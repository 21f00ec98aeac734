import type { HttpRoute } from '../src/http/contract.ts';

/** Routes that may answer without identity. Everything else must not. */
export const PUBLIC_ROUTES: readonly string[] = [
  'POST /api/sessions',
  'GET /api/sign-in',
  'GET /api/oidc/start',
  'GET /api/oidc/callback',
  // Carries a launch's code, which counts once.
  'POST /api/embed/launches/redeem',
  // Carries a shared link's secret, and its access code.
  'POST /api/shares/redeem',
  'GET /healthz',
  'GET /readyz',
  'GET /',
  'GET /favicon.ico',
  'GET /favicon.svg',
  'GET /assets/*rest',
  'GET /sdk/*rest',
  'GET /plugins/:id/*rest',
];

const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Walks all registered routes without identity, and with bad ones, and throws unless each answers 401 with a problem, except those of the
 * allow-list. Also throws for a public route that isn't on the list.
 */
export async function assertEveryRouteRefuses(
  baseUrl: string,
  routes: readonly HttpRoute[],
  allowed: readonly string[] = PUBLIC_ROUTES,
): Promise<void> {
  if (routes.length === 0) throw new Error('there are no routes to try');
  const failures: string[] = [];
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (allowed.includes(name)) continue;
    if (route.policy.access === 'public') failures.push(`${name}: public, and not on the list`);
    for (const [kind, headers] of Object.entries(IDENTITIES)) {
      const response = await fetch(`${baseUrl}${example(route.path)}`, {
        method: route.method,
        headers: { ...headers, ...(BODYLESS.has(route.method) ? {} : { 'Content-Type': 'application/json' }) },
        redirect: 'manual',
        ...(BODYLESS.has(route.method) ? {} : { body: '{}' }),
      });
      const type = response.headers.get('content-type') ?? '';
      await response.body?.cancel();
      if (response.status !== 401) failures.push(`${name} with ${kind}: ${response.status} instead of 401`);
      else if (!type.startsWith('application/problem+json'))
        failures.push(`${name} with ${kind}: no problem but ${type}`);
    }
  }
  if (failures.length > 0) throw new Error(`Doors stand open:\n${failures.join('\n')}`);
}

const NO_TOKEN = 'A'.repeat(43);
const IDENTITIES: Readonly<Record<string, Record<string, string>>> = {
  'no identity': {},
  'a made-up token': { Authorization: `Bearer ${NO_TOKEN}` },
  'a made-up cookie': { Cookie: `filmless_session=${NO_TOKEN}`, 'X-Filmless-CSRF': '1' },
  'another scheme': { Authorization: 'Negotiate abc' },
};

function example(path: string): string {
  return path.replaceAll(/:[A-Za-z0-9]+/g, '1.2.3').replace(/\*[A-Za-z0-9]+$/, 'some/path');
}
