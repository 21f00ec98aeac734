import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { z } from 'zod';

/** Electrocardiograms in the viewer: the drawing is in `ui/`, which the build puts into one file. */
export default definePlugin({
  id: 'ecg',
  api: 1,
  title: { 'zh-CN': '心电图', en: 'Electrocardiograms' },
  config: z.strictObject({}),
  activate(context) {
    context.points.contribute('Ui', 'ecg', {
      slot: 'viewer-renderer',
      title: { 'zh-CN': '心电图', en: 'Electrocardiograms' },
      element: '',
      module: '/plugins/ecg/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/ecg'),
      permission: 'study.read',
    });
  },
});
