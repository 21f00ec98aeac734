/** What stays how long and where: rules per department, legal holds, a large disk, lossless compression, forecasts, removal in two steps. */
import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { configSchema, type RetentionConfig } from './config.ts';
import { openRetention } from './open-retention.ts';
import { PERMISSION } from './routes.ts';

export const retentionPlugin = definePlugin<RetentionConfig>({
  id: 'retention',
  api: 1,
  title: { 'zh-CN': '保存策略', en: 'Retention' },
  permissions: [
    {
      id: PERMISSION,
      title: { 'zh-CN': '管理保存策略', en: 'Decide what is kept how long' },
      defaultRoles: ['admin'],
    },
  ],
  config: configSchema,
  async activate(context) {
    await openRetention(context);
    context.points.contribute('Ui', 'retention', {
      slot: 'rail',
      icon: 'archive',
      title: { 'zh-CN': '保存策略', en: 'Storage rules' },
      element: 'filmless-retention',
      module: '/plugins/retention/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/retention'),
      permission: PERMISSION,
    });
  },
});

export default retentionPlugin;
