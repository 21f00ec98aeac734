/** The hospital's other systems: HL7 v2 in and out, FHIR R4. */
import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { configSchema, type HisBridgeConfig } from './config.ts';
import { openFhir } from './fhir/open-fhir.ts';
import { openHl7 } from './hl7/open-hl7.ts';
import { HIS_PERMISSION } from './hl7/route-parts.ts';
import { openPull } from './pull/open-pull.ts';

export const hisBridgePlugin = definePlugin<HisBridgeConfig>({
  id: 'his-bridge',
  api: 1,
  title: { 'zh-CN': 'HIS 接口', en: 'HIS bridge' },
  permissions: [
    {
      id: HIS_PERMISSION,
      title: { 'zh-CN': '管理 HIS 接口', en: 'Look after the HIS interfaces' },
      defaultRoles: ['admin'],
    },
  ],
  config: configSchema,
  async activate(context) {
    await openHl7(context);
    context.points.contribute('Ui', 'his-bridge', {
      slot: 'rail',
      icon: 'exchange',
      title: { 'zh-CN': 'HIS 接口', en: 'HIS bridge' },
      element: 'filmless-his-bridge',
      module: '/plugins/his-bridge/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/his-bridge'),
      permission: HIS_PERMISSION,
    });
    openFhir(context, context.config.fhir);
    openPull(context, context.config.pull);
  },
});

export default hisBridgePlugin;
