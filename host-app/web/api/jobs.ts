import { request } from './client.ts';
import { list, num, oneOf, record, str } from './decode.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  done: number;
  total: number;
  attempts: number;
  maxAttempts: number;
  error: { code: string; detail: string } | undefined;
  createdAt: string;
  finishedAt: string;
  createdBy: string;
}

export async function listJobs(signal?: AbortSignal): Promise<Job[]> {
  return list(await request('/api/jobs', signal ? { signal } : {}), (value) => {
    const item = record(value);
    const progress = record(item['progress']);
    const error = record(item['error']);
    return {
      id: str(item['id']),
      kind: str(item['kind']),
      title: str(item['title']),
      state: oneOf(item['state'], ['failed', 'waiting', 'running', 'done', 'cancelled']),
      done: num(progress['done']),
      total: num(progress['total']),
      attempts: num(item['attempts']),
      maxAttempts: num(item['maxAttempts']),
      error: item['error'] ? { code: str(error['code']), detail: str(error['detail']) } : undefined,
      createdAt: str(item['createdAt']),
      finishedAt: str(item['finishedAt']),
      createdBy: str(item['createdBy']),
    };
  });
}

export async function cancelJob(id: string): Promise<void> {
  await request(`/api/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
}

export async function retryJob(id: string): Promise<void> {
  await request(`/api/jobs/${encodeURIComponent(id)}/retry`, { method: 'POST' });
}
