import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FilmlessError, type QuarantineEntry, type StagedFile } from '@filmless/core/plugin';
import { z } from 'zod';
import type { ObjectStore } from './object-store.ts';

const FOLDER = 'quarantine/';
const ID_PATTERN = /^\d{15}-[0-9a-f-]{36}$/;

const entrySchema = z.object({
  id: z.string(),
  code: z.string(),
  reason: z.string(),
  sizeBytes: z.number(),
  receivedAt: z.string(),
  via: z.string(),
  source: z.string(),
  fileName: z.string().exactOptional(),
});

/** What could not be read, with its reason: `quarantine/<id>.bin` beside `<id>.json`. The reason is written first. */
export class S3Quarantine {
  readonly #store: ObjectStore;
  #latestMs = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async add(staged: StagedFile, details: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry> {
    const entry: QuarantineEntry = { ...details, id: this.#newId(), sizeBytes: staged.sizeBytes };
    await this.#store.putText(json(entry.id), JSON.stringify(entry));
    await this.#store.putFile(bin(entry.id), staged);
    await rm(staged.path, { force: true });
    return entry;
  }

  /** Oldest first. */
  async list(): Promise<QuarantineEntry[]> {
    const entries: QuarantineEntry[] = [];
    for await (const { key, sizeBytes, storedAtMs } of this.#store.list(FOLDER)) {
      const id = key.slice(FOLDER.length, -'.bin'.length);
      if (key !== bin(id) || !ID_PATTERN.test(id)) continue;
      entries.push((await this.#read(id)) ?? lost(id, sizeBytes, storedAtMs));
    }
    return entries;
  }

  async stream(id: string): Promise<Readable> {
    const stream = ID_PATTERN.test(id) ? await this.#store.get(bin(id)) : undefined;
    if (!stream) throw absent();
    return stream;
  }

  async remove(id: string): Promise<void> {
    if (!ID_PATTERN.test(id) || !(await this.#store.head(bin(id)))) throw absent();
    await this.#store.delete(bin(id));
    await this.#store.delete(json(id));
  }

  async #read(id: string): Promise<QuarantineEntry | undefined> {
    const stream = await this.#store.get(json(id));
    if (!stream) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    try {
      return entrySchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    } catch {
      return undefined;
    }
  }

  /** Sorts by time, also within a millisecond. */
  #newId(): string {
    this.#latestMs = Math.max(Date.now(), this.#latestMs + 1);
    return `${String(this.#latestMs).padStart(15, '0')}-${randomUUID()}`;
  }
}

/** The note of the reason is gone or damaged: the object itself still has to be seen by somebody. */
function lost(id: string, sizeBytes: number, storedAtMs = 0): QuarantineEntry {
  const receivedAt = new Date(storedAtMs).toISOString();
  const reason = 'The note of the reason is damaged';
  return { id, sizeBytes, receivedAt, code: 'INTERNAL', reason, via: 'unknown', source: 'unknown' };
}

function absent(): FilmlessError {
  return new FilmlessError('NOT_FOUND', 'No such entry in quarantine');
}

function bin(id: string): string {
  return `${FOLDER}${id}.bin`;
}

function json(id: string): string {
  return `${FOLDER}${id}.json`;
}
