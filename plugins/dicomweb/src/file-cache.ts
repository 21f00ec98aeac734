import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Entry {
  sizeBytes: number;
}

/**
 * Files by key on disk, least recently used first out. A cache and nothing more: what cannot be read is a miss, what cannot be written is not kept.
 * Keys are hex names that may hold one slash: `<group>/<name>`.
 */
export class FileCache {
  readonly #directory: string;
  readonly #limitBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #usedBytes = 0;
  #loaded: Promise<void> | undefined;

  constructor(directory: string, limitBytes: number) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
  }

  async get(key: string): Promise<Buffer | undefined> {
    await this.#load();
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    try {
      const bytes = await readFile(join(this.#directory, key));
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return bytes;
    } catch {
      this.#forget(key);
      return undefined;
    }
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** False when it could not be kept. */
  async put(key: string, bytes: Uint8Array): Promise<boolean> {
    await this.#load();
    if (bytes.byteLength > this.#limitBytes) return false;
    const path = join(this.#directory, key);
    const partial = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(partial, bytes);
      await rename(partial, path);
    } catch {
      await rm(partial, { force: true });
      return false;
    }
    this.#forget(key);
    this.#entries.set(key, { sizeBytes: bytes.byteLength });
    this.#usedBytes += bytes.byteLength;
    await this.#shrink();
    return true;
  }

  /** Drops every entry of a group but one. */
  async keepOnly(group: string, key: string): Promise<void> {
    const names = await readdir(join(this.#directory, group)).catch(() => []);
    for (const other of names.map((name) => `${group}/${name}`)) {
      if (other !== key && this.#entries.has(other)) await this.#remove(other);
    }
  }

  async #shrink(): Promise<void> {
    for (const key of this.#entries.keys()) {
      if (this.#usedBytes <= this.#limitBytes) return;
      await this.#remove(key);
    }
  }

  async #remove(key: string): Promise<void> {
    this.#forget(key);
    await rm(join(this.#directory, key), { force: true });
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#usedBytes -= entry.sizeBytes;
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#scan();
    return this.#loaded;
  }

  async #scan(): Promise<void> {
    const found: { key: string; sizeBytes: number; modifiedMs: number }[] = [];
    await mkdir(this.#directory, { recursive: true });
    for (const file of await readdir(this.#directory, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const path = join(file.parentPath, file.name);
      if (file.name.endsWith('.part')) {
        await rm(path, { force: true });
        continue;
      }
      const { size, mtimeMs } = await stat(path);
      found.push({ key: path.slice(this.#directory.length + 1), sizeBytes: size, modifiedMs: mtimeMs });
    }
    found.sort((a, b) => a.modifiedMs - b.modifiedMs);
    for (const { key, sizeBytes } of found) {
      if (this.#entries.has(key)) continue;
      this.#entries.set(key, { sizeBytes });
      this.#usedBytes += sizeBytes;
    }
    await this.#shrink();
  }
}
