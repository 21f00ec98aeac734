import type { Readable } from 'node:stream';

/** Where blobs may be had that this node's own store lacks: another node, a slower tier, a backup disk. Key of the point: a name unique to the node. */
export interface BlobSource {
  title: { 'zh-CN': string; en: string };
  /** Lower is asked first: a tier of this node 10, another node 50, a backup disk 90. */
  order: number;
  /** Undefined when it does not hold the blob; UNAVAILABLE when it cannot be asked now. `end` exclusive. The caller verifies the hash. */
  stream(
    sha256: string,
    range: { start: number; end: number } | undefined,
    options: { priority: 'viewing' | 'background'; signal?: AbortSignal },
  ): Promise<Readable | undefined>;
}

/** Knows of copies of blobs outside this node's store: the centre, backup disks, another tier. */
export interface CopyHolder {
  title: { 'zh-CN': string; en: string };
  /**
   * For each hash, the copies it can vouch for: `place` names the medium or node (two copies at one place count once), `verifiedAt` is when bytes
   * at that place were last compared with the hash (ISO 8601).
   */
  copies(sha256: readonly string[]): Promise<{ sha256: string; place: string; verifiedAt: string }[]>;
  /** Of these, the ones that the node's own store lacks on purpose: moved to a tier, removed by rule, not fetched yet. What is lost is none of them. */
  absentOnPurpose?(sha256: readonly string[]): Promise<readonly string[]>;
}
