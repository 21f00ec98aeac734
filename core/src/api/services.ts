import type { AlarmList } from '../alarms/alarm-list.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Catalogue, DocumentStore } from '../catalogue/contract.ts';
import type { Replication } from '../catalogue/replication-contract.ts';
import type { IdentityOverlays, Orders, Patients } from '../clinical/contract.ts';
import type { Clock } from '../clock.ts';
import type { HttpRoute } from '../http/contract.ts';
import type { Ingest } from '../ingest/contract.ts';
import type { Jobs } from '../jobs/contract.ts';
import type { Logger, NodeInfo, PluginStatus, Points } from '../plugins/contract.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { Reports } from '../reports/contract.ts';
import type { SecurityParts } from '../security/open-security.ts';
import type { BlobStorage } from '../storage/contract.ts';

/** What the REST of plugins needs of the plugin host. */
export interface PluginHostView {
  statuses(): PluginStatus[];
  /** PLUGIN_UNKNOWN, PLUGIN_FAILED. */
  enable(id: string): Promise<void>;
  /** PLUGIN_UNKNOWN, PLUGIN_REQUIRED. */
  disable(id: string): Promise<void>;
  /** JSON Schema. PLUGIN_UNKNOWN. */
  configSchema(id: string): object;
}

/** What core's REST stands on. */
export interface ApiServices {
  security: SecurityParts;
  audit: AuditLog;
  pluginHost: PluginHostView;
  jobs: Jobs;
  alarms: Pick<AlarmList, 'summary' | 'onChange'>;
  catalogue: Pick<Catalogue, 'getMany' | 'getConflict' | 'listConflicts'>;
  replication: Pick<Replication, 'isFollowing'>;
  ingest: Pick<Ingest, 'admit' | 'receiveStream' | 'resolveConflict'>;
  storage: Pick<BlobStorage, 'usage' | 'listQuarantine' | 'streamQuarantine' | 'removeQuarantine'>;
  reports: Reports;
  patients: Patients;
  orders: Orders;
  identities: Pick<IdentityOverlays, 'apply'>;
  query: Pick<QueryIndex, 'studies' | 'study' | 'facets' | 'totals' | 'count' | 'search'>;
  /** Prometheus text. */
  metrics: { readonly contentType: string; text(): Promise<string> };
  /** Origins of other systems' pages that may ask with tokens and frame the viewer. */
  corsOrigins(): readonly string[];
  httpPort(): number;
  /** Null when no DIMSE plugin listens. */
  dicomPort(): number | null;
}

/** What each file of routes is given. Services are asked for when a request comes: they may not be open yet when routes are made. */
export interface ApiContext {
  services(): ApiServices;
  /** This plugin's own documents: settings. */
  documents(): DocumentStore;
  node: NodeInfo;
  points: Points;
  log: Logger;
  clock: Clock;
}

export type ApiRoutes = (context: ApiContext) => HttpRoute[];
