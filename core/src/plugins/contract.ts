import type { z } from 'zod';
import type { AlarmChannel, Alarms } from '../alarms/contract.ts';
import type { Audit } from '../audit/contract.ts';
import type { Catalogue, ConflictRecord, DocumentStore, InstanceRecord } from '../catalogue/contract.ts';
import type { NodeCopy } from '../catalogue/node-copy.ts';
import type { Replication } from '../catalogue/replication-contract.ts';
import type { Delivery, IdentityOverlays, Order, Orders, Patients } from '../clinical/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import type { Disposable } from '../disposable.ts';
import type { HttpRoute } from '../http/contract.ts';
import type { Ingest, InstanceReceiveEvent } from '../ingest/contract.ts';
import type { JobRunner, Jobs } from '../jobs/contract.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { Reports, ReportVersion } from '../reports/contract.ts';
import type { Identity, PermissionDefinition, Security } from '../security/contract.ts';
import type { InstanceConverter, InstanceSender } from '../sending/contract.ts';
import type { BlobStorage } from '../storage/contract.ts';
import type { BlobSource, CopyHolder } from '../storage/sources.ts';

export interface Logger {
  trace(fields: object, message?: string): void;
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  child(bindings: object): Logger;
}

/** Prometheus metrics; names get the prefix `filmless_`. Removed with the plugin. */
export interface Metrics {
  counter(
    name: string,
    help: string,
    labels?: readonly string[],
  ): { inc(labels?: Record<string, string>, by?: number): void };
  gauge(
    name: string,
    help: string,
    labels?: readonly string[],
  ): { set(labels: Record<string, string>, value: number): void };
  histogram(
    name: string,
    help: string,
    labels?: readonly string[],
    buckets?: readonly number[],
  ): { observe(labels: Record<string, string>, value: number): void };
}

/** A text of the screens in the languages that every installation has. */
export interface LocalizedText {
  'zh-CN': string;
  en: string;
}

export interface HealthCheck {
  title: { 'zh-CN': string; en: string };
  /** `ready: false` makes /readyz answer 503. No patient data in `detail`. */
  check(): Promise<{ state: 'ok' | 'warning' | 'failed'; detail: LocalizedText; ready?: boolean }>;
}

/** Rows of a table or view of another system, for plugins that pull from it; a database driver is one. */
export interface RowSource {
  /**
   * Rows from the position `since` on, in the order of their position column; all of them without. The row at `since` itself may come again.
   * UNAVAILABLE when the system cannot be asked.
   */
  rows(since: string | undefined, signal: AbortSignal): AsyncIterable<Readonly<Record<string, unknown>>>;
}

/** One DIMSE request, as the association layer hands it to a service. @dicom PS3.7 9 */
export interface DimseRequest {
  readonly service:
    | 'C-ECHO'
    | 'C-STORE'
    | 'C-FIND'
    | 'C-MOVE'
    | 'C-GET'
    | 'N-ACTION'
    | 'N-EVENT-REPORT'
    | 'N-CREATE'
    | 'N-SET'
    | 'N-GET'
    | 'N-DELETE';
  readonly sopClassUID: string;
  readonly sopInstanceUID: string | undefined;
  /** The command set. */
  readonly command: DicomJson;
  /** Identifier or data set, decoded; undefined when there is none. */
  readonly dataset: DicomJson | undefined;
  readonly calling: { aeTitle: string; address: string; identity: Identity; characterSet: string };
  /** Aborted by C-CANCEL and when the association ends. */
  readonly signal: AbortSignal;
}

export interface DimseResponse {
  status: number;
  dataset?: DicomJson;
  errorComment?: string;
  /** Counts of sub-operations in C-MOVE and C-GET. */
  subOperations?: { remaining: number; completed: number; failed: number; warning: number };
  /** More command elements, e.g. EventTypeID. */
  command?: DicomJson;
}

/** A service class a plugin answers (worklist, MPPS, …). Key of the point: `<service>:<SOP class UID>`. */
export interface DimseService {
  services: readonly DimseRequest['service'][];
  sopClassUID: string;
  permission: string;
  /** Pending responses first, the final one last; sent as they come. */
  handle(request: DimseRequest): AsyncIterable<DimseResponse>;
}

/** How to reach and read one kind of device; core has none, plugins bring them. */
export interface DeviceAdapter {
  title: { 'zh-CN': string; en: string };
  /** Changes or completes a header before it is recorded (never the stored bytes). */
  receive?(event: InstanceReceiveEvent): void | Promise<void>;
}

/** A module of screens at `/plugins/<id>/ui.js`, put into a slot of the host app or the viewer. */
export interface UiContribution {
  slot: 'rail' | 'study-panel' | 'admin' | 'viewer-tool' | 'viewer-panel' | 'viewer-renderer';
  title: { 'zh-CN': string; en: string };
  /** In the rail; a piece of a puzzle when left out. */
  icon?: 'alarm' | 'archive' | 'backup' | 'exchange' | 'hospital' | 'print' | 'send' | 'statistics';
  /** Custom element name the module defines; empty for the slots of the viewer, whose module exports a function that takes the viewer's SDK. */
  element: string;
  /** Path on this node, e.g. `/plugins/<id>/ui.js`. */
  module: string;
  /** Folder of the module's files, served under `/plugins/<id>/` to everyone: program code, never data. */
  directory?: string;
  permission: string;
}

export interface ServiceFactory<T> {
  open(): Promise<T>;
}

