import { statfs } from 'node:fs/promises';
import { FilmlessError } from '../errors.ts';

export interface DiskSpace {
  totalBytes: number;
  freeBytes: number;
}

/** How old a figure of the file system may be. */
const MAX_AGE_MS = 500;

export async function readDiskSpace(directory: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(directory);
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
}

/** The free-space floor: refuses before the disk is full, so that the catalogue and the log can still be written. */
export class FreeSpace {
  readonly floorBytes: number;
  readonly #read: () => Promise<DiskSpace>;
  #latest: DiskSpace | undefined;
  #reading: Promise<DiskSpace> | undefined;
  #readAtMs = 0;
  /** Promised since the figure was read. */
  #admittedBytes = 0;

  constructor(floorBytes: number, read: () => Promise<DiskSpace>) {
    this.floorBytes = floorBytes;
    this.#read = read;
  }

  /** STORAGE_FULL when `sizeBytes` more would go below the floor. */
  async admit(sizeBytes: number): Promise<void> {
    const { freeBytes } = await this.current();
    if (freeBytes - this.#admittedBytes - sizeBytes < this.floorBytes) throw new FilmlessError('STORAGE_FULL');
    this.#admittedBytes += sizeBytes;
  }

  async current(): Promise<DiskSpace> {
    if (this.#latest && performance.now() - this.#readAtMs < MAX_AGE_MS) return this.#latest;
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #refresh(): Promise<DiskSpace> {
    this.#latest = await this.#read();
    this.#readAtMs = performance.now();
    this.#admittedBytes = 0;
    return this.#latest;
  }
}
