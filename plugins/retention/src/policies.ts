import type { DocumentStore } from '@filmless/core/plugin';
import { z } from 'zod';
import { DEFAULT_POLICY, type Policy, policySchema } from './policy.ts';
import type { RunSummary } from './run.ts';

export const policiesSchema = z
  .array(policySchema)
  .max(500)
  .refine((items) => new Set(items.map(({ department }) => department)).size === items.length, {
    message: 'a department has one policy',
  });

const POLICIES = 'policies';
const LAST_RUN = 'last-run';

const runSchema = z.object({
  startedAt: z.string(),
  finishedAt: z.string(),
  studies: z.number(),
  compressed: z.number(),
  tiered: z.number(),
  freedBytes: z.number(),
  marked: z.number(),
  removed: z.number(),
  waiting: z.number(),
  failed: z.number(),
  damaged: z.number(),
});

/** What the departments want, as it was saved last. */
export class Policies {
  readonly #documents: DocumentStore;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  async list(): Promise<Policy[]> {
    const saved = await this.#documents.get<{ items: unknown }>(POLICIES);
    return saved ? policiesSchema.parse(saved.items) : [DEFAULT_POLICY];
  }

  async save(items: readonly Policy[]): Promise<void> {
    await this.#put(POLICIES, { items });
  }

  async lastRun(): Promise<RunSummary | undefined> {
    return runSchema.optional().parse(await this.#documents.get(LAST_RUN));
  }

  async saveRun(summary: RunSummary): Promise<void> {
    await this.#put(LAST_RUN, summary);
  }

  async #put(id: string, document: object): Promise<void> {
    const before = await this.#documents.get(id);
    await this.#documents.put(id, document, before?.rev);
  }
}
