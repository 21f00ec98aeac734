import type { BulkDataItem, DicomJson } from '../dicom/types.ts';
import type { Disposable } from '../disposable.ts';
import type { AccessScope } from '../security/contract.ts';

/** How an instance came to this node. No patient data. */
export interface InstanceSource {
  via: 'dimse' | 'stow' | 'import' | 'capture' | 'replication' | 'rebuild';
  /** Calling AE title, user name, or node. */
  name: string;
  /** Network address of the peer, if any. */
  address?: string;
  /** Department of the device or user, if known. */
  department?: string;
  /** Used when a data set declares no character set or a wrong one. */
  assumedCharacterSet?: string;
  fileName?: string;
  /** Rows the sender may bring, when not all: others are refused. */
  limit?: AccessScope;
}

/** One per SOP instance, immutable; `_id` is `instance:<SOPInstanceUID>`. */
export interface InstanceRecord {
  SOPInstanceUID: string;
  SOPClassUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  transferSyntaxUID: string;
  sha256: string;
  sizeBytes: number;
  datasetOffsetBytes: number;
  /** DICOM JSON of the header, text decoded to Unicode. */
  dataset: DicomJson;
  bulkData: BulkDataItem[];
  characterSet: { declared: string[]; used: string[]; cured: boolean };
  received: { at: string; via: InstanceSource['via']; source: string; address?: string; department?: string };
}

/** Same SOP Instance UID, other data set: waits for a person. `_id` is `conflict:<SOPInstanceUID>:<sha256>`. */
export interface ConflictRecord {
  id: string;
  SOPInstanceUID: string;
  existing: { sha256: string; receivedAt: string; source: string };
  received: InstanceRecord;
  status: 'open' | 'kept-existing' | 'kept-received';
  decidedBy?: string;
  decidedAt?: string;
}

export interface CatalogueChange {
  /** Opaque, ordered by the catalogue; pass the last one back as `since`. CouchDB's are strings. */
  seq: string;
  id: string;
  deleted: boolean;
  /** Present when `id` starts with `instance:`. */
  record?: InstanceRecord;
}

/** The record of what this node holds. Implementations pass `catalogueContract` of core/testing. */
export interface Catalogue {
  get(SOPInstanceUID: string): Promise<InstanceRecord | undefined>;
  /** In the order asked; undefined where there is none. */
  getMany(SOPInstanceUIDs: readonly string[]): Promise<(InstanceRecord | undefined)[]>;
  /**
   * Durable when resolved. Never overwrites: `exists` gives what is there. Concurrent commits are grouped.
   * `after`: may be prepared at once, but not become durable or visible before this resolved; when it rejects, nothing is committed and its reason is thrown.
   */
  commit(
    record: InstanceRecord,
    options?: { after?: Promise<unknown> },
  ): Promise<{ outcome: 'created' } | { outcome: 'exists'; existing: InstanceRecord }>;
  /** Only for a decided conflict: replaces the record, keeping the replaced one in `superseded:<uid>:<sha256>`. */
  supersede(record: InstanceRecord): Promise<void>;
  putConflict(conflict: ConflictRecord): Promise<void>;
  getConflict(id: string): Promise<ConflictRecord | undefined>;
  /** All, or those of one instance. */
  listConflicts(SOPInstanceUID?: string): Promise<ConflictRecord[]>;
  /** At most `limit` changes after `since` ('' = from the start), in order; empty when caught up. */
  changes(since: string, limit: number): Promise<{ changes: CatalogueChange[]; lastSeq: string }>;
  /** The newest position of the feed. */
  head(): Promise<string>;
  /** Told after commits (coalesced) and, for a remote catalogue, after changes by others. */
  onChange(listener: () => void): Disposable;
  /** Every committed instance, in order of SOP Instance UID, without holding the list in memory; those behind `after` when it is given. */
  all(after?: string): AsyncIterable<InstanceRecord>;
  count(): Promise<number>;
  /** A plugin's own documents. */
  documents(namespace: string): DocumentStore;
  close(): Promise<void>;
}

/** Mutable documents with optimistic locking; `put` with a stale `rev` throws CONFLICT. */
export interface DocumentStore {
  get<T extends object>(id: string): Promise<(T & { rev: string }) | undefined>;
  put<T extends object>(id: string, doc: T, rev?: string): Promise<{ rev: string }>;
  remove(id: string, rev: string): Promise<void>;
  list<T extends object>(
    prefix: string,
    options?: { limit?: number; after?: string },
  ): Promise<({ id: string; rev: string } & T)[]>;
  /**
   * At most `limit` changes after `since` ('' = from the start), in order, each document with its latest content (`undefined` once removed);
   * empty when caught up.
   */
  changes<T extends object>(
    since: string,
    limit: number,
  ): Promise<{ changes: { seq: string; id: string; document: T | undefined }[]; lastSeq: string }>;
  /** The newest position of the feed. */
  head(): Promise<string>;
  /** Told after changes (coalesced), and for a remote catalogue after changes by others. */
  onChange(listener: () => void): Disposable;
}
