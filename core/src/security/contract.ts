/** Who acts. Devices are identified by AE title and address, services by key. */
export interface Identity {
  /** `embed`: another system's page, by a token that lasts minutes. */
  kind: 'user' | 'service' | 'device' | 'embed' | 'system';
  /** Stable, for audit. */
  id: string;
  displayName: string;
  roles: readonly string[];
  permissions: ReadonlySet<string>;
  /** Rows it is limited to; all when absent. What may really be seen is `Security.scopeOf`. */
  limit?: AccessScope;
  /** It may only set a new password; whatever else it asks for is refused with PASSWORD_CHANGE_NEEDED. */
  mustChangePassword?: boolean;
  /** `embed`: who sits before the page, as the service account named him. */
  onBehalfOf?: string;
  /** A link that shares the images of a study without its reports. */
  withoutReports?: true;
}

export type CorePermission =
  | 'study.search'
  | 'study.read'
  | 'study.import'
  | 'study.decide'
  | 'patient.read'
  | 'patient.manage'
  | 'order.read'
  | 'device.read'
  | 'device.manage'
  | 'system.read'
  | 'plugin.manage'
  | 'user.manage'
  | 'access.manage'
  | 'access.break-glass'
  | 'audit.read'
  | 'embed.issue'
  | 'share.create'
  | 'report.deliver'
  | 'job.read'
  | 'job.manage'
  | 'metrics.read';

/** Every route, service and socket names one. `public` is for health, sign-in and the SDK's files alone. */
export type AccessPolicy =
  | { readonly access: 'public'; readonly why: string }
  /** Whoever has an identity. */
  | { readonly access: 'signed-in' }
  | { readonly access: 'permission'; readonly permission: string };

/** Rows an identity may see: a filter inside every query, so that counts and pages are right. See `scopeCovers` and query/scope.ts. */
export type AccessScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'studies'; readonly studyInstanceUids: readonly string[] }
  | { readonly kind: 'patient'; readonly patientId: string; readonly issuerOfPatientId?: string }
  | { readonly kind: 'patients'; readonly patientIds: readonly string[] }
  | { readonly kind: 'accession'; readonly accessionNumber: string }
  | { readonly kind: 'departments'; readonly departments: readonly string[] }
  /** Everyone but these. */
  | { readonly kind: 'except-patients'; readonly patientIds: readonly string[] }
  | { readonly kind: 'any-of'; readonly scopes: readonly AccessScope[] }
  | { readonly kind: 'all-of'; readonly scopes: readonly AccessScope[] };

export interface PermissionDefinition {
  id: string;
  title: { 'zh-CN': string; en: string };
  /** Roles that have it from the start. `radiology` stands for radiologist, reviewer, technician and registrar. */
  defaultRoles: readonly string[];
  /** The action of an embed token that carries it; none when absent. */
  embedAction?: EmbedAction;
}

/** What a page with an embed token may do: look at images and reports, or bring instances too. */
export type EmbedAction = 'view' | 'store';

/** What the policy says to one question. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: 'no-permission' | 'password-change'; readonly permission: string };

export interface Security {
  /** Whether it may; the one place where that is decided. */
  decide(identity: Identity, permission: string): Decision;
  /** Throws FORBIDDEN. */
  require(identity: Identity, permission: string): void;
  scopeOf(identity: Identity): AccessScope;
  /** Where a patient lies now, for accounts limited to wards; undefined = in none. */
  placePatient(patientId: string, ward: string | undefined): Promise<void>;
  /** An identity for a known device: permissions of the role `device`, and the rows it is limited to. */
  deviceIdentity(aeTitle: string, limit?: AccessScope): Identity;
  /** The node itself: jobs, projections. */
  systemIdentity(): Identity;
}
