import { join } from 'node:path';
import { type DocumentStore, FilmlessError, type JobRunner, type PluginContext } from '@filmless/core/plugin';
import { z } from 'zod';
import type { AttachedDisks } from '../disks/attached-disks.ts';
import { DiskReader } from '../format/index.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type RestoreLine, restore } from './restore.ts';
import { type RestoreWhat, whatSchema } from './what.ts';

export const RESTORE_JOB = 'backup.restore';
const LAST = 'restore:last';
/** Named on the screen; the command line names all. */
const SHOWN = 200;

const missingSchema = z.object({
  StudyInstanceUID: z.string(),
  SOPInstanceUID: z.string(),
  disks: z.array(z.string()),
});
const resultSchema = z.object({
  what: whatSchema,
  finishedAt: z.string(),
  summary: z.object({
    restored: z.number(),
    present: z.number(),
    missing: z.number(),
    damaged: z.number(),
    documents: z.number(),
  }),
  missing: z.array(missingSchema),
  damaged: z.array(z.object({ disk: z.string(), file: z.string() })),
  /** Labels of encrypted disks that no key opened. */
  locked: z.array(z.string()).default([]),
});
export type RestoreResult = z.infer<typeof resultSchema>;

type Parts = Pick<
  PluginContext,
  'storage' | 'catalogue' | 'query' | 'ingest' | 'nodeCopy' | 'cacheDirectory' | 'documents'
> & { ledger: Ledger; disks: AttachedDisks };

/** Restores, one at a time, and what the last one said. */
export class Restores {
  readonly #parts: Parts;
  readonly #documents: DocumentStore;
  #running = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#documents = parts.documents;
  }

  async *run(disks: readonly DiskReader[], what: RestoreWhat, signal: AbortSignal): AsyncGenerator<RestoreLine> {
    this.#running += 1;
    const workFile = join(this.#parts.cacheDirectory, `restore-${this.#running}.sqlite`);
    const result: Pick<RestoreResult, 'missing' | 'damaged' | 'locked'> = { missing: [], damaged: [], locked: [] };
    for await (const line of restore({ ...this.#parts, disks, workFile, signal }, what)) {
      if ('missing' in line && result.missing.length < SHOWN) {
        const { StudyInstanceUID, SOPInstanceUID, disks: labels } = line.missing;
        result.missing.push({ StudyInstanceUID, SOPInstanceUID, disks: labels });
      } else if ('damaged' in line && result.damaged.length < SHOWN) result.damaged.push(line.damaged);
      else if ('locked' in line) result.locked.push(line.locked.disk);
      else if ('done' in line)
        await this.#save({ ...result, what, summary: line.summary, finishedAt: new Date().toISOString() });
      yield line;
    }
  }

  async last(): Promise<RestoreResult | undefined> {
    return resultSchema.optional().parse(await this.#documents.get(LAST));
  }

  runner(): JobRunner {
    return {
      maxAttempts: 1,
      run: async ({ job, signal, progress }) => {
        const { what } = z.object({ what: whatSchema }).parse(job.payload);
        const readable = this.#parts.disks.all().filter(({ entry }) => entry.recipient === '');
        if (readable.length === 0)
          throw new FilmlessError('UNAVAILABLE', 'no backup disk is attached that can be read without a key');
        const disks = await Promise.all(readable.map(({ root }) => DiskReader.open(root)));
        for await (const line of this.run(disks, what, signal))
          if ('progress' in line) progress(line.progress.done, line.progress.total);
      },
    };
  }

  async #save(result: RestoreResult): Promise<void> {
    const before = await this.#documents.get(LAST);
    await this.#documents.put(LAST, result, before?.rev);
  }
}
