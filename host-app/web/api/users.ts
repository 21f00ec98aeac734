import { request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { bool, list, localized, record, str, strings } from './decode.ts';

export interface UserAccount {
  name: string;
  displayName: string;
  roles: string[];
  /** May not sign in. */
  disabled: boolean;
  createdAt: string;
}

export interface Role {
  id: string;
  title: LocalizedText;
}

export async function listRoles(signal?: AbortSignal): Promise<Role[]> {
  return list(await request('/api/roles', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return { id: str(item['id']), title: localized(item['title']) };
  });
}

export async function listUsers(signal?: AbortSignal): Promise<UserAccount[]> {
  return list(await request('/api/users', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      name: str(item['name']),
      displayName: str(item['displayName']),
      roles: strings(item['roles']),
      disabled: bool(item['disabled']),
      createdAt: str(item['createdAt']),
    };
  });
}

export async function createUser(user: {
  name: string;
  displayName: string;
  roles: string[];
  password: string;
}): Promise<void> {
  await request('/api/users', { method: 'POST', body: user });
}

export async function updateUser(
  name: string,
  user: { displayName: string; roles: string[]; disabled: boolean },
): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}`, { method: 'PUT', body: user });
}

export async function deleteUser(name: string): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}`, { method: 'DELETE' });
}

/** `current` is asked for one's own password; FORBIDDEN when it is wrong. Ends all sessions of the account. */
export async function setPassword(name: string, password: string, current?: string): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}/password`, {
    method: 'PUT',
    body: { password, ...(current === undefined ? {} : { currentPassword: current }) },
  });
}
