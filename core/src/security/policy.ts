import { FilmlessError } from '../errors.ts';
import type { AccessScope, Decision, Identity } from './contract.ts';
import { allOf, anyOf, EVERYTHING, NOTHING } from './scope.ts';

/** What the policy asks about rows, beside what the identity brings itself. */
export interface RowRules {
  /** Restricted patients that this identity is not named for. */
  hiddenFrom(identity: Identity): readonly string[];
  /** What the identity may see for a while, because it said why it must. */
  emergencyScopesOf(identity: Identity): readonly AccessScope[];
}

/**
 * The one place that decides: may an identity do something, and which rows does it see. Every door (DICOMweb, DIMSE, REST, live updates,
 * jobs) asks here, and puts the scope into its query.
 */
export class Policy {
  readonly #rules: RowRules;

  constructor(rules: RowRules) {
    this.#rules = rules;
  }

  decide(identity: Identity, permission: string): Decision {
    if (identity.mustChangePassword) return { allowed: false, reason: 'password-change', permission };
    return identity.permissions.has(permission)
      ? { allowed: true }
      : { allowed: false, reason: 'no-permission', permission };
  }

  /** @throws FORBIDDEN naming the permission, PASSWORD_CHANGE_NEEDED */
  require(identity: Identity, permission: string): void {
    const decision = this.decide(identity, permission);
    if (decision.allowed) return;
    if (decision.reason === 'password-change') throw new FilmlessError('PASSWORD_CHANGE_NEEDED');
    throw new FilmlessError('FORBIDDEN', `needs permission ${decision.permission}`);
  }

  /**
   * Rows inside the identity's limit without the restricted patients it is not named for; and, for a while, what it opened in an
   * emergency.
   */
  scopeOf(identity: Identity): AccessScope {
    if (identity.kind === 'system') return EVERYTHING;
    if (identity.mustChangePassword) return NOTHING;
    const sees = identity.permissions.has('study.search') || identity.permissions.has('study.read');
    if (!sees) return NOTHING;
    const hidden = this.#rules.hiddenFrom(identity);
    const ordinary = allOf([
      identity.limit ?? EVERYTHING,
      ...(hidden.length > 0 ? [{ kind: 'except-patients', patientIds: hidden } as const] : []),
    ]);
    return anyOf([ordinary, ...this.#rules.emergencyScopesOf(identity)]);
  }
}
