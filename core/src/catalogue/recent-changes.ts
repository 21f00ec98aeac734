import type { CatalogueChange, InstanceRecord } from './contract.ts';
import { instanceId } from './instance-document.ts';

const MAX_CHANGES = 128;
const MAX_BYTES = 4 * 1024 * 1024;

interface Recent {
  record: InstanceRecord;
  sizeBytes: number;
}

/**
 * The latest commits of this process, in the order of the feed. Whoever follows the feed closely reads them from here: reading them back from
 * LevelDB costs the main thread as much as writing them did. Only for an embedded database, where nobody else writes.
 */
export class RecentChanges {
  /** Contiguous; the last one has position `#lastSeq`. */
  #recent: Recent[] = [];
  #lastSeq = 0;
  #sizeBytes = 0;

  /** `lastSeq` is the position of the last of `commits` in the feed; `sizeBytes` about what each takes. */
  add(lastSeq: number, commits: readonly Recent[]): void {
    if (this.#lastSeq !== lastSeq - commits.length) this.clear();
    this.#lastSeq = lastSeq;
    for (const commit of commits) {
      this.#recent.push(commit);
      this.#sizeBytes += commit.sizeBytes;
    }
    if (this.#recent.length > 2 * MAX_CHANGES || this.#sizeBytes > MAX_BYTES) this.#trim();
  }

  /** Something else was written, whose position is not known. */
  clear(): void {
    this.#recent = [];
    this.#sizeBytes = 0;
    this.#lastSeq = 0;
  }

  /** Undefined when the changes after `since` reach further back than this. */
  after(since: number, limit: number): CatalogueChange[] | undefined {
    const firstSeq = this.#lastSeq - this.#recent.length + 1;
    if (this.#recent.length === 0 || since < firstSeq - 1 || since > this.#lastSeq) return undefined;
    const start = since - firstSeq + 1;
    return this.#recent.slice(start, start + limit).map(({ record }, index) => ({
      seq: String(since + 1 + index),
      id: instanceId(record.SOPInstanceUID),
      deleted: false,
      record,
    }));
  }

  #trim(): void {
    let dropped = Math.max(0, this.#recent.length - MAX_CHANGES);
    this.#sizeBytes -= this.#recent.slice(0, dropped).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    while (this.#sizeBytes > MAX_BYTES / 2) {
      this.#sizeBytes -= this.#recent[dropped]?.sizeBytes ?? 0;
      dropped += 1;
    }
    this.#recent = this.#recent.slice(dropped);
  }
}
