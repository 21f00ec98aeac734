import { FilmlessError } from '../errors.ts';
import type { AccessScope, Identity, Security } from './contract.ts';
import type { Roles } from './roles.ts';
import type { UserAccount } from './users.ts';

const SYSTEM_NAME = 'system';

/** Identities and what they may do. */
export class SecurityService implements Security {
  readonly #roles: Roles;

  constructor(roles: Roles) {
    this.#roles = roles;
  }

  require(identity: Identity, permission: string): void {
    if (!identity.permissions.has(permission)) throw new FilmlessError('FORBIDDEN', `needs permission ${permission}`);
  }

  scopeOf(identity: Identity): AccessScope {
    const sees = identity.permissions.has('study.search') || identity.permissions.has('study.read');
    return { kind: sees ? 'all' : 'none' };
  }

  userIdentity(account: UserAccount): Identity {
    return {
      kind: account.kind,
      id: account.name,
      displayName: account.displayName,
      roles: account.roles,
      permissions: this.#roles.permissionsOf(account.roles),
    };
  }

  deviceIdentity(aeTitle: string): Identity {
    return {
      kind: 'device',
      id: aeTitle,
      displayName: aeTitle,
      roles: ['device'],
      permissions: this.#roles.permissionsOf(['device']),
    };
  }

  systemIdentity(): Identity {
    return {
      kind: 'system',
      id: SYSTEM_NAME,
      displayName: SYSTEM_NAME,
      roles: ['admin'],
      permissions: this.#roles.permissionsOf(['admin']),
    };
  }
}
