/** Alarms to people who do not look at the screen: by webhook and by mail. */
import { definePlugin } from '@filmless/core/plugin';
import type { z } from 'zod';
import { configSchema } from './config.ts';
import { Mail } from './mail.ts';
import { Webhook } from './webhook.ts';

export const alarmsPlugin = definePlugin<z.infer<typeof configSchema>>({
  id: 'alarms',
  api: 1,
  title: { 'zh-CN': '报警通知', en: 'Sending of alarms' },
  config: configSchema,
  activate({ config, points }) {
    for (const settings of config.webhooks)
      points.contribute('AlarmChannel', `webhook:${settings.name}`, new Webhook(settings));
    if (config.mail) points.contribute('AlarmChannel', 'mail', new Mail(config.mail));
  },
});

export default alarmsPlugin;
