import { FilmlessError } from '../errors.ts';
import type { AccessScope, CorePermission, Decision, Identity, Security } from './contract.ts';
import type { EmbedClaims } from './embed-tokens.ts';
import type { PatientRules } from './patient-rules.ts';
import type { Policy } from './policy.ts';
import type { Roles } from './roles.ts';
import { scopeOfLimits } from './row-limits.ts';
import { allOf } from './scope.ts';
import type { UserAccount } from './users.ts';

const SYSTEM_NAME = 'system';

/** Identities, and the policy's decisions on them. */
export class SecurityService implements Security {
  readonly #roles: Roles;
  readonly #policy: Policy;
  readonly #patients: PatientRules;

  constructor(roles: Roles, policy: Policy, patients: PatientRules) {
    this.#roles = roles;
    this.#policy = policy;
    this.#patients = patients;
  }

  decide(identity: Identity, permission: string): Decision {
    return this.#policy.decide(identity, permission);
  }

  require(identity: Identity, permission: string): void {
    this.#policy.require(identity, permission);
  }

  scopeOf(identity: Identity): AccessScope {
    return this.#policy.scopeOf(identity);
  }

  placePatient(patientId: string, ward: string | undefined): Promise<void> {
    return this.#patients.place(patientId, ward);
  }

  /** `permissions`: what a key narrows the account to; null = all it has. */
  userIdentity(account: UserAccount, permissions: readonly string[] | null = null): Identity {
    const has = this.#roles.permissionsOf(account.roles);
    return {
      kind: account.kind,
      id: account.name,
      displayName: account.displayName,
      roles: account.roles,
      permissions: permissions === null ? has : new Set(permissions.filter((id) => has.has(id))),
      ...(account.mustChangePassword ? { mustChangePassword: true } : {}),
      ...this.#limitOf(account),
    };
  }

  /**
   * Who holds an embed token: what its actions carry, on its one patient or study, and never more rows than the account that asked for it.
   * @throws TOKEN_REVOKED when that account may not give tokens any more
   */
  embedIdentity(
    claims: Pick<EmbedClaims, 'service' | 'user' | 'actions' | 'scope'>,
    issuer: UserAccount | undefined,
  ): Identity {
    if (!issuer || issuer.disabled) throw new FilmlessError('TOKEN_REVOKED', 'its service account is gone or disabled');
    const service = this.userIdentity(issuer);
    if (!this.decide(service, 'embed.issue').allowed)
      throw new FilmlessError('TOKEN_REVOKED', 'its service account may not give tokens any more');
    const permissions = this.#roles
      .permissions()
      .filter(({ embedAction }) => embedAction !== undefined && claims.actions.includes(embedAction))
      // Looking is what tokens are for; whatever changes something the service must be able to do itself.
      .filter(({ embedAction, id }) => embedAction === 'view' || this.decide(service, id).allowed)
      .map(({ id }) => id);
    return {
      kind: 'embed',
      id: `${claims.service}/${claims.user}`,
      displayName: claims.user,
      onBehalfOf: claims.user,
      roles: [],
      permissions: new Set(permissions),
      limit: allOf([claims.scope, ...(service.limit ? [service.limit] : [])]),
    };
  }

  /**
   * Who holds the token of a shared link: may look at its study as long as whoever shared it may, by what he ordinarily sees. His emergencies are
   * his own.
   * @throws TOKEN_REVOKED when he may not share any more
   */
  shareIdentity(share: { id: string; scope: AccessScope; report: boolean }, issuer: UserAccount | undefined): Identity {
    const person = issuer && !issuer.disabled ? this.userIdentity(issuer) : undefined;
    if (!person || !this.decide(person, 'share.create').allowed || !this.decide(person, 'study.read').allowed)
      throw new FilmlessError('TOKEN_REVOKED', 'whoever shared the link may not share it any more');
    return {
      kind: 'embed',
      id: `${person.id}/share:${share.id}`,
      displayName: 'share',
      // Restricted patients are asked for by his name and roles.
      onBehalfOf: person.id,
      roles: person.roles,
      permissions: new Set(['study.search', 'study.read'] satisfies CorePermission[]),
      limit: allOf([share.scope, ...(person.limit ? [person.limit] : [])]),
      ...(share.report ? {} : { withoutReports: true }),
    };
  }

  deviceIdentity(aeTitle: string, limit?: AccessScope): Identity {
    return {
      kind: 'device',
      id: aeTitle,
      displayName: aeTitle,
      roles: ['device'],
      permissions: this.#roles.permissionsOf(['device']),
      ...(limit ? { limit } : {}),
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

  #limitOf({ limits }: UserAccount): { limit?: AccessScope } {
    if (!limits) return {};
    return { limit: scopeOfLimits(limits, (wards) => this.#patients.patientsOfWards(wards)) };
  }
}
