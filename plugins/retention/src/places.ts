import type { BlobSource, BlobStorage, CopyHolder, InstanceRecord } from '@filmless/core/plugin';
import type { Ledger, Place } from './ledger.ts';
import type { Shelf } from './shelf.ts';

interface Options {
  storage: BlobStorage;
  ledger: Ledger;
  compact: Shelf;
  tier: { shelf: Shelf; title: string } | undefined;
  now(): number;
}

const CHECK_AFTER_MS = 30 * 86_400_000;
/** In one run. */
const CHECK_AT_MOST = 50_000;

/** Bytes that a study takes up after it was moved, and what it took before. */
export interface Moved {
  instances: number;
  beforeBytes: number;
  afterBytes: number;
}

/** The places of this node: its store, the compact shelf beside it, and the large disk. Bytes leave one only when another holds them, read back and compared. */
export class Places {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  get hasTier(): boolean {
    return this.#options.tier !== undefined;
  }

  /** Makes compact what can be; the rest stays as it is. */
  async compress(records: readonly InstanceRecord[], signal: AbortSignal): Promise<Moved> {
    return this.#move(records, this.#options.compact, 'compact', 'only', signal);
  }

  /** Moves to the large disk, compact where that saves something. */
  async toTier(records: readonly InstanceRecord[], signal: AbortSignal): Promise<Moved> {
    const { tier } = this.#options;
    if (!tier) return { instances: 0, beforeBytes: 0, afterBytes: 0 };
    return this.#move(records, tier.shelf, 'tier', 'if-smaller', signal);
  }

  /** From everywhere on this node. */
  async remove(sha256: string): Promise<void> {
    const { storage, compact, tier } = this.#options;
    await compact.remove(sha256);
    await tier?.shelf.remove(sha256);
    await storage.remove(sha256);
  }

  /** `onBack` is told the study whose bytes are brought back. */
  sources(onBack: (uid: string) => void): { key: string; value: BlobSource }[] {
    const { compact, tier, ledger } = this.#options;
    const source = (shelf: Shelf, title: BlobSource['title'], order: number): BlobSource => ({
      title,
      order,
      stream: async (sha256, range) => {
        const stream = await shelf.stream(sha256, range);
        const uid = stream && ledger.placeOf(sha256)?.uid;
        if (uid) onBack(uid);
        return stream;
      },
    });
    return [
      { key: 'retention.compact', value: source(compact, { 'zh-CN': '无损压缩存放', en: 'Compressed images' }, 9) },
      ...(tier
        ? [{ key: 'retention.tier', value: source(tier.shelf, { 'zh-CN': tier.title, en: tier.title }, 10) }]
        : []),
    ];
  }

  /** Vouches for nothing outside this node; says what is absent from the store on purpose. */
  holder(): CopyHolder {
    const { ledger } = this.#options;
    return {
      title: { 'zh-CN': '保存策略', en: 'Retention' },
      copies: async () => [],
      absentOnPurpose: async (sha256) => sha256.filter((each) => ledger.placeOf(each) !== undefined),
    };
  }

  /**
   * Reads blobs on the shelves that were not looked at for a month, and compares them with their hashes. A damaged one is set aside and counts as
   * lost: the scrub of the store replaces it from another node or a backup. Gives how many.
   */
  async check(signal: AbortSignal): Promise<number> {
    const { ledger, storage, now } = this.#options;
    const before = new Date(now() - CHECK_AFTER_MS).toISOString();
    let damaged = 0;
    for (const { sha256, place } of ledger.uncheckedSince(before, CHECK_AT_MOST)) {
      signal.throwIfAborted();
      const shelf = place === 'tier' ? this.#options.tier?.shelf : this.#options.compact;
      if (!shelf) continue;
      if ((await shelf.verify(sha256)) || (await storage.has(sha256))) {
        ledger.checked(sha256, new Date(now()).toISOString());
        continue;
      }
      await shelf.setAside(sha256);
      ledger.lost(sha256);
      damaged += 1;
    }
    return damaged;
  }

  async #move(
    records: readonly InstanceRecord[],
    target: Shelf,
    place: Place,
    compact: 'only' | 'if-smaller',
    signal: AbortSignal,
  ): Promise<Moved> {
    const moved: Moved = { instances: 0, beforeBytes: 0, afterBytes: 0 };
    for (const record of records) {
      signal.throwIfAborted();
      const bytes = await this.#moveOne(record, target, place, compact, signal);
      if (bytes === undefined) continue;
      moved.instances += 1;
      moved.beforeBytes += record.sizeBytes;
      moved.afterBytes += bytes;
    }
    return moved;
  }

  async #moveOne(
    record: InstanceRecord,
    target: Shelf,
    place: Place,
    compact: 'only' | 'if-smaller',
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { storage, ledger, now } = this.#options;
    const { sha256, StudyInstanceUID } = record;
    // The store says no of what it lacks; opening would bring it back from afar.
    const own = (await storage.has(sha256)) ? await storage.open(sha256) : undefined;
    const original = own ?? (place === 'tier' ? await this.#options.compact.open(sha256, record.sizeBytes) : undefined);
    if (!original) return undefined;
    let bytes: number | undefined;
    try {
      bytes = await target.put(original, record, { compact, signal });
    } finally {
      await own?.close();
    }
    if (bytes === undefined) return undefined;
    ledger.place(sha256, StudyInstanceUID, place, new Date(now()).toISOString());
    if (place === 'tier') await this.#options.compact.remove(sha256);
    await storage.remove(sha256);
    return bytes;
  }
}
