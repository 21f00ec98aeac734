import { join } from 'node:path';
import { AlarmList } from '../src/alarms/alarm-list.ts';
import { createApiPlugin } from '../src/api/api-plugin.ts';
import type { ApiServices } from '../src/api/services.ts';
import { AuditLog } from '../src/audit/audit-log.ts';
import { type AnsweredRequest, type RefusedRequest, RequestAudit } from '../src/audit/request-audit.ts';
import { ClinicalIndex } from '../src/clinical/clinical-index.ts';
import type { Orders } from '../src/clinical/contract.ts';
import { PatientOverlays } from '../src/clinical/identity-overlays.ts';
import { followIdentities } from '../src/clinical/order-following.ts';
import { OrderStore } from '../src/clinical/order-store.ts';
import { OverlayFollower } from '../src/clinical/overlay-follower.ts';
import { PatientStore } from '../src/clinical/patient-store.ts';
import { DisposableStack } from '../src/disposable.ts';
import { FilmlessError } from '../src/errors.ts';
import { CheckpointStore } from '../src/events/checkpoint-store.ts';
import { InstanceIngest } from '../src/ingest/ingest.ts';
import { SqliteJobs } from '../src/jobs/sqlite-jobs.ts';
import type { AfterHookMap, PluginContext, PluginStatus } from '../src/plugins/contract.ts';
import { Projector } from '../src/query/projector.ts';
import { SqliteQueryIndex } from '../src/query/sqlite-index.ts';
import { ReportStore } from '../src/reports/report-store.ts';
import type { HttpTestNode } from './http-node.ts';
import { startHttpTestNode } from './http-node.ts';
import { InMemoryCatalogue } from './in-memory-catalogue.ts';
import { InMemoryDocumentStore } from './in-memory-document-store.ts';
import { InMemoryStorage } from './in-memory-storage.ts';

type StoredHandler = (records: readonly AfterHookMap['instance.stored'][], signal: AbortSignal) => Promise<void>;

/** Core's REST over stores in memory. */
export interface ApiTestNode extends HttpTestNode {
  catalogue: InMemoryCatalogue;
  /** `isFollowing`: as at a gateway. */
  replication: { isFollowing: boolean };
  storage: InMemoryStorage;
  jobs: SqliteJobs;
  alarms: AlarmList;
  audit: AuditLog;
  /** What the one plugin there is was last told. */
  pluginState: PluginStatus;
  query: SqliteQueryIndex;
  patients: PatientStore;
  orders: Orders;
  /** The index shows what the register of persons says. */
  identitiesSettled(): Promise<void>;
  /** Calls the `after('instance.stored')` subscribers. */
  tellStored: StoredHandler;
}

