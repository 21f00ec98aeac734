import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { Readable } from 'node:stream';
import { FilmlessError } from '@filmless/core/plugin';
import { type CatalogueEntry, decodeEntry } from './catalogue-entry.ts';
import { decrypted, isWrongKey } from './cipher.ts';
import { decodeManifestLine, type ManifestLine } from './manifest.ts';
import { type Marker, readMarker } from './marker.ts';
import { ENCRYPTED, isDayFile, LAYOUT } from './paths.ts';

/** Something that does not read as it was written. `line` counts from 1; 0 is the whole file. */
export interface Damage {
  damaged: { file: string; line: number };
}

/** Reads a disk, by what lies on it alone: no node and no ledger is needed. */
export class DiskReader {
  readonly root: string;
  readonly marker: Marker;
  readonly #identities: readonly string[];

  private constructor(root: string, marker: Marker, identities: readonly string[]) {
    this.root = root;
    this.marker = marker;
    this.#identities = identities;
  }

  /** `identities`: secret keys for encrypted disks. NOT_FOUND when the folder is no backup disk. */
  static async open(root: string, identities: readonly string[] = []): Promise<DiskReader> {
    const marker = await readMarker(root);
    if (marker === undefined) throw new FilmlessError('NOT_FOUND', `${root} has no ${LAYOUT.marker}: no backup disk`);
    if (marker === 'damaged') throw new FilmlessError('NOT_FOUND', `${LAYOUT.marker} in ${root} cannot be read`);
    return new DiskReader(root, marker, identities);
  }

  get isEncrypted(): boolean {
    return this.marker.encryption !== 'none';
  }

  /**
   * Everything in the catalogue, the oldest first. A later entry of the same object or document takes the place of an earlier one. KEY_DOES_NOT_FIT when
   * nothing of it can be opened.
   */
  async *entries(): AsyncGenerator<CatalogueEntry | Damage> {
    let isOpened = false;
    const locked: string[] = [];
    for (const file of await this.#dayFiles(LAYOUT.catalogues)) {
      try {
        const stored = createReadStream(join(this.root, file));
        const text = await this.#opened(file, stored);
        isOpened = true;
        yield* this.#lines(file, text, decodeEntry);
      } catch (error) {
        if (isWrongKey(error)) locked.push(file);
        else yield { damaged: { file, line: 0 } };
      }
    }
    // Another key opens none of the files.
    if (locked.length > 0 && !isOpened) throw this.#lockedError();
    for (const file of locked) yield { damaged: { file, line: 0 } };
  }

  /** What `sha256sum -c` would check. */
  async *manifest(): AsyncGenerator<ManifestLine | Damage> {
    for (const file of await this.#dayFiles(LAYOUT.manifests)) {
      try {
        yield* this.#lines(file, createReadStream(join(this.root, file)), decodeManifestLine);
      } catch {
        yield { damaged: { file, line: 0 } };
      }
    }
  }

  /** A file as it lies there. A path that leads out of the disk is refused. */
  stored(path: string): Readable {
    return createReadStream(this.#inside(path));
  }

  /** A file's content: decrypted on an encrypted disk, KEY_DOES_NOT_FIT when none of the keys does. The caller compares the hash. */
  async content(path: string): Promise<Readable> {
    return this.#opened(path, this.stored(path));
  }

  async #opened(path: string, stored: Readable): Promise<Readable> {
    if (!path.endsWith(ENCRYPTED)) return stored;
    try {
      return await decrypted(stored, this.#identities);
    } catch (error) {
      throw isWrongKey(error) ? this.#lockedError(error) : error;
    }
  }

  #lockedError(cause?: unknown): FilmlessError {
    return new FilmlessError('KEY_DOES_NOT_FIT', `disk ${this.marker.label} is encrypted for another key`, { cause });
  }

  async *#lines<T extends object>(
    file: string,
    text: Readable,
    decode: (line: string) => T | undefined,
  ): AsyncGenerator<T | Damage> {
    let line = 0;
    let rest = '';
    text.setEncoding('utf8');
    for await (const chunk of text) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) {
        line += 1;
        yield decode(each) ?? { damaged: { file, line } };
      }
    }
    // The last line of a disk that was pulled may be cut off.
    if (rest !== '') yield decode(rest) ?? { damaged: { file, line: line + 1 } };
  }

  async #dayFiles(folder: string): Promise<string[]> {
    const names = await readdir(join(this.root, folder)).catch((): string[] => []);
    return names
      .filter(isDayFile)
      .sort()
      .map((name) => `${folder}/${name}`);
  }

  #inside(path: string): string {
    const clean = normalize(path);
    if (clean.startsWith('..') || clean.startsWith('/')) {
      throw new FilmlessError('INVALID_REQUEST', 'a path on the disk leads out of it');
    }
    return join(this.root, clean);
  }
}
