import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { z } from 'zod';

/** Brings a tool and a panel into the viewer: the node serves the script in `ui/`, and every viewer of the node loads it. */
export default definePlugin({
  id: 'cardiothoracic-ratio',
  api: 1,
  title: { 'zh-CN': '心胸比', en: 'Cardiothoracic ratio' },
  config: z.strictObject({}),
  activate(context) {
    context.points.contribute('Ui', 'cardiothoracic-ratio', {
      slot: 'viewer-tool',
      title: { 'zh-CN': '心胸比', en: 'Cardiothoracic ratio' },
      element: '',
      module: '/plugins/cardiothoracic-ratio/ui.js',
      directory: resolve(import.meta.dirname, 'ui'),
      // Whoever may not see images has no use for it.
      permission: 'study.read',
    });
  },
});
