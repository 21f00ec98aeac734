import { until } from '@filmless/core/testing';
import type { NodeProcess } from './node-process.ts';

interface Job {
  id: string;
  state: string;
  error?: { code: string; detail: string };
}

/** POSTs what makes a job, and waits until that is done. Throws when it failed, or an attempt of it did. */
export async function runJob(node: Pick<NodeProcess, 'fetch'>, path: string, body: object): Promise<void> {
  const asked = await node.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (asked.status !== 202) throw new Error(`${path} answered ${asked.status}: ${await asked.text()}`);
  const { id } = (await asked.json()) as Job;
  await until(async () => {
    const job = (await (await node.fetch(`/api/jobs/${id}`)).json()) as Job;
    if (job.error) throw new Error(`${path}: ${job.error.code} ${job.error.detail}`);
    return job.state === 'done';
  }, 60_000);
}
