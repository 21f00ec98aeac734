import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable, Logger, NodeCopy, NodeInfo } from '@filmless/core/plugin';
import type { Attached, AttachedDisks } from '../disks/attached-disks.ts';
import { collectSnapshot } from './collect.ts';
import { snapshotsOn } from './snapshot-format.ts';
import { writeSnapshot } from './write-snapshot.ts';

interface Options {
  disks: AttachedDisks;
  nodeCopy: Pick<NodeCopy, 'documents'>;
  node: NodeInfo;
  configFile: string;
  /** Passwords and keys on disks that are not encrypted too. */
  includeSecrets: boolean;
  everyHours: number;
  keep: number;
  /** Snapshots are gathered here first. */
  directory: string;
  log: Logger;
  now(): number;
}

/** The newest snapshot of an attached disk. */
export interface DiskSnapshot {
  disk: string;
  label: string;
  /** Empty when it has none. */
  at: string;
  hasSecrets: boolean;
}

const LOOK_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Takes snapshots of the node: each attached disk has one that is not older than `everyHours`. */
export class Snapshots implements Disposable {
  readonly #options: Options;
  readonly #stopping = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#takeDue().catch((error: unknown) => this.#options.log.error({ err: error }, 'no snapshot could be taken'));
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** What attached disks have. */
  async ofDisks(): Promise<DiskSnapshot[]> {
    return Promise.all(
      this.#options.disks.all().map(async ({ entry: { id, label }, root }) => {
        const newest = (await snapshotsOn(root))[0]?.snapshot;
        return { disk: id, label, at: newest?.at ?? '', hasSecrets: newest?.hasSecrets ?? false };
      }),
    );
  }

  /** Takes one now and writes it to these disks, or to all that are attached: before a disk is pulled, or when somebody asks. */
  async take(disks: readonly Attached[] = this.#options.disks.all()): Promise<void> {
    const mine = this.#turn.then(() => this.#take(disks));
    this.#turn = mine.catch(() => undefined);
    const failures = await mine;
    if (failures.length > 0) throw failures[0];
  }

  async dispose(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#turn;
  }

  async #takeDue(): Promise<void> {
    const { everyHours, now, disks } = this.#options;
    const newest = new Map((await this.ofDisks()).map(({ disk, at }) => [disk, at]));
    const due = disks.all().filter(({ entry }) => {
      const at = newest.get(entry.id);
      return !at || now() - Date.parse(at) >= everyHours * HOUR_MS;
    });
    if (due.length > 0) await this.take(due);
  }

  /** A disk that fails is gone, as in copying; the others get theirs. Gives what failed. */
  async #take(disks: readonly Attached[]): Promise<unknown[]> {
    const { nodeCopy, node, configFile, includeSecrets, directory, keep, now } = this.#options;
    const { signal } = this.#stopping;
    const folder = join(directory, 'snapshot');
    const at = new Date(now()).toISOString();
    const failures: unknown[] = [];
    const maySee = ({ entry }: Attached) => includeSecrets || entry.recipient !== '';
    try {
      for (const hasSecrets of [true, false]) {
        const these = disks.filter((disk) => maySee(disk) === hasSecrets);
        if (these.length === 0) continue;
        const snapshot = await collectSnapshot({ nodeCopy, node, configFile, hasSecrets, at, folder, signal });
        for (const disk of these) {
          const { entry, root } = disk;
          await writeSnapshot({ folder, snapshot, root, recipient: entry.recipient, keep, signal }).catch((error) => {
            signal.throwIfAborted();
            failures.push(error);
            this.#options.disks.failed(entry.id, error);
          });
        }
      }
      return failures;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
