import { FilmlessError } from '../errors.ts';
import { HealthReporter } from '../health/health-report.ts';
import { buildOpenApi } from '../http/open-api.ts';
import { identityOf, needs, SIGNED_IN } from '../http/route-parts.ts';
import { StaticFiles } from '../http/static-files.ts';
import type { ApiRoutes } from './services.ts';

const LOCALE = 'zh-CN';
const PROGRAM = {
  access: 'public',
  why: "the programs of plugins' screens and viewer parts, without any data",
} as const;
const HEALTH = { access: 'public', why: 'health, without any detail' } as const;

/** The node itself: who it is, how it is, what it offers. */
export const nodeRoutes: ApiRoutes = ({ services, node, points, clock }) => {
  const health = new HealthReporter(points, clock.now);
  return [
    {
      method: 'GET',
      path: '/healthz',
      policy: HEALTH,
      summary: 'The process is alive',
      handle: () => ({ body: { alive: true } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      policy: HEALTH,
      summary: '200 when the node may be asked, else 503',
      async handle() {
        const { ready } = await health.report();
        return { status: ready ? 200 : 503, body: { ready } };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      policy: needs('metrics.read'),
      summary: 'Prometheus metrics',
      async handle() {
        const { metrics } = services();
        return { headers: { 'Content-Type': metrics.contentType }, body: await metrics.text() };
      },
    },
    {
      method: 'GET',
      path: '/api/node',
      policy: SIGNED_IN,
      summary: 'Name, version, ports and age of this node',
      handle: () => ({
        body: {
          name: node.name,
          version: node.version,
          aeTitle: node.aeTitle,
          dicomPort: services().dicomPort(),
          httpPort: services().httpPort(),
          startedAt: node.startedAt,
          uptimeSeconds: Math.max(0, Math.floor((clock.now() - Date.parse(node.startedAt)) / 1000)),
          locale: LOCALE,
        },
      }),
    },
    {
      method: 'GET',
      path: '/api/health',
      policy: needs('system.read'),
      summary: 'All checks of the node and its plugins',
      async handle() {
        const { state, checks } = await health.report();
        return { body: { state, checks } };
      },
    },
    {
      method: 'GET',
      path: '/api/ui',
      policy: SIGNED_IN,
      summary: "Plugins' screens that the user may see",
      handle(request) {
        const { permissions } = identityOf(request);
        // Where the files lie on this machine is nobody's business.
        const all = points
          .entries('Ui')
          .map(({ key, value: { directory: _directory, ...shown } }) => ({ key, ...shown }));
        return { body: all.filter(({ permission }) => permissions.has(permission)) };
      },
    },
    {
      method: 'GET',
      path: '/plugins/:id/*rest',
      policy: PROGRAM,
      summary: "Files of a plugin's screens and viewer parts",
      handle(request) {
        const { id = '', rest = '' } = request.params;
        const directory = points.entries('Ui').find(({ pluginId, value }) => pluginId === id && value.directory)
          ?.value.directory;
        if (directory === undefined) throw new FilmlessError('NOT_FOUND', 'no such file');
        // Pages of other hospital software import viewer parts, as they import the viewer.
        return new StaticFiles({ directory, anyOrigin: true }).serve(request, rest);
      },
    },
    {
      method: 'GET',
      path: '/api/openapi.json',
      policy: SIGNED_IN,
      summary: 'This description',
      handle: () => ({
        body: buildOpenApi(
          points.entries('HttpRoute').map(({ value }) => value),
          { title: `Filmless ${node.name}`, version: node.version },
        ),
      }),
    },
  ];
};
