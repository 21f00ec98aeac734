import { request } from './client.ts';
import { list, record, str, strings } from './decode.ts';

export interface UserAccount {
  name: string;
  displayName: string;
  roles: string[];
  createdAt: string;
}

/** Roles a node knows from the start; others come with accounts that already have them. */
export const KNOWN_ROLES = ['admin', 'radiologist', 'technician', 'physician', 'service'] as const;

export async function listUsers(signal?: AbortSignal): Promise<UserAccount[]> {
  return list(await request('/api/users', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      name: str(item['name']),
      displayName: str(item['displayName']),
      roles: strings(item['roles']),
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

export async function updateUser(name: string, user: { displayName: string; roles: string[] }): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}`, { method: 'PUT', body: user });
}

export async function deleteUser(name: string): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}`, { method: 'DELETE' });
}

/** `current` is asked for one's own password. BAD_CREDENTIALS when it is wrong. */
export async function setPassword(name: string, password: string, current?: string): Promise<void> {
  await request(`/api/users/${encodeURIComponent(name)}/password`, {
    method: 'PUT',
    body: { password, ...(current === undefined ? {} : { currentPassword: current }) },
    expectUnauthenticated: true,
  });
}
