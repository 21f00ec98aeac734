import { AlarmList } from '../../src/alarms/alarm-list.ts';
import type { Replication, ReplicationTarget } from '../../src/catalogue/replication-contract.ts';
import { ClinicalIndex } from '../../src/clinical/clinical-index.ts';
import { ObjectDelivery } from '../../src/clinical/delivery.ts';
import { PatientOverlays } from '../../src/clinical/identity-overlays.ts';
import { OrderStore } from '../../src/clinical/order-store.ts';
import { PatientStore } from '../../src/clinical/patient-store.ts';
import { systemClock } from '../../src/clock.ts';
import { type Disposable, DisposableStack } from '../../src/disposable.ts';
import type { Ingest } from '../../src/ingest/contract.ts';
import { InstanceIngest } from '../../src/ingest/ingest.ts';
import { SqliteJobs } from '../../src/jobs/sqlite-jobs.ts';
import type { FilmlessPlugin, PluginContext } from '../../src/plugins/contract.ts';
import type { QueryIndex } from '../../src/query/contract.ts';
import { Projector } from '../../src/query/projector.ts';
import { SqliteQueryIndex } from '../../src/query/sqlite-index.ts';
import { ReportStore } from '../../src/reports/report-store.ts';
import { type HttpTestNode, startHttpTestNode } from '../http-node.ts';
import { InMemoryCatalogue } from '../in-memory-catalogue.ts';
import { InMemoryStorage } from '../in-memory-storage.ts';

/** A plugin on a node whose stores are in memory and whose ingest, index, jobs, security and HTTP are the real ones. */
export interface PluginTestNode extends HttpTestNode {
  catalogue: InMemoryCatalogue;
  storage: InMemoryStorage;
  query: QueryIndex;
  ingest: Ingest;
  jobs: SqliteJobs;
  alarms: AlarmList;
  /** A request as a user with these roles. */
  request(method: string, path: string, body?: object, ...roles: string[]): Promise<{ status: number; body: unknown }>;
}

export interface PluginTestNodeOptions {
  storage?: InMemoryStorage;
  catalogue?: InMemoryCatalogue;
  aeTitle?: string;
}

/** Activates `plugin` with `config`, which its own schema checks. */
export async function startPluginTestNode<C>(
  plugin: FilmlessPlugin<C>,
  config: unknown,
  options: PluginTestNodeOptions = {},
): Promise<PluginTestNode> {
  const http = await startHttpTestNode();
  const catalogue = options.catalogue ?? new InMemoryCatalogue();
  const storage = options.storage ?? new InMemoryStorage();
  const query = new SqliteQueryIndex({ path: ':memory:', fetchRecords: (uids) => catalogue.getMany(uids) });
  const projector = new Projector({ feed: catalogue, index: query });
  projector.start();
  const ingest = new InstanceIngest({ storage, catalogue, beforeReceive: async () => undefined, log: http.log });
  const jobs = new SqliteJobs({ path: ':memory:', points: http.points, log: http.log });
  const alarms = new AlarmList(':memory:', systemClock);
  const stack = new DisposableStack();
  const stopping = new AbortController();
  const metrics = http.metrics.scope();
  const clinical = new ClinicalIndex({
    statements: query.statements,
    studiesSettled: () => query.settled(),
    patients: catalogue.documents('patients'),
    orders: catalogue.documents('orders'),
  });
  const patients = new PatientStore(catalogue.documents('patients'), systemClock, () => clinical);
  const identities = new PatientOverlays(patients);
  const context: PluginContext<C> = {
    pluginId: plugin.id,
    config: plugin.config.parse(config),
    node: {
      name: 'centre',
      version: '0.0.0',
      aeTitle: options.aeTitle ?? 'FILMLESS',
      dataDirectory: http.dataDirectory,
      startedAt: new Date().toISOString(),
    },
    log: http.log,
    metrics,
    signal: stopping.signal,
    points: { ...http.points, contribute: (point, key, value) => stack.add(http.points.contribute(point, key, value)) },
    hooks: { before: () => ({ dispose: () => undefined }), after: () => ({ dispose: () => undefined }) },
    ingest,
    storage,
    catalogue,
    // One node alone; a test of several has a catalogue that replicates.
    replication: new AloneReplication(),
    nodeCopy: {
      // Catalogues in memory are not copied.
      documents: async function* () {},
      put: async () => undefined,
      remove: async () => undefined,
      commit: async (record) => void (await catalogue.commit(record)),
    },
    query,
    patients,
    orders: new OrderStore(catalogue.documents('orders'), systemClock, () => clinical),
    identities,
    delivery: new ObjectDelivery({ storage: () => storage, catalogue: () => catalogue, identities }),
    reports: new ReportStore(catalogue.documents('reports'), systemClock),
    jobs,
    alarms: alarms.viewFor(plugin.id),
    security: http.security.service,
    audit: { record: () => undefined, recordDurably: async () => undefined },
    documents: catalogue.documents(`plugin-${plugin.id}`),
    cacheDirectory: http.dataDirectory,
    onDispose: (item) => stack.add(item),
  };
  for (const permission of plugin.permissions ?? []) context.points.contribute('Permission', permission.id, permission);
  const stop = async () => {
    stopping.abort();
    await stack.dispose();
    await metrics.dispose();
    await jobs.stop();
    alarms.close();
    await ingest.stop();
    await projector.stop();
    await query.close();
    await catalogue.close();
    await storage.close();
    await http.stop();
  };
  try {
    await plugin.activate(context);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...http,
    catalogue,
    storage,
    query,
    ingest,
    jobs,
    alarms,
    async request(method, path, body, ...roles) {
      const token = await http.tokenFor(...(roles.length > 0 ? roles : ['admin']));
      const reply = await fetch(`${http.baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await reply.text();
      return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    stop,
  };
}

class AloneReplication implements Replication {
  isFollowing = false;

  async follow(isFollowing: boolean): Promise<void> {
    this.isFollowing = isFollowing;
  }

  async send(): Promise<void> {}

  target(): ReplicationTarget {
    return { handle: async () => ({ status: 404, body: {} }) };
  }

  documents(): Promise<{ documents: []; lastSeq: string }> {
    return Promise.resolve({ documents: [], lastSeq: '' });
  }

  onDocuments(): Disposable {
    return { dispose: () => undefined };
  }
}
