import type { Disposable, DocumentStore, Logger } from '@filmless/core/plugin';
import { StoredMap } from './stored-map.ts';

/** A device that was refused because it is not known (at this address). */
export interface PendingDevice {
  aeTitle: string;
  address: string;
  calledAeTitle: string;
  firstSeenAt: string;
  lastSeenAt: string;
  attempts: number;
}

/** Whoever sends made-up AE titles must not fill the list without end. */
const MAX_PENDING = 200;

export class PendingDevices implements Disposable {
  readonly #map: StoredMap<PendingDevice>;

  private constructor(map: StoredMap<PendingDevice>) {
    this.#map = map;
  }

  static async open(documents: DocumentStore, log: Logger): Promise<PendingDevices> {
    return new PendingDevices(await StoredMap.open<PendingDevice>(documents, 'pending:', log));
  }

  get(aeTitle: string): PendingDevice | undefined {
    return this.#map.get(aeTitle);
  }

  /** The latest first. */
  list(): PendingDevice[] {
    return [...this.#map.values()].sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  }

  note(aeTitle: string, address: string, calledAeTitle: string): void {
    const now = new Date().toISOString();
    const before = this.#map.get(aeTitle);
    // An AE title is outside text: what no device may be called is not listed.
    if (!/^[\x20-\x5b\x5d-\x7e]{1,16}$/.test(aeTitle)) return;
    if (!before && this.#map.size >= MAX_PENDING) {
      const oldest = this.list().at(-1);
      if (oldest) void this.#map.remove(oldest.aeTitle).catch(() => undefined);
    }
    this.#map.putLater(aeTitle, {
      aeTitle,
      address,
      calledAeTitle: calledAeTitle.replace(/[^\x20-\x7e]/g, '?'),
      firstSeenAt: before?.firstSeenAt ?? now,
      lastSeenAt: now,
      attempts: (before?.attempts ?? 0) + 1,
    });
  }

  async remove(aeTitle: string): Promise<void> {
    await this.#map.remove(aeTitle);
  }

  async dispose(): Promise<void> {
    await this.#map.dispose();
  }
}
