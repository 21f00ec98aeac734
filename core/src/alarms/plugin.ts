import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { HealthReporter } from '../health/health-report.ts';
import { definePlugin } from '../plugin.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';
import type { AlarmList } from './alarm-list.ts';
import { HEALTH_KEY, HealthWatch } from './health-watch.ts';
import { alarmPermissions, alarmRoutes } from './routes.ts';
import { channelsHealth, enqueueUntold, SEND_KIND, sendRunner } from './sending.ts';

const ID = 'core-alarms';

/** Health that turns bad alarms; alarms go out through the channels that plugins bring. */
export function createAlarmsPlugin(list: () => AlarmList, clock: Clock = systemClock): FilmlessPlugin {
  return definePlugin({
    id: ID,
    api: 1,
    title: { 'zh-CN': '报警', en: 'Alarms' },
    essential: true,
    permissions: alarmPermissions,
    config: z.strictObject({}),
    activate({ points, node, jobs, log, alarms, onDispose }) {
      const parts = { list: list(), points, node, clock };
      for (const route of alarmRoutes(parts)) points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
      points.contribute('Job', SEND_KIND, sendRunner(parts));
      points.contribute('HealthCheck', 'alarm-channels', channelsHealth(parts));

      const reporter = new HealthReporter(points, clock.now);
      const watch = new HealthWatch({
        report: () => reporter.report(),
        alarms,
        lasting: () =>
          parts.list
            .active()
            .map(({ key }) => key.slice(ID.length + 1))
            .filter((key) => key.startsWith(HEALTH_KEY)),
        clock,
        onFailed: (error) => log.error({ err: error }, 'health could not be watched'),
      });
      watch.start();
      onDispose(watch);

      let sending = Promise.resolve();
      const tell = () => {
        sending = sending
          .then(() => enqueueUntold(parts, jobs, clock.now()))
          .catch((error: unknown) => log.error({ err: error }, 'an alarm could not be handed to its channels'));
      };
      onDispose(parts.list.onChange(tell));
      // What was raised before the plugins that bring channels were there, or when the process died.
      onDispose(points.onChange('AlarmChannel', tell));
    },
  });
}