export async function startApiTestNode(options: Parameters<typeof startHttpTestNode>[0] = {}): Promise<ApiTestNode> {
  let auditing: RequestAudit | undefined;
  const http = await startHttpTestNode({
    audit: {
      answered: async (request: AnsweredRequest) => auditing?.answered(request),
      refused: (request: RefusedRequest) => auditing?.refused(request),
      recognised: (...about: Parameters<RequestAudit['recognised']>) => auditing?.recognised(...about),
    } as RequestAudit,
    ...options,
  });
  const catalogue = new InMemoryCatalogue();
  const storage = new InMemoryStorage();
  const query = new SqliteQueryIndex({ path: ':memory:', fetchRecords: (uids) => catalogue.getMany(uids) });
  const patientDocuments = new InMemoryDocumentStore();
  const orderDocuments = new InMemoryDocumentStore();
  const clinical = new ClinicalIndex({
    statements: query.statements,
    studiesSettled: () => query.settled(),
    patients: patientDocuments,
    orders: orderDocuments,
  });
  const patients = new PatientStore(patientDocuments, http.clock, () => clinical);
  const orders = new OrderStore(orderDocuments, http.clock, () => clinical);
  const reports = new ReportStore(new InMemoryDocumentStore(), http.clock);
  const identities = new PatientOverlays(patients);
  const projector = new Projector({
    feed: catalogue,
    index: query,
    correct: (record) => identities.apply(record),
    gatherMs: 1,
  });
  projector.start();
  const checkpoints = new CheckpointStore(':memory:');
  const follower = new OverlayFollower({
    documents: patientDocuments,
    overlays: identities,
    checkpoints,
    query,
    again: (uids) => projector.again(() => catalogue.getMany(uids)),
    together: (patientIds) => http.security.patients.keepTogether(patientIds),
    shown: (changed) => followIdentities(changed, { orders, patients, reports, query }),
    log: http.log,
  });
  const ingest = new InstanceIngest({ storage, catalogue, beforeReceive: async () => undefined, log: http.log });
  const jobs = new SqliteJobs({ path: ':memory:', points: http.points, log: http.log, clock: http.clock });
  const alarms = new AlarmList(':memory:', http.clock);
  const stack = new DisposableStack();
  const handlers: StoredHandler[] = [];
  const pluginState: PluginStatus = {
    id: 'print',
    title: { 'zh-CN': '打印', en: 'Print' },
    state: 'disabled',
    essential: false,
    requires: [],
    contributions: [],
  };
  const known = (id: string) => {
    if (id !== pluginState.id) throw new FilmlessError('PLUGIN_UNKNOWN', id);
  };
  const audit = await AuditLog.open({
    path: join(http.dataDirectory, 'audit.sqlite'),
    keys: http.security.keys,
    log: http.log,
    now: http.clock.now,
  });
  auditing = new RequestAudit(audit);
  const replication = { isFollowing: false };
  const services: ApiServices = {
    security: http.security,
    audit,
    pluginHost: {
      statuses: () => [pluginState],
      enable: async (id) => {
        known(id);
        pluginState.state = 'active';
      },
      disable: async (id) => {
        known(id);
        pluginState.state = 'disabled';
      },
      configSchema: (id) => {
        known(id);
        return { type: 'object' };
      },
    },
    jobs,
    alarms,
    catalogue,
    replication,
    ingest,
    storage,
    query,
    reports,
    patients,
    orders,
    identities,
    metrics: http.metrics,
    corsOrigins: () => ['https://his.hospital'],
    httpPort: () => http.server.port,
    dicomPort: () => null,
  };
  const context = {
    pluginId: 'core-api',
    node: {
      name: 'centre',
      version: '0.0.0',
      aeTitle: 'CENTRE',
      dataDirectory: http.dataDirectory,
      startedAt: new Date(http.clock.now()).toISOString(),
    },
    log: http.log,
    points: http.points,
    documents: new InMemoryDocumentStore(),
    hooks: {
      before: () => ({ dispose: () => undefined }),
      after: (hook: string, _name: string, handler: StoredHandler) => {
        if (hook === 'instance.stored') handlers.push(handler);
        return { dispose: () => undefined };
      },
    },
    onDispose: (item: { dispose(): void }) => stack.add(item),
  };
  // Only what core's own plugin uses.
  await createApiPlugin(() => services, { clock: http.clock }).activate(context as unknown as PluginContext);
  return {
    ...http,
    audit,
    catalogue,
    replication,
    storage,
    jobs,
    alarms,
    pluginState,
    query,
    patients,
    orders: services.orders,
    identitiesSettled: () => follower.settled(),
    async tellStored(records, signal) {
      for (const handler of handlers) await handler(records, signal);
    },
    async stop() {
      await stack.dispose();
      await http.server.stop();
      await audit.close();
      await http.stop();
      await jobs.stop();
      alarms.close();
      await ingest.stop();
      await follower.stop();
      checkpoints.close();
      await projector.stop();
      await query.close();
      await catalogue.close();
      await storage.close();
    },
  };
}
