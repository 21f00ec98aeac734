/** Forwarding to other systems by C-STORE or STOW-RS: rules, a durable queue with retries, completeness of each study. */
import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { configSchema, type ForwardingConfig } from './config.ts';
import { openForwarding } from './open-forwarding.ts';
import { PERMISSION } from './routes.ts';

export const forwardingPlugin = definePlugin<ForwardingConfig>({
  id: 'forwarding',
  api: 1,
  title: { 'zh-CN': '转发', en: 'Forwarding' },
  permissions: [
    {
      id: PERMISSION,
      title: { 'zh-CN': '管理向其他系统的转发', en: 'Decide what is forwarded to other systems' },
      defaultRoles: ['admin'],
    },
  ],
  config: configSchema,
  async activate(context) {
    await openForwarding(context);
    context.points.contribute('Ui', 'forwarding', {
      slot: 'rail',
      icon: 'send',
      // What fits the rail.
      title: { 'zh-CN': '转发', en: 'Forward' },
      element: 'filmless-forwarding',
      module: '/plugins/forwarding/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/forwarding'),
      permission: PERMISSION,
    });
  },
});

export default forwardingPlugin;
