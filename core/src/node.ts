import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAlarmsPlugin } from './alarms/plugin.ts';
import { createApiPlugin } from './api/api-plugin.ts';
import type { ApiServices } from './api/services.ts';
import { SyslogSender } from './audit/syslog-sender.ts';
import { PouchNodeCopy } from './catalogue/node-copy.ts';
import type { NodeConfig } from './config.ts';
import { createContainer, type NodeContainer, TOKENS } from './container.ts';
import { removeControlFile, writeControlFile } from './control/control-file.ts';
import { createControlPlugin } from './control/plugin.ts';
import { FilmlessError } from './errors.ts';
import { rebuildCatalogue } from './ingest/recovery.ts';
import { createLogger } from './log.ts';
import { createMaintenancePlugin } from './maintenance/plugin.ts';
import type { FilmlessPlugin, Logger, NodeInfo } from './plugins/contract.ts';
import type { PluginHost } from './plugins/host.ts';
import { sqliteIndexPlugin } from './query/plugin.ts';
import { dicomReportsPlugin } from './reports/from-dicom.ts';
import { fileSystemStoragePlugin } from './storage/plugin.ts';
import { createWebPlugin } from './web/plugin.ts';

export interface NodeOptions {
  config: NodeConfig;
  version: string;
  /** Beside core's own. */
  plugins: readonly FilmlessPlugin[];
  /** The built staff application and viewer SDK. */
  webDirectory: string;
  sdkDirectory: string;
  /** For the first start; made up when absent. */
  adminPassword?: string;
  prettyLog?: boolean;
}

/** One running node. */
export class FilmlessNode {
  readonly info: NodeInfo;
  readonly url: string;
  /** Proves to the node that a command may read its data folder. */
  readonly controlSecret: string;
  /** Shown once: the administrator's password, when it was made up at this start. */
  readonly generatedAdminPassword: string | undefined;
  readonly plugins: PluginHost;
  readonly #stop: () => Promise<void>;

  private constructor(
    fields: Pick<FilmlessNode, 'info' | 'url' | 'controlSecret' | 'generatedAdminPassword' | 'plugins'>,
    stop: () => Promise<void>,
  ) {
    this.info = fields.info;
    this.url = fields.url;
    this.controlSecret = fields.controlSecret;
    this.generatedAdminPassword = fields.generatedAdminPassword;
    this.plugins = fields.plugins;
    this.#stop = stop;
  }

  /**
   * Opens the stores, activates the plugins and listens. When anything essential fails, what was opened is closed again.
   * @throws CONFIG_INVALID, PLUGIN_FAILED, UNAVAILABLE
   */
  static async open(options: NodeOptions): Promise<FilmlessNode> {
    const { config } = options;
    await mkdir(config.data, { recursive: true });
    const log = createLogger({ level: config.log.level, name: config.name, pretty: options.prettyLog ?? false });
    const info: NodeInfo = {
      name: config.name,
      version: options.version,
      aeTitle: config.dicom.aeTitle,
      dataDirectory: config.data,
      startedAt: new Date().toISOString(),
    };
    const opening = new Opening();
    try {
      return await open(options, info, log, opening);
    } catch (error) {
      await opening.close(log);
      throw error;
    }
  }

  /** Takes nothing more, finishes what is in flight (at most 10 s), closes the stores. */
  stop(): Promise<void> {
    return this.#stop();
  }

  /** @internal */
  static from(
    fields: Pick<FilmlessNode, 'info' | 'url' | 'controlSecret' | 'generatedAdminPassword' | 'plugins'>,
    stop: () => Promise<void>,
  ): FilmlessNode {
    return new FilmlessNode(fields, stop);
  }
}

/** What has been opened, to be closed in reverse order. */
class Opening {
  readonly #closers: { name: string; close: () => void | Promise<void> }[] = [];

  add(name: string, close: () => void | Promise<void>): void {
    this.#closers.push({ name, close });
  }

