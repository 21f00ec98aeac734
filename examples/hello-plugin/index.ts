import { definePlugin, FilmlessError, firstString } from '@filmless/core/plugin';
import { z } from 'zod';

/**
 * The smallest plugin that does something useful: it refuses images without a patient ID from the departments a site names, counts what
 * each department sent since the node started, and answers the counts on a route of its own.
 */
export default definePlugin({
  id: 'hello',
  api: 1,
  title: { 'zh-CN': '示例插件', en: 'Example plugin' },
  config: z.strictObject({
    departmentsThatMustIdentify: z.array(z.string()).default([]).describe('Departments whose images need a patient ID'),
  }),
  activate(context) {
    const counts = new Map<string, number>();

    // In the request path: throwing refuses the image, and the sender is told the status of the error.
    context.hooks.before('instance.receive', ({ header, source }) => {
      const department = source.department ?? '';
      if (
        context.config.departmentsThatMustIdentify.includes(department) &&
        !firstString(header.dataset, 'PatientID')
      ) {
        throw new FilmlessError('DICOM_IDENTIFIER_MISSING', 'this department must send a patient ID');
      }
    });

    // Told after the image is safe, at least once, from a durable checkpoint named `count`.
    context.hooks.after(
      'instance.stored',
      'count',
      async (records) => {
        for (const { received } of records)
          counts.set(received.department ?? '', (counts.get(received.department ?? '') ?? 0) + 1);
      },
      { from: 'now' },
    );

    context.points.contribute('HttpRoute', 'hello.counts', {
      method: 'GET',
      path: '/api/hello/counts',
      policy: { access: 'permission', permission: 'system.read' },
      summary: 'Instances received since the start, by department',
      handle: () => ({ body: Object.fromEntries(counts) }),
    });
  },
});
