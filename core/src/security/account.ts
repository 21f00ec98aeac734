import type { PasswordHash } from './password-hash.ts';
import type { RowLimits } from './row-limits.ts';

/** An account, without what it signs in with. */
export interface UserAccount {
  name: string;
  displayName: string;
  /** `service` for another system's account. */
  kind: 'user' | 'service';
  roles: readonly string[];
  /** Rows it is limited to; null = none. */
  limits: RowLimits | null;
  disabled: boolean;
  createdAt: string;
  passwordChangedAt: string;
  /** Nothing else may be done until there is a new password. */
  mustChangePassword: boolean;
  /** A code of an authenticator is asked for with the password. */
  secondFactor: boolean;
  /** `oidc`: signs in with the hospital's identity provider, and has no password here. */
  source: 'local' | 'oidc';
  /** New whenever what was granted on the old credentials must end. */
  credentialId: string;
}

/** The second factor as it is kept. */
export interface SecondFactor {
  /** Base32. */
  secret: string;
  /** Null until the first code was right. */
  confirmedAt: string | null;
  /** SHA-256 of recovery codes that are left, hex. */
  recovery: readonly string[];
}

/** Accounts of earlier versions lack what came later. */
export interface UserDocument extends Omit<UserAccount, 'limits' | 'mustChangePassword' | 'secondFactor' | 'source'> {
  limits?: RowLimits | null;
  mustChangePassword?: boolean;
  secondFactor?: SecondFactor;
  /** Who the identity provider says it is: `<issuer> <subject>`. */
  external?: string;
  /** None of an account that signs in by key or with the identity provider. */
  password?: PasswordHash;
}

export function accountOf(user: UserDocument): UserAccount {
  const { name, displayName, kind, roles, disabled, createdAt, passwordChangedAt, credentialId } = user;
  return {
    name,
    displayName,
    kind,
    roles,
    limits: user.limits ?? null,
    disabled,
    createdAt,
    passwordChangedAt,
    mustChangePassword: user.mustChangePassword ?? false,
    secondFactor: typeof user.secondFactor?.confirmedAt === 'string',
    source: user.external === undefined ? 'local' : 'oidc',
    credentialId,
  };
}

export function isAdministrator(user: Pick<UserAccount, 'disabled' | 'kind' | 'roles'>): boolean {
  return !user.disabled && user.kind === 'user' && user.roles.includes('admin');
}
