import {
  type DimseResponse,
  type Disposable,
  FilmlessError,
  type HealthCheck,
  type PluginContext,
  readTlsFiles,
  type TlsMaterial,
  watchTlsFiles,
} from '@filmless/core/plugin';
import { type ClientOptions, clientOpener, type OpenClient } from './client/client-association.ts';
import type { DimseConfig } from './config.ts';
import { acceptedStorageSopClasses, acceptedTransferSyntaxes } from './conformance.ts';
import type { Devices } from './devices.ts';
import { Associations } from './receive/associations.ts';
import { MainSide } from './receive/main-side.ts';
import type { ReceiverSettings } from './receive/protocol.ts';
import { ReceiverPool } from './receive/receiver-pool.ts';
import { findService } from './services/c-find.ts';
import { getService } from './services/c-get.ts';
import { moveService } from './services/c-move.ts';
import { Operations } from './services/operations.ts';
import { commitmentService } from './services/storage-commitment.ts';
import type { AssociationLimits } from './upper-layer/association-contract.ts';

/** A-ASSOCIATE PDUs announce no limit: 128 contexts with 50 transfer syntaxes each fit. */
const MAX_ASSOCIATE_PDU_BYTES = 256 * 1024;
const MAX_COMMAND_BYTES = 64 * 1024;

/** The DICOM side of a node: the receivers, what they may ask, and the way out to devices. */
export class NodeSide implements Disposable {
  readonly open: OpenClient;
  readonly ownAeTitle: string;
  readonly #config: DimseConfig;
  readonly #associations: Associations;
  readonly #operations: Operations;
  readonly #mainSide: MainSide;
  readonly #pool: ReceiverPool;
  /** As the files are now. */
  #tls: TlsMaterial | undefined;

