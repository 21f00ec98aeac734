import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Container, type ServiceIdentifier } from 'inversify';
import { AlarmList } from './alarms/alarm-list.ts';
import { refuseOutsideLimit } from './api/refuse-outside-limit.ts';
import { AuditLog } from './audit/audit-log.ts';
import { RequestAudit } from './audit/request-audit.ts';
import type { Catalogue } from './catalogue/contract.ts';
import { Following } from './catalogue/following.ts';
import { PouchCatalogue } from './catalogue/pouch-catalogue.ts';
import { PouchReplication } from './catalogue/replication.ts';
import type { Replication } from './catalogue/replication-contract.ts';
import { ClinicalIndex } from './clinical/clinical-index.ts';
import { ObjectDelivery } from './clinical/delivery.ts';
import { PatientOverlays } from './clinical/identity-overlays.ts';
import { changedOrders } from './clinical/order-feed.ts';
import { followIdentities } from './clinical/order-following.ts';
import { OrderStore } from './clinical/order-store.ts';
import { OverlayFollower } from './clinical/overlay-follower.ts';
import { PatientStore } from './clinical/patient-store.ts';
import { systemClock } from './clock.ts';
import type { NodeConfig } from './config.ts';
import { FilmlessError } from './errors.ts';
import { AfterSubscriptions } from './events/after-subscriptions.ts';
import { BeforeHooks } from './events/before-hooks.ts';
import { ChangesTail } from './events/changes-tail.ts';
import { CheckpointStore } from './events/checkpoint-store.ts';
import { changedConflicts, reportVersions, storedInstances } from './events/event-feeds.ts';
import { HttpServer } from './http/http-server.ts';
import { assertHttpRoute } from './http/route-rules.ts';
import { InstanceIngest } from './ingest/ingest.ts';
import { InstanceSettler } from './ingest/instance-settler.ts';
import { SqliteJobs } from './jobs/sqlite-jobs.ts';
import { PrometheusMetrics } from './metrics.ts';
import type { FilmlessPlugin, Logger, NodeInfo } from './plugins/contract.ts';
import { EnablementFile } from './plugins/enablement-file.ts';
import { PluginHost } from './plugins/host.ts';
import { type NodeServices, pluginScopeFactory } from './plugins/plugin-scope.ts';
import { PointRegistry } from './plugins/point-registry.ts';
import type { QueryIndex } from './query/contract.ts';
import { Projector } from './query/projector.ts';
import { ReportStore } from './reports/report-store.ts';
import { openSecurity, type SecurityParts } from './security/open-security.ts';
import type { BlobStorage } from './storage/contract.ts';
import { FetchingStorage } from './storage/fetching-storage.ts';

const identifier = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`filmless.${name}`);

export type NodeContainer = Container;

/** What the container can give. */
export const TOKENS = {
  config: identifier<NodeConfig>('config'),
  info: identifier<NodeInfo>('info'),
  log: identifier<Logger>('log'),
  plugins: identifier<readonly FilmlessPlugin[]>('plugins'),
  metrics: identifier<PrometheusMetrics>('metrics'),
  points: identifier<PointRegistry>('points'),
  beforeHooks: identifier<BeforeHooks>('beforeHooks'),
  /** Filled as the stores open; plugins read it when they use it. */
  services: identifier<Partial<NodeServices>>('services'),
  pluginHost: identifier<PluginHost>('pluginHost'),
  storage: identifier<BlobStorage>('storage'),
  following: identifier<Following>('following'),
  catalogue: identifier<PouchCatalogue>('catalogue'),
  replication: identifier<Replication>('replication'),
  changes: identifier<ChangesTail>('changes'),
  checkpoints: identifier<CheckpointStore>('checkpoints'),
  afterSubscriptions: identifier<AfterSubscriptions>('afterSubscriptions'),
  query: identifier<QueryIndex>('query'),
  projector: identifier<Projector>('projector'),
  /** Shared by receiving and rebuilding, so that one instance is settled by one at a time. */
  settler: identifier<InstanceSettler>('settler'),
  ingest: identifier<InstanceIngest>('ingest'),
  reports: identifier<ReportStore>('reports'),
  /** Persons and orders, to be searched. */
  clinical: identifier<ClinicalIndex>('clinical'),
  patients: identifier<PatientStore>('patients'),
  orders: identifier<OrderStore>('orders'),
  identities: identifier<PatientOverlays>('identities'),
  delivery: identifier<ObjectDelivery>('delivery'),
  overlayFollower: identifier<OverlayFollower>('overlayFollower'),
  security: identifier<SecurityParts>('security'),
  audit: identifier<AuditLog>('audit'),
  jobs: identifier<SqliteJobs>('jobs'),
  alarms: identifier<AlarmList>('alarms'),
  httpServer: identifier<HttpServer>('httpServer'),
} as const;

interface Values {
  config: NodeConfig;
  info: NodeInfo;
  log: Logger;
  plugins: readonly FilmlessPlugin[];
}

