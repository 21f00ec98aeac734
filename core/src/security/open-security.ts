import { join } from 'node:path';
import type { DocumentStore } from '../catalogue/contract.ts';
import { DisposableStack } from '../disposable.ts';
import type { Points } from '../plugins/contract.ts';
import { EmbedTokens } from './embed-tokens.ts';
import { EmergencyAccess } from './emergency-access.ts';
import { Launches } from './launches.ts';
import { type OidcSettings, OidcSignIn } from './oidc-sign-in.ts';
import type { ScryptCost } from './password-hash.ts';
import type { PasswordRules } from './password-rules.ts';
import { PatientRules } from './patient-rules.ts';
import { Policy } from './policy.ts';
import { Roles } from './roles.ts';
import { SecondFactors } from './second-factor.ts';
import { openSecurityDatabase } from './security-database.ts';
import { SecurityService } from './security-service.ts';
import { ServiceKeys } from './service-keys.ts';
import { SessionDocuments } from './session-documents.ts';
import { Sessions } from './sessions.ts';
import { ShareLinks } from './share-links.ts';
import { SignIn } from './sign-in.ts';
import { SigningKeys } from './signing-keys.ts';
import { Users } from './users.ts';

/** Everything of this folder that lives as long as the node. */
export interface SecurityParts {
  roles: Roles;
  users: Users;
  sessions: Sessions;
  signIn: SignIn;
  secondFactors: SecondFactors;
  service: SecurityService;
  patients: PatientRules;
  emergencies: EmergencyAccess;
  embedTokens: EmbedTokens;
  serviceKeys: ServiceKeys;
  launches: Launches;
  shares: ShareLinks;
  /** Undefined without an identity provider. */
  oidc: OidcSignIn | undefined;
  keys: SigningKeys;
  settings: SecuritySettings;
  /** Where roles and rules about patients are kept. */
  documents: DocumentStore;
  /** Reads what other nodes may have changed; once before anything is decided. */
  load(): Promise<void>;
  close(): Promise<void>;
}

/** Of the session cookie: `lax` where pages of other sites link into this one. */
export type SameSite = 'strict' | 'lax';

export interface SecuritySettings {
  embed?: { maxTtlSeconds: number };
  shares?: { enabled: boolean; maxDays: number };
  oidc?: OidcSettings | undefined;
  emergency?: { lastsMinutes: number };
  passwords?: PasswordRules;
  sessions?: { idleMinutes: number; absoluteHours: number; sameSite: SameSite };
}

interface Options {
  documents: DocumentStore;
  /** Where sessions lie that count at all nodes of the catalogue; they are this node's own when absent. */
  sessionDocuments?: DocumentStore | undefined;
  dataDirectory: string;
  points: Points;
  /** Of this node; embed tokens of others are refused. */
  nodeName?: string;
  settings?: SecuritySettings;
  /** Milliseconds since 1970. */
  now?: () => number;
  cost?: ScryptCost;
}

const MINUTE_MS = 60_000;
const REFRESH_MS = 5_000;
/** Where the configuration does not say. */
export const MAX_EMBED_TTL_SECONDS = 15 * 60;

/** Opens `security.sqlite` and the signing keys in the data folder; the accounts are documents of the catalogue. */
export function openSecurity(options: Options): SecurityParts {
  const now = options.now ?? Date.now;
  const { documents, settings = {} } = options;
  const path = join(options.dataDirectory, 'security.sqlite');
  // Switched off, nobody may share: links there are end with that.
  const roles = new Roles(options.points, settings.shares?.enabled === false ? { without: ['share.create'] } : {});
  const users = new Users(documents, roles, {
    now,
    ...(options.cost ? { cost: options.cost } : {}),
    ...(settings.passwords ? { passwords: settings.passwords } : {}),
  });
  const sessions = new Sessions(path, {
    now,
    ...(options.sessionDocuments && { shared: new SessionDocuments(options.sessionDocuments) }),
    ...(settings.sessions
      ? {
          idleMs: settings.sessions.idleMinutes * MINUTE_MS,
          absoluteMs: settings.sessions.absoluteHours * 60 * MINUTE_MS,
        }
      : {}),
  });
  const database = openSecurityDatabase(path);
  const secondFactors = new SecondFactors({
    users,
    database,
    issuer: `Filmless ${options.nodeName ?? ''}`.trim(),
    now,
  });
  const signIn = new SignIn(users, sessions, secondFactors, { now });
  const keys = new SigningKeys(join(options.dataDirectory, 'signing-keys.json'), { now });
  const patients = new PatientRules(documents);
  const emergencies = new EmergencyAccess(database, { now, ...settings.emergency });
  const embedTokens = new EmbedTokens({
    database,
    keys,
    audience: `urn:filmless:${options.nodeName ?? 'node'}`,
    maxTtlSeconds: settings.embed?.maxTtlSeconds ?? MAX_EMBED_TTL_SECONDS,
    now,
  });
  const serviceKeys = new ServiceKeys({ documents, database, users, now });
  const policy = new Policy({
    hiddenFrom: (identity) => patients.hiddenFrom(identity),
    emergencyScopesOf: (identity) => emergencies.scopesOf(identity),
  });
  const service = new SecurityService(roles, policy, patients);
  const stack = new DisposableStack();
  let refresh: NodeJS.Timeout | undefined;
  stack.add({ dispose: () => sessions.close() });
  stack.add({ dispose: () => clearInterval(refresh) });
  stack.add({ dispose: () => database.close() });
  stack.add(signIn);
  // The credential id alone would void them; this also takes them off the disk.
  stack.add(users.onChange(({ name, credentialId }) => sessions.endForUser(name, credentialId)));
  return {
    roles,
    users,
    sessions,
    signIn,
    secondFactors,
    service,
    patients,
    emergencies,
    embedTokens,
    serviceKeys,
    launches: new Launches({ database, users, serviceKeys, embedTokens, service, now }),
    shares: new ShareLinks({ documents, users, embedTokens, service, now, ...settings.shares }),
    oidc: settings.oidc && new OidcSignIn(settings.oidc, { now }),
    keys,
    settings,
    documents,
    async load() {
      await roles.load(documents);
      await patients.load();
      stack.add(await sessions.follow());
      // Other nodes on the same catalogue change them too; what is changed here counts at once.
      refresh ??= setInterval(() => {
        Promise.all([roles.load(documents), patients.load(), sessions.refresh()]).catch(() => undefined);
      }, REFRESH_MS).unref();
    },
    close: () => stack.dispose(),
  };
}