  constructor(context: PluginContext<DimseConfig>, devices: Devices) {
    const { config, security, audit, log, points } = context;
    this.#config = config;
    this.ownAeTitle = config.aeTitle ?? context.node.aeTitle;
    const limits = associationLimits(config);
    this.#tls = config.tls && readTlsFiles(config.tls);
    this.open = clientOpener({ ...clientOptions(config, this.ownAeTitle, limits), tls: () => this.#tls });
    this.#associations = new Associations(config, this.ownAeTitle, devices, security, audit);
    const query = () => context.query;
    const storage = () => context.storage;
    const delivery = () => context.delivery;
    const services = [
      findService({ query, security, ownAeTitle: this.ownAeTitle, maxResults: config.query.maxResults }),
      moveService({ query, delivery, security, devices, open: this.open }),
      getService({ query, security }),
      commitmentService(() => context.jobs),
    ];
    this.#operations = new Operations({ services, points, associations: this.#associations, security, audit, log });
    this.#mainSide = new MainSide({
      associations: this.#associations,
      devices,
      operations: this.#operations,
      ingest: () => context.ingest,
      delivery,
      metrics: context.metrics,
      log,
    });
    const start = {
      host: config.host,
      port: config.port,
      stagingDirectory: storage().stagingDirectory,
      maxConnections: config.limits.maxAssociations * 2,
      maxConnectionsPerAddress: config.limits.maxAssociations * 2,
      limits,
      maxIdentifierBytes: config.limits.maxIdentifierBytes,
      responseTimeoutMs: config.limits.responseTimeoutMs,
      ...(config.tls ? { tls: { port: config.tls.port, clientCertificate: config.tls.clientCertificate } } : {}),
      settings: this.#settings(),
    };
    this.#pool = new ReceiverPool(config.workers, start, this.#mainSide, log);
    points.onChange('DimseService', () => {
      this.#pool
        .settings(this.#settings())
        .catch((error: unknown) => log.error({ err: error }, 'Receivers could not be told of a new service'));
    });
    if (config.tls) context.onDispose(this.#renewing(config.tls, log));
    devices.onChange((aeTitle) => this.#endStrangers(devices, aeTitle, log));
  }

  get port(): number {
    return this.#pool.port;
  }

  /** Throws UNAVAILABLE when the port cannot be had. */
  async start(): Promise<void> {
    await this.#pool.start();
  }

  /** Over an association that a peer opened. Throws DEVICE_UNREACHABLE when it has ended. */
  async reportEvent(
    association: string,
    sopClassUID: string,
    sopInstanceUID: string,
    eventTypeId: number,
    dataset: NonNullable<DimseResponse['dataset']>,
  ): Promise<{ status: number }> {
    return this.#mainSide
      .peerOf(association)
      .rpc.call('reportEvent', { association, sopClassUID, sopInstanceUID, eventTypeId, dataset });
  }

  healthCheck(): HealthCheck {
    return {
      title: { 'zh-CN': 'DICOM 接收', en: 'DICOM reception' },
      check: async () => {
        const { alive, wanted } = this.#pool.health;
        const where = `${this.ownAeTitle} ${this.#config.host}:${this.port}`;
        const detail = {
          'zh-CN': `${where}，接收线程 ${alive}/${wanted}，当前连接 ${this.#associations.size}`,
          en: `${where}, ${alive} of ${wanted} receivers, ${this.#associations.size} associations`,
        };
        if (alive === 0) return { state: 'failed', detail, ready: false };
        return { state: alive < wanted ? 'warning' : 'ok', detail };
      },
    };
  }

  async dispose(): Promise<void> {
    this.#associations.stopping = true;
    await this.#pool.stop(this.#config.limits.drainTimeoutMs);
  }

  #settings(): ReceiverSettings {
    return {
      storageSopClasses: acceptedStorageSopClasses(this.#config),
      storageTransferSyntaxes: acceptedTransferSyntaxes(this.#config),
      serviceSopClasses: this.#operations.sopClassUIDs(),
      ...(this.#tls ? { tls: this.#tls } : {}),
    };
  }

  #renewing(files: NonNullable<DimseConfig['tls']>, log: PluginContext['log']): Disposable {
    return watchTlsFiles(
      files,
      (material) => {
        this.#tls = material;
        this.#pool.settings(this.#settings()).then(
          () => log.info({ cert: files.cert }, 'The certificate was renewed'),
          (error: unknown) => log.error({ err: error }, 'Receivers could not be told of the new certificate'),
        );
      },
      (error) => log.error({ err: error }, 'The new certificate cannot be used; the old one stays'),
    );
  }

  /** Who is not a known device any more does not stay on the association it has. */
  #endStrangers(devices: Devices, aeTitle: string, log: PluginContext['log']): void {
    if (this.#config.accept === 'any' || devices.get(aeTitle)) return;
    for (const { id } of this.#associations.all().filter((open) => open.callingAeTitle === aeTitle)) {
      try {
        const ending = this.#mainSide
          .peerOf(id)
          .rpc.call('abort', { associations: [id], detail: 'the device was removed' });
        ending.catch((error: unknown) =>
          log.warn({ err: error }, 'An association of a removed device could not be ended'),
        );
      } catch (error) {
        if (FilmlessError.from(error).code !== 'DEVICE_UNREACHABLE') throw error;
      }
    }
  }
}

function associationLimits({ limits }: DimseConfig): AssociationLimits {
  const {
    maxPduBytes,
    associateTimeoutMs,
    idleTimeoutMs,
    silenceTimeoutMs,
    minBytesPerSpan,
    sendTimeoutMs,
    closeTimeoutMs,
  } = limits;
  return {
    maxPduBytes,
    maxAssociatePduBytes: MAX_ASSOCIATE_PDU_BYTES,
    maxCommandBytes: MAX_COMMAND_BYTES,
    associateTimeoutMs,
    idleTimeoutMs,
    silenceTimeoutMs,
    minBytesPerSpan,
    sendTimeoutMs,
    closeTimeoutMs,
  };
}

function clientOptions({ limits }: DimseConfig, callingAeTitle: string, association: AssociationLimits): ClientOptions {
  return {
    callingAeTitle,
    limits: association,
    connectTimeoutMs: limits.connectTimeoutMs,
    responseTimeoutMs: limits.responseTimeoutMs,
    maxIdentifierBytes: limits.maxIdentifierBytes,
  };
}