/** Core's own contributions to points carry this name. */
const CORE = 'core';
/** Namespaces of core's own documents. */
const REPORTS = 'reports';
const PATIENTS = 'patients';
const ORDERS = 'orders';
/** Instances projected once more at a time. */
const AGAIN = 200;
/** Stopping takes at most 10 s in all: HTTP first, then what runs behind it. */
const HTTP_DRAIN_MS = 3_000;
const JOBS_STOP_MS = 1_500;

/** The wiring of one node. Stores that plugins bring resolve once `pluginHost.startProviders()` has run. */
export function createContainer({ config, info, log, plugins }: Values): NodeContainer {
  const container = new Container({ defaultScope: 'Singleton' });
  const inData = (name: string) => join(info.dataDirectory, name);

  container.bind(TOKENS.config).toConstantValue(config);
  container.bind(TOKENS.info).toConstantValue(info);
  container.bind(TOKENS.log).toConstantValue(log);
  container.bind(TOKENS.plugins).toConstantValue(plugins);
  container.bind(TOKENS.metrics).toConstantValue(new PrometheusMetrics());
  container.bind(TOKENS.points).toConstantValue(new PointRegistry({ HttpRoute: assertHttpRoute }));
  container.bind(TOKENS.beforeHooks).toConstantValue(new BeforeHooks());
  container.bind(TOKENS.services).toConstantValue({});

  container.bind(TOKENS.pluginHost).toResolvedValue(
    async (points, beforeHooks, metrics, services) =>
      new PluginHost({
        plugins,
        config: config.plugins,
        disabledByConfig: config.disabledPlugins,
        enablement: await EnablementFile.open(inData('plugins.json')),
        points,
        openScope: pluginScopeFactory({ node: info, points, beforeHooks, metrics, log, services }),
        log,
      }),
    [TOKENS.points, TOKENS.beforeHooks, TOKENS.metrics, TOKENS.services],
  );

  container.bind(TOKENS.storage).toResolvedValue(
    async (points) => {
      const factory = points.get('Storage', config.storage.use);
      if (!factory)
        throw new FilmlessError('CONFIG_INVALID', `storage.use: no active plugin brings "${config.storage.use}"`);
      return new FetchingStorage({
        storage: await factory.open(),
        sources: () => points.entries('BlobSource').map(({ value }) => value),
        onProblem: (problem, error) => log.warn({ err: error }, problem),
      });
    },
    [TOKENS.points],
  );

  container.bind(TOKENS.following).toResolvedValue(() => new Following(inData('following')));
  container.bind(TOKENS.catalogue).toResolvedValue(
    async (following) => {
      const location = config.catalogue.url ?? inData('catalogue');
      if (!config.catalogue.url) await mkdir(location, { recursive: true });
      return PouchCatalogue.open({
        location,
        mayWrite: (namespace) => following.mayWrite(namespace),
        onProblem: (problem, error) => log.error({ err: error }, problem),
      });
    },
    [TOKENS.following],
  );

  container
    .bind(TOKENS.replication)
    .toResolvedValue(
      (catalogue, following) => new PouchReplication(catalogue, following),
      [TOKENS.catalogue, TOKENS.following],
    );
  container.bind(TOKENS.changes).toResolvedValue((catalogue) => new ChangesTail(catalogue), [TOKENS.catalogue]);
  container.bind(TOKENS.checkpoints).toResolvedValue(() => new CheckpointStore(inData('checkpoints.sqlite')));
  container.bind(TOKENS.afterSubscriptions).toResolvedValue(
    (feed, catalogue, checkpoints) => {
      const reports = catalogue.documents(REPORTS);
      const feeds = {
        'instance.stored': storedInstances(feed),
        'conflict.changed': changedConflicts(feed, catalogue),
        'report.issued': reportVersions(reports, ({ event }) => event === 'issued'),
        'report.amended': reportVersions(reports, ({ event }) => event === 'amended'),
        'order.changed': changedOrders(catalogue.documents(ORDERS)),
      };
      return new AfterSubscriptions({ feeds, checkpoints, log });
    },
    [TOKENS.changes, TOKENS.catalogue, TOKENS.checkpoints],
  );

  container.bind(TOKENS.reports).toResolvedValue(
    async (catalogue, following) => {
      const reports = new ReportStore(catalogue.documents(REPORTS), systemClock);
      if (!following.isFollowing) await reports.linkEarlier();
      return reports;
    },
    [TOKENS.catalogue, TOKENS.following],
  );

  container.bind(TOKENS.query).toResolvedValue(
    (points) => {
      const factory = points.get('QueryIndex', config.index.use);
      if (!factory)
        throw new FilmlessError('CONFIG_INVALID', `index.use: no active plugin brings "${config.index.use}"`);
      return factory.open();
    },
    [TOKENS.points],
  );

  container.bind(TOKENS.clinical).toResolvedValue(
    (catalogue, query) =>
      new ClinicalIndex({
        statements: query.statements,
        studiesSettled: () => query.settled(),
        patients: catalogue.documents(PATIENTS),
        orders: catalogue.documents(ORDERS),
      }),
    [TOKENS.catalogue, TOKENS.query],
  );
  container
    .bind(TOKENS.patients)
    .toResolvedValue(
      (catalogue, clinical) => new PatientStore(catalogue.documents(PATIENTS), systemClock, () => clinical),
      [TOKENS.catalogue, TOKENS.clinical],
    );
  container
    .bind(TOKENS.orders)
    .toResolvedValue(
      (catalogue, clinical) => new OrderStore(catalogue.documents(ORDERS), systemClock, () => clinical),
      [TOKENS.catalogue, TOKENS.clinical],
    );
  container.bind(TOKENS.identities).toResolvedValue((patients) => new PatientOverlays(patients), [TOKENS.patients]);
  container.bind(TOKENS.delivery).toResolvedValue(
    (identities) =>
      new ObjectDelivery({
        identities,
        storage: () => container.get(TOKENS.storage),
        catalogue: () => container.get(TOKENS.catalogue),
      }),
    [TOKENS.identities],
  );
  container.bind(TOKENS.overlayFollower).toResolvedValue(
    (catalogue, overlays, checkpoints, query, projector, security, following) =>
      new OverlayFollower({
        documents: catalogue.documents(PATIENTS),
        overlays,
        checkpoints,
        query,
        again: (uids) => projectAgain(projector, catalogue, uids),
        together: (patientIds) => security.patients.keepTogether(patientIds),
        shown: async (changed) => {
          if (following.isFollowing) return;
          await followIdentities(changed, {
            orders: container.get(TOKENS.orders),
            patients: container.get(TOKENS.patients),
            reports: container.get(TOKENS.reports),
            query,
          });
        },
        log,
      }),
    [
      TOKENS.catalogue,
      TOKENS.identities,
      TOKENS.checkpoints,
      TOKENS.query,
      TOKENS.projector,
      TOKENS.security,
      TOKENS.following,
    ],
  );

  container.bind(TOKENS.projector).toResolvedValue(
    (feed, index, identities) =>
      new Projector({
        feed,
        index,
        correct: (record) => identities.apply(record),
        onFailed: (error) => log.error({ err: error }, 'the query index could not be brought up to date'),
        onSkipped: ({ seq }, error) =>
          log.error({ seq, err: error }, 'A record is kept, but cannot be put into the query index'),
      }),
    [TOKENS.changes, TOKENS.query, TOKENS.identities],
  );

  container
    .bind(TOKENS.settler)
    .toResolvedValue(
      (storage, catalogue) => new InstanceSettler(storage, catalogue, { shared: config.catalogue.url !== undefined }),
      [TOKENS.storage, TOKENS.catalogue],
    );
  container.bind(TOKENS.ingest).toResolvedValue(
    (storage, catalogue, hooks, settler) =>
      new InstanceIngest({
        storage,
        catalogue,
        settler,
        beforeReceive: async (event) => {
          refuseOutsideLimit(event);
          await hooks.run('instance.receive', event);
        },
        mayRefuse: () => hooks.has('instance.receive'),
        log,
      }),
    [TOKENS.storage, TOKENS.catalogue, TOKENS.beforeHooks, TOKENS.settler],
  );

  container.bind(TOKENS.security).toResolvedValue(
    async (catalogue, points) => {
      const security = openSecurity({
        documents: catalogue.documents('security'),
        // Nodes that share a catalogue may stand behind one address: whoever signed in at one is known to all.
        ...(config.catalogue.url && { sessionDocuments: catalogue.documents('sessions') }),
        dataDirectory: info.dataDirectory,
        points: points.viewFor(CORE, () => undefined),
        nodeName: config.name,
        settings: config.security,
      });
      await security.load();
      return security;
    },
    [TOKENS.catalogue, TOKENS.points],
  );

  container
    .bind(TOKENS.audit)
    .toResolvedValue(
      (security) => AuditLog.open({ path: inData('audit.sqlite'), keys: security.keys, log }),
      [TOKENS.security],
    );

  container.bind(TOKENS.alarms).toResolvedValue(() => new AlarmList(inData('alarms.sqlite'), systemClock));

  container.bind(TOKENS.jobs).toResolvedValue(
    (points) =>
      new SqliteJobs({
        path: inData('jobs.sqlite'),
        points: points.viewFor(CORE, () => undefined),
        log,
        stopTimeoutMs: JOBS_STOP_MS,
      }),
    [TOKENS.points],
  );

  container.bind(TOKENS.httpServer).toResolvedValue(
    (points, security, metrics, audit) =>
      new HttpServer({
        ...config.http,
        points: points.viewFor(CORE, () => undefined),
        security,
        audit: new RequestAudit(audit),
        log,
        metrics: metrics.scope(),
        limits: { drainMs: HTTP_DRAIN_MS },
      }),
    [TOKENS.points, TOKENS.security, TOKENS.metrics, TOKENS.audit],
  );

  return container;
}

async function projectAgain(projector: Projector, catalogue: Catalogue, uids: readonly string[]): Promise<void> {
  for (let start = 0; start < uids.length; start += AGAIN)
    await projector.again(() => catalogue.getMany(uids.slice(start, start + AGAIN)));
}
