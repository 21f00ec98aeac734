export type Role = 'department' | 'centre' | 'gateway';

export interface BoardNode {
  name: string;
  role: Role;
  address: string;
  isReachable: boolean | null;
  studies: number;
  complete: number;
  missing: number;
  lagSeconds: number;
}

export interface BoardStudy {
  node: string;
  study: string;
  there: number;
  here: number;
  missing: number;
  lagSeconds: number;
  state: 'complete' | 'coming' | 'late' | 'differs' | 'remote';
  PatientName: string;
  PatientID: string;
  StudyDate: string;
  StudyDescription: string;
  modalities: string[];
}

export interface Board {
  own: { name: string; role: Role | null; address: string };
  nodes: BoardNode[];
  total: number;
  studies: BoardStudy[];
}

/** What the node answered instead. */
export class RequestFailed extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/archive${path}`, {
    method,
    credentials: 'same-origin',
    ...(method !== 'GET' && {
      headers: { 'content-type': 'application/json', 'X-Filmless-CSRF': '1' },
      body: JSON.stringify(body ?? {}),
    }),
  });
  const answer = (await response.json().catch(() => ({}))) as { detail?: unknown; title?: unknown };
  if (!response.ok) throw new RequestFailed(response.status, String(answer.detail ?? answer.title ?? response.status));
  return answer as T;
}

export const getBoard = (): Promise<Board> => ask('GET', '/board');
export const makeCode = async (role: 'department' | 'gateway'): Promise<string> =>
  (await ask<{ code: string }>('POST', '/join-codes', { role })).code;
export const join = (code: string): Promise<{ name: string }> => ask('POST', '/join', { code });
export const removeNode = (name: string): Promise<unknown> => ask('DELETE', `/nodes/${encodeURIComponent(name)}`);
export const repair = (): Promise<unknown> => ask('POST', '/repair');
export const fetchStudy = (study: string): Promise<unknown> =>
  ask('POST', `/studies/${encodeURIComponent(study)}/fetch`);