  async close(log: Logger): Promise<void> {
    for (let item = this.#closers.pop(); item; item = this.#closers.pop()) {
      try {
        await item.close();
      } catch (error) {
        log.error({ part: item.name, err: error }, 'could not be closed well');
      }
    }
  }
}

async function open(options: NodeOptions, info: NodeInfo, log: Logger, opening: Opening): Promise<FilmlessNode> {
  const { config } = options;
  const control = createControlPlugin(() => ({
    openAdminSession: () => openAdminSession(container),
    setPassword: (name, password) => container.get(TOKENS.security).users.setPassword(name, password),
  }));
  const maintenance = createMaintenancePlugin(() => ({
    catalogue: container.get(TOKENS.catalogue),
    query: container.get(TOKENS.query),
    skipped: () => container.get(TOKENS.projector).skipped,
    storage: container.get(TOKENS.storage),
    audit: container.get(TOKENS.audit),
    select: (StudyInstanceUID) => instancesOf(container, StudyInstanceUID),
    rebuildCatalogue: (progress, signal) =>
      rebuildCatalogue({
        storage: container.get(TOKENS.storage),
        catalogue: container.get(TOKENS.catalogue),
        settler: container.get(TOKENS.settler),
        log,
        progress,
        signal,
      }),
  }));
  const alarming = createAlarmsPlugin(() => container.get(TOKENS.alarms));
  const api = createApiPlugin(() => apiServices(container));
  const web = createWebPlugin({ ...options, launches: () => container.get(TOKENS.security).launches });
  const container = createContainer({
    config,
    info,
    log,
    plugins: [
      fileSystemStoragePlugin,
      sqliteIndexPlugin,
      api,
      web,
      control.plugin,
      maintenance,
      alarming,
      dicomReportsPlugin,
      ...options.plugins,
    ],
  });
  const host = await container.getAsync(TOKENS.pluginHost);
  host.checkConfiguration();
  const services = container.get(TOKENS.services);
  opening.add('plugins that bring stores', () => host.stop());
  await host.startProviders();

  services.storage = await container.getAsync(TOKENS.storage);
  opening.add('storage', () => services.storage?.close());
  services.catalogue = await container.getAsync(TOKENS.catalogue);
  opening.add('catalogue', () => services.catalogue?.close());
  services.replication = await container.getAsync(TOKENS.replication);
  services.nodeCopy = new PouchNodeCopy(
    container.get(TOKENS.catalogue),
    config.catalogue.url ?? join(config.data, 'catalogue'),
  );
  services.query = await container.getAsync(TOKENS.query);
  opening.add('query index', () => services.query?.close());
  services.identities = await container.getAsync(TOKENS.identities);
  const projector = await container.getAsync(TOKENS.projector);
  projector.start();
  opening.add('projector', () => projector.stop());
  const checkpoints = await container.getAsync(TOKENS.checkpoints);
  opening.add('checkpoints', () => checkpoints.close());
  services.afterSubscriptions = await container.getAsync(TOKENS.afterSubscriptions);
  opening.add('subscriptions', () => services.afterSubscriptions?.stop());
  services.reports = await container.getAsync(TOKENS.reports);
  services.patients = await container.getAsync(TOKENS.patients);
  services.delivery = await container.getAsync(TOKENS.delivery);
  services.orders = await container.getAsync(TOKENS.orders);
  const follower = await container.getAsync(TOKENS.overlayFollower);
  opening.add('overlays', () => follower.stop());
  const security = await container.getAsync(TOKENS.security);
  services.security = security.service;
  opening.add('security', () => security.close());
  const audit = await container.getAsync(TOKENS.audit);
  services.audit = audit;
  opening.add('audit log', () => audit.close());
  const ingest = await container.getAsync(TOKENS.ingest);
  services.ingest = ingest;
  opening.add('ingest', () => ingest.stop());
  const alarms = await container.getAsync(TOKENS.alarms);
  services.alarms = alarms;
  opening.add('alarms', () => alarms.close());
  const jobs = await container.getAsync(TOKENS.jobs);
  services.jobs = jobs;
  opening.add('jobs', () => jobs.stop());

  const admin = await security.users.ensureAdmin(options.adminPassword);
  await host.start();
  opening.add('plugins', () => host.stop());

  const server = await container.getAsync(TOKENS.httpServer);
  try {
    await server.listen();
  } catch (error) {
    throw new FilmlessError(
      'CONFIG_INVALID',
      `HTTP cannot listen at ${config.http.host}:${config.http.port}: ${errorCode(error)}`,
      { cause: error },
    );
  }
  opening.add('HTTP server', () => server.stop());
  const url = `${config.http.tls ? 'https' : 'http'}://${config.http.host}:${server.port}`;
  // The certificate names the hospital; a command on this machine comes another way.
  const controlUrl = config.http.tls ? server.localUrl : url;
  await writeControlFile(config.data, { url: controlUrl, pid: process.pid, secret: control.secret });
  opening.add('control file', () => removeControlFile(config.data));
  const started = { outcome: 'success', actor: { kind: 'system', id: 'system' }, address: '' } as const;
  await audit.recordDurably({ action: 'node.start', ...started, detail: info.version });
  opening.add('audit of the stop', () => audit.record({ action: 'node.stop', ...started }));
  if (config.audit.syslog) {
    const sender = new SyslogSender({ settings: config.audit.syslog, audit, nodeName: info.name, log });
    opening.add('syslog', () => sender.stop());
  }
  log.info({ url, version: info.version }, 'node ready');
  return FilmlessNode.from(
    { info, url, controlSecret: control.secret, generatedAdminPassword: admin.password, plugins: host },
    () => opening.close(log),
  );
}

