import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AlarmList } from '../alarms/alarm-list.ts';
import type { Audit } from '../audit/contract.ts';
import type { Catalogue } from '../catalogue/contract.ts';
import type { NodeCopy } from '../catalogue/node-copy.ts';
import type { Replication } from '../catalogue/replication-contract.ts';
import type { Delivery, IdentityOverlays, Orders, Patients } from '../clinical/contract.ts';
import type { Disposable } from '../disposable.ts';
import { DisposableStack } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { AfterSubscriptions } from '../events/after-subscriptions.ts';
import type { BeforeHooks } from '../events/before-hooks.ts';
import type { Ingest } from '../ingest/contract.ts';
import type { Jobs } from '../jobs/contract.ts';
import type { PrometheusMetrics } from '../metrics.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { Reports } from '../reports/contract.ts';
import type { Security } from '../security/contract.ts';
import type { BlobStorage } from '../storage/contract.ts';
import type { FilmlessPlugin, Logger, NodeInfo, PluginContext } from './contract.ts';
import type { PointRegistry } from './point-registry.ts';

/** The context of one activation and everything registered through it. */
export interface PluginScope {
  readonly context: PluginContext<unknown>;
  /** Aborts the signal, then disposes in reverse order. */
  close(): Promise<void>;
}

export type PluginScopeFactory = (plugin: FilmlessPlugin, config: unknown) => PluginScope;

/** What plugins are given. The stores are opened after the plugins that bring them, so they are read when used. */
export interface NodeServices {
  ingest: Ingest;
  storage: BlobStorage;
  catalogue: Catalogue;
  replication: Replication;
  nodeCopy: NodeCopy;
  query: QueryIndex;
  reports: Reports;
  patients: Patients;
  orders: Orders;
  identities: IdentityOverlays;
  delivery: Delivery;
  jobs: Jobs;
  alarms: AlarmList;
  security: Security;
  audit: Audit;
  afterSubscriptions: AfterSubscriptions;
}

interface Options {
  node: NodeInfo;
  points: PointRegistry;
  beforeHooks: BeforeHooks;
  metrics: PrometheusMetrics;
  log: Logger;
  /** Undefined until they are open. */
  services: Partial<NodeServices>;
}

export function pluginScopeFactory(options: Options): PluginScopeFactory {
  const service = <K extends keyof NodeServices>(name: K): NodeServices[K] => {
    const value = options.services[name];
    if (value === undefined) throw new FilmlessError('UNAVAILABLE', `${name} is not open yet`);
    return value;
  };

  return (plugin, config) => {
    const stack = new DisposableStack();
    const stopping = new AbortController();
    const own = <T extends Disposable>(item: T): T => stack.add(item);
    const metrics = options.metrics.scope();
    own(metrics);
    const context: PluginContext<unknown> = {
      pluginId: plugin.id,
      config,
      node: options.node,
      log: options.log.child({ plugin: plugin.id }),
      metrics,
      signal: stopping.signal,
      points: options.points.viewFor(plugin.id, own),
      hooks: {
        before: (hook, handler, hookOptions) => own(options.beforeHooks.register(hook, handler, hookOptions?.order)),
        after: (hook, name, handler, hookOptions) =>
          own(service('afterSubscriptions').subscribe(hook, `${plugin.id}:${name}`, handler, hookOptions?.from)),
      },
      get ingest() {
        return service('ingest');
      },
      get storage() {
        return service('storage');
      },
      get catalogue() {
        return service('catalogue');
      },
      get replication() {
        return service('replication');
      },
      get nodeCopy() {
        return service('nodeCopy');
      },
      get query() {
        return service('query');
      },
      get reports() {
        return service('reports');
      },
      get patients() {
        return service('patients');
      },
      get orders() {
        return service('orders');
      },
      get identities() {
        return service('identities');
      },
      get delivery() {
        return service('delivery');
      },
      get jobs() {
        return service('jobs');
      },
      get alarms() {
        return service('alarms').viewFor(plugin.id);
      },
      get security() {
        return service('security');
      },
      get audit() {
        return service('audit');
      },
      get documents() {
        return service('catalogue').documents(`plugin-${plugin.id}`);
      },
      get cacheDirectory() {
        const directory = join(options.node.dataDirectory, 'cache', plugin.id);
        mkdirSync(directory, { recursive: true });
        return directory;
      },
      onDispose: own,
    };
    for (const permission of plugin.permissions ?? [])
      context.points.contribute('Permission', permission.id, permission);
    return {
      context,
      async close() {
        stopping.abort();
        await stack.dispose();
      },
    };
  };
}