/** Typed collections a plugin contributes to; a key used twice is an error. Plugins add points by declaration merging. */
export interface PointMap {
  Storage: ServiceFactory<BlobStorage>;
  QueryIndex: ServiceFactory<QueryIndex>;
  DimseService: DimseService;
  HttpRoute: HttpRoute;
  Job: JobRunner;
  DeviceAdapter: DeviceAdapter;
  RowSource: RowSource;
  Ui: UiContribution;
  Permission: PermissionDefinition;
  HealthCheck: HealthCheck;
  AlarmChannel: AlarmChannel;
  BlobSource: BlobSource;
  CopyHolder: CopyHolder;
  InstanceSender: InstanceSender;
  InstanceConverter: InstanceConverter;
}

/** In the request path: ordered, may change the event, may refuse by throwing a FilmlessError. */
export interface BeforeHookMap {
  'instance.receive': InstanceReceiveEvent;
}

/** Told after the fact, at least once, in order, from a durable checkpoint. */
export interface AfterHookMap {
  'instance.stored': InstanceRecord;
  /** An instance came under the UID of another data set and is kept aside, or a person decided on it. */
  'conflict.changed': ConflictRecord;
  /** A report was issued for the first time: written or reviewed, not a draft. */
  'report.issued': ReportVersion;
  /** A further version of an issued report, its withdrawal included. */
  'report.amended': ReportVersion;
  /** An order as it stands after it was placed or changed; changes that came close together are told once, `history` has each. */
  'order.changed': Order;
}

export interface Points {
  contribute<P extends keyof PointMap>(point: P, key: string, value: PointMap[P]): Disposable;
  get<P extends keyof PointMap>(point: P, key: string): PointMap[P] | undefined;
  entries<P extends keyof PointMap>(point: P): { key: string; pluginId: string; value: PointMap[P] }[];
  onChange<P extends keyof PointMap>(point: P, listener: () => void): Disposable;
}

export interface Hooks {
  /** Lower `order` runs first (default 100). */
  before<H extends keyof BeforeHookMap>(
    hook: H,
    handler: (event: BeforeHookMap[H]) => void | Promise<void>,
    options?: { order?: number },
  ): Disposable;
  /**
   * `name` is the durable checkpoint of this subscription, unique within the plugin. A handler that throws is retried with backoff and
   * blocks only itself. Events come in batches, in catalogue order.
   */
  after<H extends keyof AfterHookMap>(
    hook: H,
    name: string,
    handler: (events: readonly AfterHookMap[H][], signal: AbortSignal) => Promise<void>,
    options?: { from?: 'start' | 'now' },
  ): Disposable;
}

export interface NodeInfo {
  name: string;
  version: string;
  aeTitle: string;
  dataDirectory: string;
  startedAt: string;
}

/** What a plugin gets. Everything registered through it is disposed when the plugin is disabled. */
export interface PluginContext<C = unknown> {
  readonly pluginId: string;
  readonly config: C;
  readonly node: NodeInfo;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Aborted when the plugin is being disabled. */
  readonly signal: AbortSignal;
  readonly points: Points;
  readonly hooks: Hooks;
  readonly ingest: Ingest;
  readonly storage: BlobStorage;
  /** The catalogue to read; writing goes through `ingest`. */
  readonly catalogue: Pick<Catalogue, 'get' | 'getMany' | 'all' | 'count'>;
  readonly query: QueryIndex;
  readonly reports: Reports;
  /** Records and clinical documents to and from other nodes. */
  readonly replication: Replication;
  /** The whole node, accounts and settings included: for backups alone. */
  readonly nodeCopy: NodeCopy;
  readonly patients: Patients;
  readonly orders: Orders;
  /** The identity that images carry now; whatever delivers them lays it over. */
  readonly identities: IdentityOverlays;
  readonly delivery: Delivery;
  readonly jobs: Jobs;
  /** What a person must know of now; states that a `HealthCheck` tells alarm by themselves. */
  readonly alarms: Alarms;
  readonly security: Security;
  /** Requests over HTTP are written down without a plugin's doing; this is for other doors. */
  readonly audit: Audit;
  /** This plugin's own documents. */
  readonly documents: DocumentStore;
  /** This plugin's own folder for caches: may be deleted at any time while the node is stopped. */
  readonly cacheDirectory: string;
  /** Disposed (in reverse order) when the plugin is disabled, after the signal. */
  onDispose(disposable: Disposable): void;
}

export interface FilmlessPlugin<C = unknown> {
  id: string;
  /** Version of this contract. */
  api: 1;
  title: { 'zh-CN': string; en: string };
  /** Ids of plugins that must be active first. */
  requires?: readonly string[];
  /** A node does not start without it, and it cannot be disabled. */
  essential?: boolean;
  /** Brings a store everything else stands on: activated first, with a context whose stores are not open yet. */
  provides?: 'Storage' | 'QueryIndex';
  permissions?: readonly PermissionDefinition[];
  /** Validates `plugins.<id>` of filmless.yaml and makes the form in the admin screen. */
  config: z.ZodType<C>;
  activate(context: PluginContext<C>): void | Promise<void>;
}

export type PluginState = 'active' | 'disabled' | 'failed';

export interface PluginStatus {
  id: string;
  title: { 'zh-CN': string; en: string };
  state: PluginState;
  essential: boolean;
  requires: readonly string[];
  /** Why it failed: code, detail, when. */
  cause?: { code: string; detail: string; at: string };
  contributions: { point: string; key: string }[];
}
