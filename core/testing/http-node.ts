import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disposable } from '../src/disposable.ts';
import type { HttpRoute } from '../src/http/contract.ts';
import type { HttpServerOptions } from '../src/http/http-server.ts';
import { HttpServer } from '../src/http/http-server.ts';
import { PrometheusMetrics } from '../src/metrics.ts';
import type { Points } from '../src/plugins/contract.ts';
import { PointRegistry } from '../src/plugins/point-registry.ts';
import type { SecurityParts, SecuritySettings } from '../src/security/open-security.ts';
import { openSecurity } from '../src/security/open-security.ts';
import { InMemoryDocumentStore } from './in-memory-document-store.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingLog } from './recording-log.ts';

/** The HTTP side of a node without the rest: real requests, real sign-in, a clock that tests move. */
export interface HttpTestNode {
  baseUrl: string;
  server: HttpServer;
  points: Points;
  security: SecurityParts;
  clock: ManualClock;
  log: RecordingLog;
  metrics: PrometheusMetrics;
  dataDirectory: string;
  route(route: HttpRoute): { dispose(): void | Promise<void> };
  /** Signs a user in who has these roles, making the account if need be; gives the token. */
  tokenFor(...roles: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Hashes that cost nothing; the cost is kept with each hash. */
export const CHEAP_SCRYPT = { N: 16, r: 1, p: 1 } as const;
export const TEST_PASSWORD = 'correct horse';

export async function startHttpTestNode({
  settings,
  ...options
}: Partial<HttpServerOptions> & { settings?: SecuritySettings } = {}): Promise<HttpTestNode> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'filmless-http-'));
  const clock = new ManualClock();
  const log = new RecordingLog();
  const metrics = new PrometheusMetrics();
  const points = new PointRegistry().viewFor('test', () => undefined);
  const security = openSecurity({
    documents: new InMemoryDocumentStore(),
    dataDirectory,
    points,
    now: clock.now,
    cost: CHEAP_SCRYPT,
    ...(settings ? { settings } : {}),
  });
  const server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    points,
    security,
    log,
    metrics: metrics.scope(),
    ...options,
  });
  await server.listen();
  return {
    baseUrl: `http://127.0.0.1:${server.port}`,
    server,
    points,
    security,
    clock,
    log,
    metrics,
    dataDirectory,
    route: (route) => points.contribute('HttpRoute', `${route.method} ${route.path}`, route),
    async tokenFor(...roles) {
      const name = ['test', ...roles].join('-');
      const account =
        (await security.users.find(name)) ??
        (await security.users.create({ name, displayName: name, roles, password: TEST_PASSWORD }));
      return security.sessions.create(account).token;
    },
    stop: disposable(async () => {
      await server.stop();
      await security.close();
      await rm(dataDirectory, { recursive: true, force: true });
    }).dispose as () => Promise<void>,
  };
}
