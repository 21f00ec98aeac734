import { ApiError, request } from './client.ts';
import { bool, record, str, strings } from './decode.ts';

export interface SessionUser {
  name: string;
  displayName: string;
  roles: string[];
  permissions: string[];
  /** There is more than is shown: what is not found may be there. */
  limited: boolean;
  /** Nothing else may be done before there is a new password. */
  mustChangePassword: boolean;
}

function readUser(value: unknown): SessionUser {
  const item = record(record(value)['user']);
  return {
    name: str(item['name']),
    displayName: str(item['displayName']) || str(item['name']),
    roles: strings(item['roles']),
    permissions: strings(item['permissions']),
    limited: bool(item['limited']),
    mustChangePassword: bool(item['mustChangePassword']),
  };
}

/** BAD_CREDENTIALS, SECOND_FACTOR_NEEDED (the password was right), TOO_MANY_REQUESTS (with retryAfterSeconds), NETWORK. */
export async function signIn(user: string, password: string, code?: string): Promise<SessionUser> {
  return readUser(
    await request('/api/sessions', {
      method: 'POST',
      body: { user, password, ...(code ? { code } : {}) },
      expectUnauthenticated: true,
    }),
  );
}

/** Undefined when nobody is signed in. */
export async function currentSession(): Promise<SessionUser | undefined> {
  try {
    return readUser(await request('/api/sessions/current', { expectUnauthenticated: true }));
  } catch (error) {
    if (ApiError.from(error).status === 401) return undefined;
    throw error;
  }
}

/** Where to go to sign out at the identity provider too; undefined when there is nothing more to do. */
export async function signOut(): Promise<string | undefined> {
  try {
    const answer = await request('/api/sessions/current', { method: 'DELETE', expectUnauthenticated: true });
    return str(record(answer)['signOutUrl']) || undefined;
  } catch (error) {
    // A session that is over already is what was wanted.
    if (ApiError.from(error).status !== 401) throw error;
    return undefined;
  }
}
