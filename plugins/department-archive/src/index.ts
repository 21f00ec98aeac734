/** One hospital of several nodes: departments keep their own archive and send all to a centre; gateways serve the wards. */
import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { Archive } from './archive.ts';
import { type ArchiveConfig, configSchema } from './config.ts';
import { copiesAtOtherNodes } from './copies.ts';
import { archiveHealth } from './health.ts';
import { Prefetch } from './prefetch.ts';
import { archiveRoutes, PERMISSION } from './routes.ts';

export const departmentArchivePlugin = definePlugin<ArchiveConfig>({
  id: 'department-archive',
  api: 1,
  title: { 'zh-CN': '院内节点', en: 'Nodes of the hospital' },
  permissions: [
    {
      id: PERMISSION,
      title: { 'zh-CN': '管理院内节点', en: 'Manage the nodes of the hospital' },
      defaultRoles: ['admin'],
    },
  ],
  config: configSchema,
  async activate(context) {
    const archive = await Archive.open(context);
    context.points.contribute('CopyHolder', 'other-nodes', copiesAtOtherNodes(archive));
    context.points.contribute('HealthCheck', 'archive', archiveHealth(archive, context.config.warnLagSeconds));
    for (const route of archiveRoutes(context, archive)) {
      context.points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
    }
    const prefetch = new Prefetch({ query: context.query, holdings: archive.holdings, wake: () => archive.wake() });
    context.hooks.after('order.changed', 'prefetch', (orders) => prefetch.ordered(orders), { from: 'now' });
    context.hooks.after('instance.stored', 'prefetch-arrived', (records) => prefetch.stored(records), { from: 'now' });
    context.points.contribute('Ui', 'archive', {
      slot: 'rail',
      icon: 'hospital',
      title: { 'zh-CN': '院内节点', en: 'Hospital' },
      element: 'filmless-archive',
      module: '/plugins/department-archive/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/department-archive'),
      permission: PERMISSION,
    });
  },
});

export default departmentArchivePlugin;
