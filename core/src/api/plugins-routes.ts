import { identityOf, needs, param } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

/** Plugins: what there is, what runs, what failed and why. */
export const pluginsRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/plugins',
    policy: needs('system.read'),
    summary: 'All plugins with their state',
    handle: () => ({ body: services().pluginHost.statuses() }),
  },
  {
    method: 'POST',
    path: '/api/plugins/:id/enable',
    policy: needs('plugin.manage'),
    summary: 'Enables a plugin; no restart is needed',
    async handle(request) {
      const id = param(request, 'id');
      await services().pluginHost.enable(id);
      log.info({ audit: 'plugin.enable', who: identityOf(request).id, target: id }, 'plugin enabled');
      return {
        body:
          services()
            .pluginHost.statuses()
            .find((status) => status.id === id) ?? {},
      };
    },
  },
  {
    method: 'POST',
    path: '/api/plugins/:id/disable',
    policy: needs('plugin.manage'),
    summary: 'Disables a plugin and takes back all it registered',
    async handle(request) {
      const id = param(request, 'id');
      await services().pluginHost.disable(id);
      log.info({ audit: 'plugin.disable', who: identityOf(request).id, target: id }, 'plugin disabled');
      return {
        body:
          services()
            .pluginHost.statuses()
            .find((status) => status.id === id) ?? {},
      };
    },
  },
  {
    method: 'GET',
    path: '/api/plugins/:id/config-schema',
    policy: needs('system.read'),
    summary: "JSON Schema of a plugin's configuration",
    handle: (request) => ({ body: services().pluginHost.configSchema(param(request, 'id')) }),
  },
];
