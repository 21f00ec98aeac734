export interface QueueEntry {
  id: number;
  connection?: string;
  receiver?: string;
  controlId?: string;
  type: string;
  patients?: string[];
  patient?: string;
  receivedAt?: string;
  createdAt?: string;
  state: string;
  attempts: number;
  error: string | null;
  location?: string | null;
}

export interface QueuePage {
  total: number;
  counts: Record<string, number>;
  items: QueueEntry[];
}

export type QueueMessage = QueueEntry & { message: string; corrected?: boolean; appliedSince?: number };

export interface DryRunResult {
  type: string;
  segments: { name: string; fields: { number: number; text: string }[] }[];
  steps: { action: Record<string, unknown> & { do: string }; known: boolean }[];
  problems: { level: 'error' | 'remark'; answer?: string; location: string; text: string }[];
}

export type Box = 'inbox' | 'outbox';

/** What the node answered instead. */
export class RequestFailed extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/his${path}`, {
    credentials: 'same-origin',
    ...(body
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'X-Filmless-CSRF': '1' },
          body: JSON.stringify(body),
        }
      : {}),
  });
  const answer = (await response.json().catch(() => ({}))) as { detail?: unknown; title?: unknown };
  if (!response.ok) throw new RequestFailed(response.status, String(answer.detail ?? answer.title ?? response.status));
  return answer as T;
}

export const listQueue = (box: Box, state: string): Promise<QueuePage> => ask(`/${box}?state=${state}&limit=200`);
export const getMessage = (box: Box, id: number): Promise<QueueMessage> => ask(`/${box}/${id}`);
export const replay = (box: Box, id: number, message?: string): Promise<QueueEntry> =>
  ask(`/${box}/${id}/replay`, message === undefined ? {} : { message });
export const dismiss = (box: Box, id: number): Promise<QueueEntry> => ask(`/${box}/${id}/dismiss`, {});
export const listConnections = async (): Promise<string[]> => (await ask<{ items: string[] }>('/connections')).items;
export const dryRun = (message: string, connection: string): Promise<DryRunResult> =>
  ask('/dry-run', { message, connection });
