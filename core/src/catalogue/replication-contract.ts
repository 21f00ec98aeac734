import type { Disposable } from '../disposable.ts';
import type { InstanceRecord } from './contract.ts';

export interface ReplicationSend {
  /** `instances`, or a namespace of core's clinical documents: `reports`, `patients`, `orders`. */
  database: string;
  /** The other node's database, below the door that stands before its `target`. */
  url: string;
  /** Speaks over the link between the nodes. */
  fetch: (url: string | URL | Request, options?: RequestInit) => Promise<Response>;
  /** Which instances to send; all when left out. */
  filter?: (record: { received: InstanceRecord['received'] }) => boolean;
  signal: AbortSignal;
  /** After each batch, and with an error whenever the other node cannot be reached; it goes on by itself. */
  onProgress?: (progress: { sent: number; isCaughtUp: boolean; error?: unknown }) => void;
}

export interface ReplicationTarget {
  /** Answers one call of the replicator; `path` is below the door: `instances/_revs_diff`. */
  handle(method: string, path: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

/** A clinical document as it stands now, with its revision; null once it was removed. */
export interface ChangedDocument {
  id: string;
  document: Record<string, unknown> | null;
}

/** Records and clinical documents between nodes, by PouchDB's own replication. */
export interface Replication {
  /** Clinical documents come from another node, and are written there alone. */
  readonly isFollowing: boolean;
  /**
   * Whether this node's `reports`, `patients` and `orders` are another node's. While they are, writing them here is refused with KEPT_ELSEWHERE, and
   * nothing is concluded here from what comes: that node does it, and what it concludes comes too.
   */
  follow(isFollowing: boolean): Promise<void>;
  /** Sends what there is and whatever comes, until the signal aborts. Resumes where it stood; where it stood is kept by the receiver. */
  send(options: ReplicationSend): Promise<void>;
  /**
   * The receiving half. Instances are given to `receive`, which makes records of them by `ingest.receiveRecord`; documents keep their revisions.
   * A database that is not listed is refused.
   */
  target(options: {
    databases: readonly string[];
    receive(records: readonly InstanceRecord[]): Promise<void>;
  }): ReplicationTarget;
  /**
   * For copies that are no database: at most `limit` documents of `reports`, `patients` or `orders` that changed after `since` ('' = from the start), as a
   * target's `_bulk_docs` takes them again; none when caught up.
   */
  documents(database: string, since: string, limit: number): Promise<{ documents: ChangedDocument[]; lastSeq: string }>;
  /** Told after documents changed (coalesced). */
  onDocuments(database: string, listener: () => void): Disposable;
}
