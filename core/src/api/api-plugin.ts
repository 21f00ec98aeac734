import { z } from 'zod';
import { auditHealth } from '../audit/health.ts';
import { completeOrders, followOrders } from '../clinical/order-following.ts';
import { matchOrders } from '../clinical/order-matching.ts';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';
import { accessRoutes } from './access-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { conflictsRoutes } from './conflicts-routes.ts';
import { embedRoutes } from './embed-routes.ts';
import { eventsRoutes } from './events-routes.ts';
import { importsRoutes } from './imports-routes.ts';
import { jobsRoutes } from './jobs-routes.ts';
import { nodeRoutes } from './node-routes.ts';
import { noteReceived } from './note-received.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { ordersRoutes } from './orders-routes.ts';
import { outputsRoutes } from './outputs-routes.ts';
import { patientsRoutes } from './patients-routes.ts';
import { pluginsRoutes } from './plugins-routes.ts';
import { quarantineRoutes } from './quarantine-routes.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { reportsRoutes } from './reports-routes.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { serviceKeysRoutes } from './service-keys-routes.ts';
import type { ApiContext, ApiServices } from './services.ts';
import { sessionsRoutes } from './sessions-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { sharesRoutes } from './share-routes.ts';
import { storageRoutes } from './storage-routes.ts';
import { studiesRoutes } from './studies-routes.ts';
import { StudyEvents } from './study-events.ts';
import { usersRoutes } from './users-routes.ts';

const ROUTES = [
  nodeRoutes,
  sessionsRoutes,
  oidcRoutes,
  studiesRoutes,
  importsRoutes,
  storageRoutes,
  quarantineRoutes,
  conflictsRoutes,
  pluginsRoutes,
  jobsRoutes,
  usersRoutes,
  secondFactorRoutes,
  serviceKeysRoutes,
  accessRoutes,
  auditRoutes,
  outputsRoutes,
  reportsRoutes,
  patientsRoutes,
  reconciliationRoutes,
  ordersRoutes,
  embedRoutes,
  sharesRoutes,
  settingsRoutes,
];

/** Core's own REST, as a plugin like any other, only essential. `services` is asked when a request comes. */
export function createApiPlugin(services: () => ApiServices, options: { clock?: Clock } = {}): FilmlessPlugin {
  return {
    id: 'core-api',
    api: 1,
    title: { 'zh-CN': '核心接口', en: 'Core REST' },
    essential: true,
    config: z.strictObject({}),
    activate(context) {
      const clock = options.clock ?? systemClock;
      const events = new StudyEvents(clock, async (StudyInstanceUID, scope) => {
        const keys = { '0020000D': { vr: 'UI', Value: [StudyInstanceUID] } };
        return (await services().query.count({ level: 'STUDY', keys, include: [], limit: 1, offset: 0, scope })) > 0;
      });
      context.onDispose(events);
      context.points.contribute(
        'HealthCheck',
        'audit',
        auditHealth(() => services().audit),
      );
      context.hooks.after('instance.stored', 'events', async (records) => events.announce(records), { from: 'now' });
      context.hooks.after(
        'instance.stored',
        'audit',
        async (records) => {
          for (const record of records) noteReceived(services().audit, record);
        },
        { from: 'now' },
      );
      /** Of documents that come from another node that node draws the conclusions; drawn here too, they would differ. */
      const atOrigin =
        <E>(conclude: (events: readonly E[], stores: ApiServices) => Promise<void>) =>
        async (events: readonly E[]) => {
          if (!services().replication.isFollowing) await conclude(events, services());
        };
      context.hooks.after('instance.stored', 'orders', atOrigin(matchOrders));
      context.hooks.after('order.changed', 'orders-changed', atOrigin(followOrders));
      context.hooks.after('report.issued', 'orders-reported', atOrigin(completeOrders));
      context.hooks.after('report.amended', 'orders-amended', atOrigin(completeOrders));
      const documents = () => context.documents;
      const api: ApiContext = {
        services,
        documents,
        node: context.node,
        points: context.points,
        log: context.log,
        clock,
      };
      for (const route of [...ROUTES.flatMap((routes) => routes(api)), ...eventsRoutes(events, services)])
        context.points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
    },
  };
}
