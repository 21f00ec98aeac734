import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDiskSpace } from '@filmless/core/plugin';
import { type Marker, readMarker } from '../format/index.ts';
import type { DiskEntry } from '../ledger/disk-table.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { recover } from './recover.ts';

/** A disk of this node that is there and can be written to. */
export interface Attached {
  entry: DiskEntry;
  root: string;
}

/** A folder below the mounts that is not used: why, and whether it could be made a disk. */
export interface Candidate {
  root: string;
  state: 'empty' | 'foreign' | 'damaged' | 'same-device' | 'twice' | 'retired' | 'failed';
  marker?: Marker;
  freeBytes?: number;
  totalBytes?: number;
}

interface Options {
  ledger: Ledger;
  mounts: readonly string[];
  /** The node's own data: a folder on the same device is the empty mount point of a disk that is not there. */
  dataDirectory: string;
  allowSameDevice: boolean;
  now(): number;
  onFailed(label: string, error: unknown): void;
  /** For tests of full disks. */
  readSpace?: typeof readDiskSpace;
}

/** After an error a disk is left alone for a moment: it may be on its way out. */
const REST_MS = 10_000;
const DAY_MS = 86_400_000;

/** Looks which disks are there. One that makes an error is gone until it is seen again. */
export class AttachedDisks {
  readonly #options: Options;
  readonly #attached = new Map<string, Attached>();
  readonly #failedAtMs = new Map<string, number>();
  /** Made safe to remove: left alone until it was away, or somebody wants it back. */
  readonly #released = new Map<string, 'closing' | 'safe'>();
  #candidates: Candidate[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  all(): Attached[] {
    return [...this.#attached.values()];
  }

  get(id: string): Attached | undefined {
    return this.#attached.get(id);
  }

  /** Folders that are no disk of this node, or cannot be used as one now. */
  candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  released(id: string): 'closing' | 'safe' | undefined {
    return this.#released.get(id);
  }

  /** True when a disk came or went. */
  async scan(): Promise<boolean> {
    const { ledger } = this.#options;
    const seen = new Map<string, string>();
    const candidates: Candidate[] = [];
    for (const root of await this.#folders()) {
      const marker = await readMarker(root);
      if (marker === undefined) {
        candidates.push({ root, state: (await this.#isOwnDevice(root)) ? 'same-device' : 'empty' });
        continue;
      }
      if (marker === 'damaged') {
        candidates.push({ root, state: 'damaged' });
        continue;
      }
      const entry = ledger.disks.get(marker.id);
      const refused: Candidate['state'] | undefined = !entry
        ? 'foreign'
        : entry.retiredAt !== ''
          ? 'retired'
          : seen.has(marker.id)
            ? 'twice'
            : (await this.#isOwnDevice(root))
              ? 'same-device'
              : undefined;
      if (refused) candidates.push({ root, state: refused, marker });
      else seen.set(marker.id, root);
    }
    const before = [...this.#attached.values()].map(({ entry, root }) => entry.id + root).join();
    for (const [id, { root }] of this.#attached) if (seen.get(id) !== root) this.#attached.delete(id);
    for (const id of this.#released.keys()) if (!seen.has(id)) this.#released.delete(id);
    for (const [id, root] of seen) {
      if (this.#released.has(id) || (await this.#attach(id, root))) continue;
      candidates.push({ root, state: 'failed' });
    }
    this.#candidates = await Promise.all(candidates.map(withSpace));
    return before !== [...this.#attached.values()].map(({ entry, root }) => entry.id + root).join();
  }

  /** It made an error: gone, until a later scan finds it well. */
  failed(id: string, error: unknown): void {
    const disk = this.#attached.get(id);
    this.#attached.delete(id);
    this.#failedAtMs.set(id, this.#options.now());
    if (disk) this.#options.onFailed(disk.entry.label, error);
  }

  /** Whether it still is where it was, marker and all. */
  async isThere({ entry, root }: Attached): Promise<boolean> {
    const marker = await readMarker(root);
    return typeof marker === 'object' && marker.id === entry.id;
  }

  /** Nothing is written to it any more until it comes back. `safe` when it may be pulled. */
  release(id: string, state: 'closing' | 'safe'): void {
    this.#attached.delete(id);
    this.#released.set(id, state);
  }

  /** It is wanted again, without having been pulled. */
  takeBack(id: string): void {
    this.#released.delete(id);
  }

  /** Room on an attached disk now. */
  async room(disk: Attached): Promise<{ totalBytes: number; freeBytes: number }> {
    return (this.#options.readSpace ?? readDiskSpace)(disk.root);
  }

  async #attach(id: string, root: string): Promise<boolean> {
    const { ledger, now, onFailed } = this.#options;
    if (now() - (this.#failedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < REST_MS) return false;
    try {
      if (!this.#attached.has(id)) await recover(root, id, ledger);
      const entry = ledger.disks.get(id);
      if (!entry) return false;
      const room = await this.room({ entry, root });
      const seenAt = new Date(now()).toISOString();
      // The ledger is synced with each change: once a minute is enough for when a disk was there.
      const isStale = now() - Date.parse(entry.seenAt) > DAY_MS / 1440 || room.freeBytes !== entry.freeBytes;
      if (isStale) ledger.disks.update(id, { seenAt, ...room });
      this.#attached.set(id, { entry: { ...entry, seenAt, ...room }, root });
      this.#failedAtMs.delete(id);
      return true;
    } catch (error) {
      this.#failedAtMs.set(id, now());
      onFailed(ledger.disks.get(id)?.label ?? '', error);
      return false;
    }
  }

  async #folders(): Promise<string[]> {
    const lists = await Promise.all(
      this.#options.mounts.map(async (mount) => {
        const path = resolve(mount);
        if ((await readMarker(path)) !== undefined) return [path];
        const inside = await readdir(path, { withFileTypes: true }).catch(() => undefined);
        if (inside === undefined) return [];
        const folders = inside.filter(
          (each) => each.isDirectory() && !each.name.startsWith('.') && each.name !== 'lost+found',
        );
        const isDisk = folders.length === 0 || (await isMountPoint(path));
        return [...(isDisk ? [path] : []), ...folders.map(({ name }) => join(path, name))];
      }),
    );
    return [...new Set(lists.flat())].sort();
  }

  async #isOwnDevice(root: string): Promise<boolean> {
    const { allowSameDevice, dataDirectory } = this.#options;
    if (allowSameDevice) return false;
    try {
      return (await stat(root)).dev === (await stat(dataDirectory)).dev;
    } catch {
      return true;
    }
  }
}

async function withSpace(candidate: Candidate): Promise<Candidate> {
  return { ...candidate, ...(await readDiskSpace(candidate.root).catch(() => ({}))) };
}

async function isMountPoint(path: string): Promise<boolean> {
  const [own, above] = await Promise.all([stat(path), stat(join(path, '..'))]);
  return own.dev !== above.dev;
}
