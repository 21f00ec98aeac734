import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ulid } from 'ulid';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { QuarantineEntry, StagedFile } from './contract.ts';
import type { DirectorySync } from './directory-sync.ts';
import { moveFile } from './move-file.ts';
import { systemErrorCode } from './storage-error.ts';

const Entry = z.object({
  id: z.string(),
  code: z.string(),
  reason: z.string(),
  sizeBytes: z.number(),
  receivedAt: z.string(),
  via: z.string(),
  source: z.string(),
  fileName: z.string().optional(),
});

const ID_PATTERN = /^[0-9A-HJKMNP-TV-Z]{26}$/;

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** What could not be read, kept with its reason: `<id>.bin` beside `<id>.json`. The reason is written first. */
export class QuarantineFolder {
  readonly #directory: string;
  readonly #directorySync: DirectorySync;

  constructor(directory: string, directorySync: DirectorySync) {
    this.#directory = directory;
    this.#directorySync = directorySync;
  }

  async add(staged: StagedFile, details: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry> {
    const entry: QuarantineEntry = { ...details, id: ulid(), sizeBytes: staged.sizeBytes };
    const staging = await open(staged.path, 'r');
    try {
      await staging.sync();
    } finally {
      await staging.close();
    }
    const handle = await open(this.#json(entry.id), 'wx', 0o640);
    try {
      await handle.writeFile(JSON.stringify(entry));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await moveFile(staged.path, this.#bin(entry.id));
    await this.#directorySync.sync(this.#directory);
    return entry;
  }

  /** Oldest first. */
  async list(): Promise<QuarantineEntry[]> {
    const names = new Set(await readdir(this.#directory));
    const entries: QuarantineEntry[] = [];
    for (const name of [...names].filter((each) => each.endsWith('.json')).sort()) {
      const id = name.slice(0, -'.json'.length);
      if (!names.has(`${id}.bin`)) continue;
      const { fileName, ...entry } = await this.#read(id);
      entries.push(fileName === undefined ? entry : { ...entry, fileName });
    }
    return entries;
  }

  async stream(id: string): Promise<Readable> {
    await this.#assertThere(id);
    return createReadStream(this.#bin(id));
  }

  async remove(id: string): Promise<void> {
    await this.#assertThere(id);
    await rm(this.#bin(id), { force: true });
    await rm(this.#json(id), { force: true });
    await this.#directorySync.sync(this.#directory);
  }

  /** Reasons whose file never arrived: the process died in between, and nothing had been acknowledged. */
  async clean(): Promise<void> {
    const names = new Set(await readdir(this.#directory));
    for (const name of names) {
      if (name.endsWith('.json') && !names.has(`${name.slice(0, -'.json'.length)}.bin`)) {
        await rm(join(this.#directory, name), { force: true });
      }
    }
  }

  async #read(id: string): Promise<z.infer<typeof Entry>> {
    try {
      return Entry.parse(JSON.parse(await readFile(this.#json(id), 'utf8')));
    } catch {
      // The note was damaged: the file itself still has to be seen by somebody.
      const { size, mtime } = await stat(this.#bin(id));
      const lost = { code: 'INTERNAL', reason: 'The note of the reason is damaged', via: 'unknown', source: 'unknown' };
      return { id, sizeBytes: size, receivedAt: mtime.toISOString(), ...lost };
    }
  }

  async #assertThere(id: string): Promise<void> {
    if (!ID_PATTERN.test(id) || !(await exists(this.#bin(id)))) {
      throw new FilmlessError('NOT_FOUND', 'No such entry in quarantine');
    }
  }

  #bin(id: string): string {
    return join(this.#directory, `${id}.bin`);
  }

  #json(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}
