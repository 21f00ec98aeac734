import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Smaller ones are quicker begun again than kept twice on the disk. */
export const WORTH_KEEPING_BYTES = 8 * 1024 * 1024;
const OLD_MS = 7 * 24 * 3600_000;

/** What has come of large blobs whose transfer was broken off, so that it goes on there: also after this node was killed. */
export class PartialFiles {
  readonly #directory: string;
  readonly #inUse = new Set<string>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes what nobody has gone on with for a week. */
  static async open(directory: string, now = Date.now()): Promise<PartialFiles> {
    await mkdir(directory, { recursive: true, mode: 0o750 });
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (now - (await stat(path)).mtimeMs > OLD_MS) await rm(path, { force: true });
    }
    return new PartialFiles(directory);
  }

  /** Undefined while another transfer of the same blob goes on. `end` must be called. */
  async begin(sha256: string, sizeBytes: number): Promise<PartialFile | undefined> {
    if (this.#inUse.has(sha256)) return undefined;
    this.#inUse.add(sha256);
    const path = join(this.#directory, `${sha256}.part`);
    let keptBytes = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (keptBytes >= sizeBytes) {
      // Whole, and yet it was not taken: something is wrong with it.
      await rm(path, { force: true });
      keptBytes = 0;
    }
    return new PartialFile(path, keptBytes, () => this.#inUse.delete(sha256));
  }
}

/** One of them, while a transfer goes on with it. */
export class PartialFile {
  /** So much came before. */
  readonly keptBytes: number;
  readonly #path: string;
  #release: (() => void) | undefined;

  constructor(path: string, keptBytes: number, release: () => void) {
    this.#path = path;
    this.keptBytes = keptBytes;
    this.#release = release;
  }

  /** What was kept, then the rest, which is kept while it comes. Whole, it is no partial file any more, whatever its hash turns out to be. */
  async *join(rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let file: FileHandle | undefined = await open(this.#path, 'a', 0o640).catch(() => undefined);
    try {
      if (this.keptBytes > 0) {
        yield* createReadStream(this.#path, { end: this.keptBytes - 1 }) as AsyncIterable<Uint8Array>;
      }
      for await (const chunk of rest) {
        try {
          await file?.appendFile(chunk);
        } catch {
          // With a gap in it, it is worth nothing.
          await file?.close();
          file = undefined;
          await rm(this.#path, { force: true });
        }
        yield chunk;
      }
      await rm(this.#path, { force: true });
    } finally {
      await file?.close();
      this.end();
    }
  }

  end(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
