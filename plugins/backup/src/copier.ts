import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { FilmlessError, type InstanceRecord, type Logger, type Replication } from '@filmless/core/plugin';
import type { Attached, AttachedDisks } from './disks/attached-disks.ts';
import { DiskWriter, SourceFailed, type Staged } from './disks/disk-writer.ts';
import type { CatalogueEntry } from './format/index.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { BackedObject } from './ledger/object-table.ts';
import { Throttle } from './throttle.ts';

export const DATABASES = ['reports', 'patients', 'orders'] as const;
const BATCH_OBJECTS = 64;
const BATCH_BYTES = 256 * 1024 * 1024;
const AT_ONCE = 8;
const DOCUMENTS = 200;
/** What is not here is asked for again: often while it may be on its way, seldom when it has been waiting for long. */
const RETRY_WAITING_MS = 60_000;
const RETRY_ALL_MS = 3_600_000;
const ON_ITS_WAY_MS = 86_400_000;
/** What comes close together is copied together: each batch is synced several times over. */
const GATHER_MS = 1_000;
/** Each batch of an encrypted disk makes a file of its own in its catalogue: it is worth waiting for company. */
const GATHER_ENCRYPTED_MS = 10_000;

interface Options {
  ledger: Ledger;
  disks: AttachedDisks;
  records: (uids: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
  /** The bytes where this node has them: undefined when it has not. */
  open: (object: BackedObject) => Promise<Readable | undefined>;
  replication: Pick<Replication, 'documents'>;
  keepFreeBytes: number;
  bytesPerSecond: number;
  scanMs: number;
  log: Logger;
  now(): number;
  onCopied?(objects: number, bytes: number): void;
  /** A disk is about to give way to the next of its set. */
  onFull?(disk: Attached): Promise<void>;
}

/**
 * Brings each set what it is owed: to the attached disk of the set that was written last and has room, else to the next. One disk is written at a time;
 * a disk that fails is gone, and what was on its way to it is owed as before.
 */
export class Copier {
  readonly #options: Options;
  readonly #throttle: Throttle;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #working: Promise<void> | undefined;
  #lock: Promise<unknown> = Promise.resolve();
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  #retriedAtMs = 0;
  #retriedAllAtMs = 0;
  readonly #full = new Set<string>();
  readonly #lastBatchMs = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
    this.#throttle = new Throttle(options.bytesPerSecond);
  }

  start(): void {
    this.#working = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#working;
    await this.#lock;
  }

  /** There may be something to copy. */
  wake(): void {
    this.#wake.abort();
  }

