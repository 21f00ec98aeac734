import type { HttpReply, HttpRoute } from '../http/contract.ts';
import type { Identity } from '../security/contract.ts';
import type { AuditLog } from './audit-log.ts';
import type { AuditAction, AuditEvent } from './contract.ts';

/** One request that was answered, as the HTTP side knows it. */
export interface AnsweredRequest {
  route: Pick<HttpRoute, 'method' | 'path' | 'policy' | 'audit'>;
  params: Readonly<Record<string, string>>;
  search: string;
  identity: Identity;
  address: string;
  /** Code of the error, when it failed. */
  failure?: string;
  /** What the route says of it itself. */
  told?: HttpReply['audit'];
}

/** Credentials were offered and refused; who it was is not known, or only said. */
export interface RefusedRequest {
  route: string;
  address: string;
  failure: string;
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Accounts, tokens and the like are told by these parts of the path; everything else that changes is a change. */
const CHANGES: readonly (readonly [prefix: string, action: AuditAction])[] = [
  ['/api/plugins', 'plugin'],
  ['/api/users', 'user'],
  ['/api/roles', 'user'],
  ['/api/restricted-patients', 'user'],
  ['/api/patients/:patientId/ward', 'change'],
  ['/api/embed', 'token'],
  ['/api/shares', 'token'],
  ['/api/emergencies', 'emergency'],
];
/** What reading writes down by itself: whose images it is, and the log that is read. */
const READS: Readonly<Record<string, AuditAction>> = {
  'study.search': 'search',
  'study.read': 'open',
  'audit.read': 'audit.read',
};
const MAX_QUERY = 500;

/**
 * What a request means for the audit log, told from the route alone, so that a new route is never left out: searches and openings by its
 * permission, changes by its method, refusals by the answer. A route may say itself with `audit`.
 */
export class RequestAudit {
  readonly #log: AuditLog;

  constructor(log: AuditLog) {
    this.#log = log;
  }

  /** To be awaited before the answer goes out: a change is on disk by then. */
  async answered(request: AnsweredRequest): Promise<void> {
    const event = eventOf(request);
    if (!event) return;
    if (event.outcome === 'success' && !READING.has(request.route.method) && event.action !== 'search') {
      await this.#log.recordDurably(event);
      return;
    }
    const { action, actor, address, studyInstanceUid = '', target = '', detail = '', outcome } = event;
    const key = [action, outcome, actor.kind, actor.id, address, studyInstanceUid, target, detail].join('\n');
    this.#log.recordOnce(key, event);
  }

  /** Somebody who proves with every request who he is: written once in a while. */
  recognised(identity: Identity, address: string, by: string): void {
    this.#log.recordOnce(['sign-in', identity.kind, identity.id, address, by].join('\n'), {
      action: 'sign-in',
      outcome: 'success',
      actor: { kind: identity.kind, id: identity.id },
      address,
      detail: by,
    });
  }

  refused({ route, address, failure }: RefusedRequest): void {
    this.#log.recordOnce(['refused', route, address, failure].join('\n'), {
      action: 'refused',
      outcome: 'refused',
      actor: { kind: 'unknown', id: '' },
      address,
      target: route,
      detail: failure,
    });
  }
}

function eventOf({ route, params, search, identity, address, failure, told }: AnsweredRequest): AuditEvent | undefined {
  const { policy } = route;
  const permission = policy.access === 'permission' ? policy.permission : '';
  const action = route.audit ?? actionOf(route, permission);
  const forbidden = failure === 'FORBIDDEN';
  if (forbidden ? false : action === undefined || action === 'none') return undefined;
  const query = new URLSearchParams(search);
  const study = params['study'] ?? query.get('studyUID') ?? query.get('study') ?? undefined;
  const patientId = params['patientId'] ?? query.get('patient') ?? undefined;
  return {
    action: forbidden || action === undefined || action === 'none' ? 'refused' : action,
    outcome: failure === undefined ? 'success' : forbidden ? 'refused' : 'failed',
    actor: { kind: identity.kind, id: identity.id },
    address,
    ...(study === undefined ? {} : { studyInstanceUid: study }),
    ...(patientId === undefined ? {} : { patientId }),
    ...(forbidden || (action !== 'search' && action !== 'open') ? { target: targetOf(route, params) } : {}),
    ...detailOf(failure, action === 'search' ? search : ''),
    ...told,
  };
}

function actionOf({ method, path }: Pick<HttpRoute, 'method' | 'path'>, permission: string): AuditAction | undefined {
  // Instances that come are told by who sent them, study by study.
  if (permission === 'study.import') return undefined;
  if (READING.has(method)) return READS[permission];
  return CHANGES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'change';
}

/** `PUT /api/users/li.na`: what was done to what. Values in the path are ids. */
function targetOf(
  { method, path }: Pick<HttpRoute, 'method' | 'path'>,
  params: Readonly<Record<string, string>>,
): string {
  const named = path.replaceAll(/[:*]([A-Za-z0-9]+)/g, (whole, name: string) => params[name] ?? whole);
  return `${method} ${named}`;
}

function detailOf(failure: string | undefined, search: string): { detail?: string } {
  const parts = [failure, search === '' ? undefined : search.slice(0, MAX_QUERY)].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { detail: parts.join(' ') };
}
