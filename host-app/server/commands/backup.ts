import type { Command } from 'commander';
import { z } from 'zod';
import { type AddCommand, printRows, withNode } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { ClientError, type NodeClient } from '../node-client.ts';
import { createProgress } from '../progress.ts';

const overview = z.object({
  lagSeconds: z.number().optional(),
  lastCopyAt: z.string(),
  next: z.object({ set: z.string(), label: z.string().optional() }).optional(),
  disks: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      set: z.string(),
      state: z.string(),
      freeBytes: z.number(),
      studies: z.number(),
      objects: z.number(),
      damaged: z.number(),
      seenAt: z.string(),
    }),
  ),
});
const found = z.object({
  items: z.array(
    z.object({
      StudyInstanceUID: z.string(),
      StudyDate: z.string(),
      instances: z.number(),
      disks: z.array(z.object({ label: z.string(), state: z.string(), instances: z.number() })),
    }),
  ),
});
const job = z.object({
  id: z.string(),
  state: z.string(),
  progress: z.object({ done: z.number(), total: z.number() }),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
});
const GIB = 2 ** 30;
const LOOK_EVERY_MS = 500;

export const backupCommand: AddCommand = (program, finish) => {
  const backup = program
    .command('backup')
    .description('backup disks: which there are, what lies on which, whether it is whole');
  backup
    .command('disks')
    .description('every disk with its state and room; exit code 3 when one holds damaged files')
    .action((_options, command: Command) =>
      withNode(command, async (node, json) => {
        const { disks, lastCopyAt, next } = await node.json(overview, 'GET', '/api/backup/overview');
        const rows = disks.map(({ freeBytes, ...disk }) => ({ ...disk, 'free GiB': (freeBytes / GIB).toFixed(1) }));
        printRows(json, rows, ['label', 'set', 'state', 'free GiB', 'studies', 'objects', 'damaged', 'seenAt']);
        if (!json) {
          console.log(`Last copy: ${lastCopyAt || 'none'}`);
          if (next) console.log(`Put in next: ${next.label ?? `a new disk of set ${next.set}`}`);
        }
        if (disks.some(({ damaged }) => damaged > 0)) finish(EXIT.findings);
      }),
    );
  backup
    .command('find <text>')
    .description('which disks hold the studies of a name, patient ID, accession number or Study Instance UID')
    .action((text: string, _options, command: Command) =>
      withNode(command, async (node, json) => {
        const { items } = await node.json(found, 'GET', `/api/backup/studies?${new URLSearchParams({ text })}`);
        const rows = items.map(({ disks, ...study }) => ({
          ...study,
          disks: disks.map((each) => `${each.label} (${each.state}, ${each.instances})`).join(' '),
        }));
        printRows(json, rows, ['StudyInstanceUID', 'StudyDate', 'instances', 'disks']);
        if (items.length === 0) finish(EXIT.findings);
      }),
    );
  backup
    .command('verify <label>')
    .description('read everything on an attached disk again and compare it; exit code 3 when something is damaged')
    .action((label: string, _options, command: Command) =>
      withNode(command, async (node, json) => {
        const { disks } = await node.json(overview, 'GET', '/api/backup/overview');
        const disk = disks.find((each) => each.label === label);
        if (!disk)
          throw new ClientError(
            404,
            'NOT_FOUND',
            `No backup disk has the label ${label}`,
            'See filmless backup disks.',
          );
        const result = await check(node, disk.id, json);
        const after = await node.json(overview, 'GET', '/api/backup/overview');
        const damaged = after.disks.find(({ id }) => id === disk.id)?.damaged ?? 0;
        if (result.state !== 'done' && damaged === 0) {
          throw new ClientError(
            500,
            result.error?.code ?? 'INTERNAL',
            result.error?.detail ?? 'The check failed',
            'Repeat it.',
          );
        }
        console.log(
          json
            ? JSON.stringify({ label, objects: disk.objects, damaged })
            : `${disk.objects} files, ${damaged} damaged`,
        );
        if (damaged > 0) finish(EXIT.findings);
      }),
    );
};

/** Starts the check and follows it to its end. */
async function check(node: NodeClient, id: string, json: boolean): Promise<z.infer<typeof job>> {
  const started = await node.json(z.object({ id: z.string() }), 'POST', `/api/backup/disks/${id}/check`, {});
  const progress = createProgress('Checking', 'files', json);
  try {
    for (;;) {
      const current = await node.json(job, 'GET', `/api/jobs/${started.id}`);
      if (!['waiting', 'running'].includes(current.state)) return current;
      progress.update(current.progress.done, current.progress.total);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    progress.stop();
  }
}
