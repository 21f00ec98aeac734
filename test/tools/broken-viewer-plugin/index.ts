import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { z } from 'zod';

/** A plugin whose viewer part fails. */
export default definePlugin({
  id: 'broken-viewer-part',
  api: 1,
  title: { 'zh-CN': '损坏的插件', en: 'Broken plugin' },
  config: z.strictObject({}),
  activate(context) {
    context.points.contribute('Ui', 'broken-viewer-part', {
      slot: 'viewer-panel',
      title: { 'zh-CN': '损坏的插件', en: 'Broken plugin' },
      element: '',
      module: '/plugins/broken-viewer-part/ui.js',
      directory: resolve(import.meta.dirname, 'ui'),
      permission: 'study.read',
    });
  },
});
