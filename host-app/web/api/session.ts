import { ApiError, request } from './client.ts';
import { record, str, strings } from './decode.ts';

export interface SessionUser {
  name: string;
  displayName: string;
  roles: string[];
  permissions: string[];
}

function readUser(value: unknown): SessionUser {
  const item = record(record(value)['user']);
  return {
    name: str(item['name']),
    displayName: str(item['displayName']) || str(item['name']),
    roles: strings(item['roles']),
    permissions: strings(item['permissions']),
  };
}

/** BAD_CREDENTIALS, TOO_MANY_REQUESTS (with retryAfterSeconds), NETWORK. */
export async function signIn(user: string, password: string): Promise<SessionUser> {
  return readUser(
    await request('/api/sessions', { method: 'POST', body: { user, password }, expectUnauthenticated: true }),
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

export async function signOut(): Promise<void> {
  try {
    await request('/api/sessions/current', { method: 'DELETE', expectUnauthenticated: true });
  } catch (error) {
    // A session that is over already is what was wanted.
    if (ApiError.from(error).status !== 401) throw error;
  }
}
