import { z } from 'zod';
import { ClientError, type NodeClient } from './node-client.ts';
import { createProgress } from './progress.ts';

const line = z.union([
  z.object({ progress: z.object({ done: z.number(), total: z.number() }) }),
  z.object({ finding: z.object({ SOPInstanceUID: z.string(), state: z.string() }) }),
  z.object({ error: z.object({ code: z.string(), detail: z.string() }) }),
  z.object({ done: z.literal(true), summary: z.record(z.string(), z.number()) }),
]);

interface Result {
  summary: Record<string, number>;
  findings: { SOPInstanceUID: string; state: string }[];
}

/** Follows a maintenance route's stream to its end, showing progress. An interrupted stream is an error, never half a result. */
export async function runMaintenance(
  node: NodeClient,
  path: string,
  body: unknown,
  label: string,
  json: boolean,
): Promise<Result> {
  const progress = createProgress(label, 'instances', json);
  const findings: Result['findings'] = [];
  try {
    for await (const item of node.lines(line, path, body)) {
      if ('progress' in item) progress.update(item.progress.done, item.progress.total);
      else if ('finding' in item) findings.push(item.finding);
      else if ('error' in item)
        throw new ClientError(500, item.error.code, item.error.detail, 'See the log of the node.');
      else return { summary: item.summary, findings };
    }
  } finally {
    progress.stop();
  }
  throw new ClientError(
    500,
    'UNAVAILABLE',
    'The node stopped before the end',
    'Start it again and repeat the command.',
  );
}
