import { request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { bool, list, localized, record, str, strings } from './decode.ts';

export interface Permission {
  id: string;
  title: LocalizedText;
}

export interface ServiceKey {
  id: string;
  title: string;
  permissions: string[];
  /** Addresses signed with its launch secret open the viewer. */
  signsLaunches: boolean;
  createdAt: string;
  createdBy: string;
  lastUsedAt: string;
}

export interface OpenSession {
  id: string;
  userName: string;
  createdAt: string;
  lastUsedAt: string;
  address: string;
  agent: string;
  current: boolean;
}

export interface RestrictedPatient {
  patientId: string;
  users: string[];
  roles: string[];
  setBy: string;
  setAt: string;
}

export interface Emergency {
  id: string;
  userName: string;
  reason: string;
  grantedAt: string;
  expiresAt: string;
}

const of = (signal?: AbortSignal) => (signal ? { signal } : {});
const userPath = (name: string) => `/api/users/${encodeURIComponent(name)}`;

export async function listPermissions(signal?: AbortSignal): Promise<Permission[]> {
  return list(await request('/api/permissions', of(signal)), (value) => {
    const item = record(value);
    return { id: str(item['id']), title: localized(item['title']) };
  });
}

/** `undefined`: the role follows the node and its plugins again. */
export async function setRole(role: string, permissions: readonly string[] | undefined): Promise<void> {
  await request(`/api/roles/${encodeURIComponent(role)}`, {
    method: 'PUT',
    body: { permissions: permissions ?? null },
  });
}

export async function listKeys(account: string, signal?: AbortSignal): Promise<ServiceKey[]> {
  return list(await request(`${userPath(account)}/keys`, of(signal)), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      title: str(item['title']),
      permissions: strings(item['permissions']),
      signsLaunches: bool(item['signsLaunches']),
      createdAt: str(item['createdAt']),
      createdBy: str(item['createdBy']),
      lastUsedAt: str(item['lastUsedAt']),
    };
  });
}

/** The key, and the secret that signs launches, are in this answer and nowhere else. */
export async function createKey(
  account: string,
  title: string,
  signsLaunches: boolean,
): Promise<{ id: string; key: string; launchSecret: string }> {
  const item = record(await request(`${userPath(account)}/keys`, { method: 'POST', body: { title, signsLaunches } }));
  return { id: str(item['id']), key: str(item['key']), launchSecret: str(item['launchSecret']) };
}

export async function revokeKey(account: string, id: string): Promise<void> {
  await request(`${userPath(account)}/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** One's own, or everyone's. */
export async function listSessions(of_: 'own' | 'all', signal?: AbortSignal): Promise<OpenSession[]> {
  const query = of_ === 'all' ? { of: 'all' } : {};
  return list(await request('/api/sessions', { query, ...of(signal) }), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      userName: str(item['userName']),
      createdAt: str(item['createdAt']),
      lastUsedAt: str(item['lastUsedAt']),
      address: str(item['address']),
      agent: str(item['agent']),
      current: bool(item['current']),
    };
  });
}

export async function endSession(id: string): Promise<void> {
  await request(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function listRestricted(signal?: AbortSignal): Promise<RestrictedPatient[]> {
  return list(await request('/api/restricted-patients', of(signal)), (value) => {
    const item = record(value);
    return {
      patientId: str(item['patientId']),
      users: strings(item['users']),
      roles: strings(item['roles']),
      setBy: str(item['setBy']),
      setAt: str(item['setAt']),
    };
  });
}

export async function restrictPatient(
  patientId: string,
  named: { users: readonly string[]; roles: readonly string[] },
): Promise<void> {
  await request(`/api/restricted-patients/${encodeURIComponent(patientId)}`, { method: 'PUT', body: named });
}

export async function releasePatient(patientId: string): Promise<void> {
  await request(`/api/restricted-patients/${encodeURIComponent(patientId)}`, { method: 'DELETE' });
}

export async function listEmergencies(signal?: AbortSignal): Promise<Emergency[]> {
  return list(await request('/api/emergencies', of(signal)), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      userName: str(item['userName']),
      reason: str(item['reason']),
      grantedAt: str(item['grantedAt']),
      expiresAt: str(item['expiresAt']),
    };
  });
}

/** STUDY_NOT_FOUND when there really is none. */
export async function openEmergency(studyInstanceUid: string, reason: string): Promise<void> {
  await request('/api/emergencies', { method: 'POST', body: { studyInstanceUid, reason } });
}

export async function endEmergency(id: string): Promise<void> {
  await request(`/api/emergencies/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function beginSecondFactor(
  user: string,
  currentPassword: string,
): Promise<{ secret: string; uri: string }> {
  const answer = record(
    await request(`${userPath(user)}/second-factor`, { method: 'POST', body: { currentPassword } }),
  );
  return { secret: str(answer['secret']), uri: str(answer['uri']) };
}

/** The recovery codes, this once. */
export async function confirmSecondFactor(user: string, code: string): Promise<string[]> {
  const answer = record(await request(`${userPath(user)}/second-factor`, { method: 'PUT', body: { code } }));
  return strings(answer['recoveryCodes']);
}

/** `code`: for one's own; an administrator needs none for another's. */
export async function removeSecondFactor(user: string, code?: string): Promise<void> {
  await request(`${userPath(user)}/second-factor`, {
    method: 'DELETE',
    ...(code === undefined ? {} : { headers: { 'X-Filmless-Code': code } }),
  });
}

/** Where to sign in with the hospital's identity provider; undefined without one. */
export async function identityProvider(): Promise<{ title: string; start: string } | undefined> {
  const oidc = record(record(await request('/api/sign-in', { expectUnauthenticated: true }))['oidc']);
  return str(oidc['start']) === '' ? undefined : { title: str(oidc['title']), start: str(oidc['start']) };
}
