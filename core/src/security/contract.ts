/** Who acts. Devices are identified by AE title and address, services by key. */
export interface Identity {
  kind: 'user' | 'service' | 'device' | 'system';
  /** Stable, for audit. */
  id: string;
  displayName: string;
  roles: readonly string[];
  permissions: ReadonlySet<string>;
}

export type CorePermission =
  | 'study.search'
  | 'study.read'
  | 'study.import'
  | 'study.decide'
  | 'device.read'
  | 'device.manage'
  | 'system.read'
  | 'plugin.manage'
  | 'user.manage'
  | 'job.read'
  | 'job.manage'
  | 'metrics.read';

/** Every route, service and socket names one. `public` is for health, sign-in and the SDK's files alone. */
export type AccessPolicy =
  | { readonly access: 'public'; readonly why: string }
  /** Whoever has an identity. */
  | { readonly access: 'signed-in' }
  | { readonly access: 'permission'; readonly permission: string };

/** Rows an identity may see. `all` sees every row; more kinds come with departments and embed tokens. */
export type AccessScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'studies'; readonly studyInstanceUids: readonly string[] }
  | { readonly kind: 'patient'; readonly patientId: string };

export interface PermissionDefinition {
  id: string;
  title: { 'zh-CN': string; en: string };
  /** Roles that have it from the start. */
  defaultRoles: readonly string[];
}

export interface Security {
  /** Throws FORBIDDEN. */
  require(identity: Identity, permission: string): void;
  scopeOf(identity: Identity): AccessScope;
  /** An identity for a known device: permissions of the role `device`. */
  deviceIdentity(aeTitle: string): Identity;
  /** The node itself: jobs, projections. */
  systemIdentity(): Identity;
}