function errorCode(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (code === 'EADDRINUSE') return 'another program uses it';
  return typeof code === 'string' ? code : 'unknown reason';
}

function apiServices(container: NodeContainer): ApiServices {
  const host = container.get(TOKENS.pluginHost);
  const { dicom, http } = container.get(TOKENS.config);
  return {
    security: container.get(TOKENS.security),
    audit: container.get(TOKENS.audit),
    pluginHost: host,
    jobs: container.get(TOKENS.jobs),
    alarms: container.get(TOKENS.alarms),
    catalogue: container.get(TOKENS.catalogue),
    replication: container.get(TOKENS.replication),
    ingest: container.get(TOKENS.ingest),
    storage: container.get(TOKENS.storage),
    query: container.get(TOKENS.query),
    reports: container.get(TOKENS.reports),
    patients: container.get(TOKENS.patients),
    orders: container.get(TOKENS.orders),
    identities: container.get(TOKENS.identities),
    metrics: container.get(TOKENS.metrics),
    corsOrigins: () => http.corsOrigins,
    httpPort: () => container.get(TOKENS.httpServer).port,
    dicomPort: () => (host.isActive('dimse') ? dicom.port : null),
  };
}

async function openAdminSession(container: NodeContainer): Promise<{ token: string; expiresAt: string }> {
  const { users, sessions } = container.get(TOKENS.security);
  const admin = (await users.list()).find((account) => account.roles.includes('admin') && !account.disabled);
  if (!admin) throw new FilmlessError('UNAVAILABLE', 'there is no administrator');
  const { token, session } = sessions.create(admin);
  return { token, expiresAt: session.expiresAt };
}

async function instancesOf(container: NodeContainer, StudyInstanceUID: string | undefined) {
  if (StudyInstanceUID === undefined) return undefined;
  const found = await container.get(TOKENS.query).instances({ StudyInstanceUID, scope: { kind: 'all' } });
  return found.map(({ SOPInstanceUID }) => SOPInstanceUID);
}
