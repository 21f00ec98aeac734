import { join } from 'node:path';
import type { DocumentStore } from '../catalogue/contract.ts';
import { DisposableStack } from '../disposable.ts';
import type { Points } from '../plugins/contract.ts';
import type { ScryptCost } from './password-hash.ts';
import { Roles } from './roles.ts';
import { SecurityService } from './security-service.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { Users } from './users.ts';

/** Everything of this folder that lives as long as the node. */
export interface SecurityParts {
  roles: Roles;
  users: Users;
  sessions: Sessions;
  signIn: SignIn;
  service: SecurityService;
  close(): Promise<void>;
}

/** Opens `security.sqlite` in the data folder; the accounts are documents of the catalogue. */
export function openSecurity(options: {
  documents: DocumentStore;
  dataDirectory: string;
  points: Points;
  /** Milliseconds since 1970. */
  now?: () => number;
  cost?: ScryptCost;
}): SecurityParts {
  const now = options.now ?? Date.now;
  const roles = new Roles(options.points);
  const users = new Users(options.documents, roles, { now, ...(options.cost ? { cost: options.cost } : {}) });
  const sessions = new Sessions(join(options.dataDirectory, 'security.sqlite'), { now });
  const signIn = new SignIn(users, sessions, { now });
  const stack = new DisposableStack();
  stack.add({ dispose: () => sessions.close() });
  stack.add(signIn);
  // The credential id alone would void them; this also takes them off the disk.
  stack.add(users.onChange(({ name, credentialId }) => sessions.endForUser(name, credentialId)));
  return { roles, users, sessions, signIn, service: new SecurityService(roles), close: () => stack.dispose() };
}
