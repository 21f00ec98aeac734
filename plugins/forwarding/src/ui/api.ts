export interface Attribute {
  attribute: string;
  value?: string;
  from?: number;
  to?: number;
}
export interface Rule {
  id: string;
  title: string;
  enabled: boolean;
  paused: boolean;
  when: { modalities?: string[]; sources?: string[]; departments?: string[]; attributes?: Attribute[] };
  destination: string;
  priority: 'high' | 'normal' | 'low';
  form: 'stored' | 'uncompressed';
}
export type SavedRule = Rule & { undelivered: number };

export interface Destination {
  key: string;
  sender: string;
  name: string;
  title: string;
  isGone: boolean;
  isUsed: boolean;
  connections: number;
  waiting: number;
  refused: number;
  oldestAt: string | null;
  state: {
    connections: number;
    problem?: { code: string; detail: string; since: string; retryAt: string };
    lastDeliveredAt?: string;
  } | null;
}

export interface Server {
  name: string;
  title: string;
  url: string;
  authorization: { kind: 'none' } | { kind: 'basic'; user: string } | { kind: 'bearer' };
  sources: string[];
  hasSecret: boolean;
}

interface Person {
  PatientName?: string;
  PatientID?: string;
  StudyDate?: string;
  StudyDescription?: string;
  modalities?: string[];
}
export interface Study extends Person {
  destination: string;
  StudyInstanceUID: string;
  newestAt: string;
  changedAt: string;
  expected: number;
  delivered: number;
  refused: number;
  reasons: { state: string; code: string; detail: string; instances: number; notBefore: number }[];
}
export type Filter = 'all' | 'open' | 'refused' | 'complete';
export interface DryRun {
  looked: number;
  matched: number;
  studies: number;
  items: (Person & { StudyInstanceUID: string; instances: number })[];
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/forwarding${path}`, {
    method,
    credentials: 'same-origin',
    headers: { 'X-Filmless-CSRF': '1', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as { detail?: unknown; title?: unknown; code?: unknown };
  if (!response.ok) {
    const code = answer.code === undefined ? '' : ` (${String(answer.code)})`;
    throw new Error(`${String(answer.detail ?? answer.title ?? response.status)}${code}`);
  }
  return answer as T;
}

const part = encodeURIComponent;

export const getRules = async (): Promise<SavedRule[]> => (await ask<{ items: SavedRule[] }>('GET', '/rules')).items;
export const saveRules = (items: Rule[]): Promise<unknown> =>
  ask('PUT', '/rules', {
    items: items.map(({ id, title, enabled, paused, when, destination, priority, form }) => ({
      ...{ id, title, enabled, paused, when, destination, priority, form },
    })),
  });
export const dryRun = (rule: Rule): Promise<DryRun> => ask('POST', '/dry-run', { rule });
export const getDestinations = async (): Promise<Destination[]> =>
  (await ask<{ items: Destination[] }>('GET', '/destinations')).items;
export const setConnections = (key: string, connections: number): Promise<unknown> =>
  ask('PUT', `/destinations/${part(key)}`, { connections });
export const verify = (key: string): Promise<{ ok: boolean; ms: number; detail: string }> =>
  ask('POST', `/destinations/${part(key)}/verify`, {});
export const retry = (destination: string, study?: string): Promise<unknown> =>
  ask('POST', '/retry', { destination, ...(study && { study }) });
export const getServers = async (): Promise<Server[]> => (await ask<{ items: Server[] }>('GET', '/stow')).items;
export const putServer = (name: string, settings: object): Promise<unknown> =>
  ask('PUT', `/stow/${part(name)}`, settings);
export const removeServer = (name: string): Promise<unknown> => ask('DELETE', `/stow/${part(name)}`);
export const getStudies = (
  filter: Filter,
  destination: string,
  offset: number,
): Promise<{ total: number; items: Study[] }> =>
  ask(
    'GET',
    `/studies?filter=${filter}&limit=50&offset=${offset}${destination ? `&destination=${part(destination)}` : ''}`,
  );
export const sendStudy = (study: string, destination: string): Promise<unknown> =>
  ask('POST', `/studies/${part(study)}/send`, { destination });
