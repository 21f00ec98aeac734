import { request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { bool, list, localized, oneOf, record, str, strings } from './decode.ts';

export interface UserAccount {
  name: string;
  displayName: string;
  roles: string[];
  /** May not sign in. */
  disabled: boolean;
  createdAt: string;
  kind: 'user' | 'service';
  source: 'local' | 'oidc';
  secondFactor: boolean;
  mustChangePassword: boolean;
  /** Undefined: sees everything. */
  limits: RowLimits | undefined;
}

/** Rows an account sees: what any of the lists names. */
export interface RowLimits {
  departments: string[];
  wards: string[];
  patientIds: string[];
  studyInstanceUids: string[];
}

export interface Role {
  id: string;
  title: LocalizedText;
  permissions: string[];
  /** Set here; no longer as it comes. */
  set: boolean;
  /** Not given out any more. */
  retired: boolean;
}

export async function listRoles(signal?: AbortSignal): Promise<Role[]> {
  return list(await request('/api/roles', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      title: localized(item['title']),
      permissions: strings(item['permissions']),
      set: bool(item['set']),
      retired: bool(item['retired']),
    };
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
      kind: oneOf(item['kind'], ['user', 'service']),
      source: oneOf(item['source'], ['local', 'oidc']),
      secondFactor: bool(item['secondFactor']),
      mustChangePassword: bool(item['mustChangePassword']),
      limits: readLimits(item['limits']),
    };
  });
}

function readLimits(value: unknown): RowLimits | undefined {
  if (value === null || value === undefined) return undefined;
  const item = record(value);
  return {
    departments: strings(item['departments']),
    wards: strings(item['wards']),
    patientIds: strings(item['patientIds']),
    studyInstanceUids: strings(item['studyInstanceUids']),
  };
}

export async function createUser(user: {
  name: string;
  displayName: string;
  roles: string[];
  password?: string;
  kind: 'user' | 'service';
  limits: RowLimits | null;
  mustChangePassword?: boolean;
}): Promise<void> {
  await request('/api/users', { method: 'POST', body: user });
}

export async function updateUser(
  name: string,
  user: { displayName: string; roles: string[]; disabled: boolean; limits: RowLimits | null },
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
    // What somebody else chose is good for setting another alone.
    body: { password, ...(current === undefined ? { mustChange: true } : { currentPassword: current }) },
  });
}