  /** Sets of which a disk is attached and none has room. */
  fullSets(): string[] {
    const { ledger, disks } = this.#options;
    return ledger.disks.sets().filter((set) => {
      const attached = disks.all().filter(({ entry }) => entry.set === set);
      return attached.length > 0 && attached.every(({ entry }) => this.#full.has(entry.id));
    });
  }

  /** Runs while nothing is being written to any disk. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#lock.then(work);
    this.#lock = mine.catch(() => undefined);
    return mine;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    const { scanMs, log } = this.#options;
    while (!signal.aborted) {
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      try {
        await this.round();
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'copying to the backup disks broke off and goes on in a moment');
      }
      await delay(scanMs, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => undefined);
      if (this.#wake.signal.aborted) await delay(GATHER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Looks which disks are there, and copies what is owed to them: a batch for each set in turn, so that none waits for another. Ends when nothing is owed
   * to any of them, or after so long.
   */
  async round(forMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { ledger, disks, scanMs } = this.#options;
    const untilMs = performance.now() + forMs;
    this.#retryWaiting();
    for (let isMore = true; isMore && performance.now() < untilMs && !this.#stopping.signal.aborted; ) {
      if (performance.now() - this.#scannedAtMs >= scanMs) {
        this.#scannedAtMs = performance.now();
        await this.exclusively(() => disks.scan());
      }
      for (const disk of disks.all()) await this.exclusively(() => this.#onDisk(disk, () => this.#documents(disk)));
      isMore = false;
      for (const set of ledger.disks.sets()) {
        if (await this.exclusively(() => this.#someOf(set))) isMore = true;
      }
    }
  }

  #retryWaiting(): void {
    const { ledger, now } = this.#options;
    if (now() - this.#retriedAtMs < RETRY_WAITING_MS) return;
    this.#retriedAtMs = now();
    const all = now() - this.#retriedAllAtMs >= RETRY_ALL_MS;
    if (all) this.#retriedAllAtMs = now();
    ledger.objects.retryWaiting(all ? '' : new Date(now() - ON_ITS_WAY_MS).toISOString());
  }

  /** A batch. False when there is nothing to do for the set, or no disk for it. */
  async #someOf(set: string): Promise<boolean> {
    const { ledger, now } = this.#options;
    const owed = ledger.objects.owedNow(set, BATCH_OBJECTS);
    const [first] = owed;
    const disk = first && (await this.#diskFor(set, first.sizeBytes));
    if (!disk) return false;
    if (disk.entry.recipient !== '') {
      const sinceLastMs = now() - (this.#lastBatchMs.get(disk.entry.id) ?? 0);
      if (owed.length < BATCH_OBJECTS && sinceLastMs < GATHER_ENCRYPTED_MS) return false;
      this.#lastBatchMs.set(disk.entry.id, now());
    }
    return (await this.#onDisk(disk, () => this.#copy(disk, this.#asMuchAsFits(disk, owed)))) ?? false;
  }

  #asMuchAsFits({ entry }: Attached, owed: readonly BackedObject[]): BackedObject[] {
    let bytes = 0;
    return owed.filter(({ sizeBytes }, index) => {
      bytes += sizeBytes;
      const fits = entry.freeBytes - bytes > this.#options.keepFreeBytes;
      return index === 0 || (bytes <= BATCH_BYTES && fits);
    });
  }

  async #copy(disk: Attached, objects: readonly BackedObject[]): Promise<boolean> {
    const { ledger, onCopied } = this.#options;
    const writer = this.#writer(disk);
    const taken = new Set<string>();
    const records = await this.#recordsOf(objects);
    const results: (Staged | 'waits')[] = [];
    let started = 0;
    const next = async (): Promise<void> => {
      for (let index = started++; index < objects.length; index = started++) {
        this.#stopping.signal.throwIfAborted();
        const object = objects[index];
        if (object) results[index] = await this.#stage(writer, object, records[index], taken);
      }
    };
    // All end before an error is passed on: none may still write when the disk is looked at again.
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, next));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    const staged = results.filter((each) => each !== 'waits');
    if (staged.length < results.length) {
      ledger.transaction(() => {
        for (const [index, { n }] of objects.entries()) if (results[index] === 'waits') ledger.objects.wait(n);
      });
    }
    if (staged.length > 0) {
      await writer.commit(staged, disk.entry.set);
      const bytes = staged.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
      onCopied?.(staged.length, bytes);
    }
    return true;
  }

  async #stage(
    writer: DiskWriter,
    object: BackedObject,
    record: InstanceRecord | undefined,
    taken: Set<string>,
  ): Promise<Staged | 'waits'> {
    const { log, open } = this.#options;
    const bytes = record && (await open(object));
    if (!record || !bytes) return 'waits';
    try {
      await this.#throttle.take(object.sizeBytes, this.#stopping.signal);
      return await writer.stage({ record, isConflict: object.conflict !== '', open: async () => bytes }, taken);
    } catch (error) {
      if (!(error instanceof SourceFailed)) throw error;
      log.warn({ sha256: object.sha256, err: error }, 'an object could not be read for its backup, it is tried again');
      return 'waits';
    } finally {
      bytes.destroy();
    }
  }

  async #documents(disk: Attached): Promise<void> {
    const { ledger, replication, now } = this.#options;
    const writer = this.#writer(disk);
    for (const database of DATABASES) {
      for (;;) {
        const since = ledger.disks.position(disk.entry.id, database);
        const { documents, lastSeq } = await replication.documents(database, since, DOCUMENTS);
        if (documents.length === 0) break;
        const copiedAt = new Date(now()).toISOString();
        const entries = documents.map((each): CatalogueEntry => ({ kind: 'document', database, copiedAt, ...each }));
        await writer.writeEntries(entries, () => ledger.disks.setPosition(disk.entry.id, database, lastSeq));
      }
    }
  }

  /** The catalogue's records; of conflicts their own. A record that has been replaced since is not this object's. */
  async #recordsOf(objects: readonly BackedObject[]): Promise<(InstanceRecord | undefined)[]> {
    const found = await this.#options.records(objects.map(({ instance }) => instance));
    return objects.map(({ sha256, conflict }, index) => {
      if (conflict !== '') return JSON.parse(conflict) as InstanceRecord;
      return found[index]?.sha256 === sha256 ? found[index] : undefined;
    });
  }

  async #diskFor(set: string, sizeBytes: number): Promise<Attached | undefined> {
    const { disks, keepFreeBytes, onFull } = this.#options;
    const ofSet = disks.all().filter(({ entry }) => entry.set === set);
    // One is filled after another.
    ofSet.sort((one, other) => other.entry.writtenAt.localeCompare(one.entry.writtenAt));
    for (const disk of ofSet) {
      const room = await this.#onDisk(disk, () => disks.room(disk));
      if (!room) continue;
      disk.entry = { ...disk.entry, ...room };
      if (room.freeBytes - sizeBytes > keepFreeBytes) {
        this.#full.delete(disk.entry.id);
        return disk;
      }
      if (this.#full.has(disk.entry.id)) continue;
      this.#full.add(disk.entry.id);
      await this.#onDisk(disk, async () => onFull?.(disk));
    }
    return undefined;
  }

  /** What fails on the disk makes it gone, and undefined; what fails elsewhere is thrown. */
  async #onDisk<T>(disk: Attached, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      const isElsewhere = error instanceof FilmlessError && error.code === 'UNAVAILABLE';
      if (isElsewhere) throw error;
      this.#options.disks.failed(disk.entry.id, error);
      return undefined;
    }
  }

  #writer({ entry, root }: Attached): DiskWriter {
    const { ledger, now } = this.#options;
    return new DiskWriter({ id: entry.id, root, recipient: entry.recipient, ledger, now });
  }
}
