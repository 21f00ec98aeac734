import type { Readable } from 'node:stream';
import type { ByteSource } from '../dicom/types.ts';

/** A whole file in the staging folder, neither durable nor part of the store yet. */
export interface StagedFile {
  path: string;
  /** Lower-case hex SHA-256 of all bytes of the file. */
  sha256: string;
  sizeBytes: number;
  /**
   * The receiver gives it its name in the store itself (see `placeDirectory`): durable, and the path gone, when this resolved. When it rejects, nothing
   * stands under the name.
   */
  placed?: Promise<Placed>;
}

/** `formerBytes`: size of what was under that name before; undefined when there was nothing. */
export interface Placed {
  formerBytes: number | undefined;
}

export interface BlobStat {
  sha256: string;
  sizeBytes: number;
  /** When its bytes were last written, milliseconds since 1970; given by `stat` and `list`. */
  storedAtMs?: number;
}

export interface FetchOptions {
  priority: 'viewing' | 'background';
  signal?: AbortSignal;
  /** Ask only sources up to this `order`: 49 are those of this node itself. */
  maxOrder?: number;
}

export interface StorageUsage {
  totalBytes: number;
  freeBytes: number;
  /** Writes are refused with STORAGE_FULL when less than this would remain. */
  floorBytes: number;
  usedByBlobsBytes: number;
  blobCount: number;
  /** True while the blobs are still being counted after the start: the two figures above still grow. */
  counting?: boolean;
}

export interface QuarantineEntry {
  id: string;
  /** Registry code of the reason. */
  code: string;
  /** No patient data. */
  reason: string;
  sizeBytes: number;
  receivedAt: string;
  via: string;
  source: string;
  fileName?: string;
}

/**
 * Content-addressed blobs. Implementations pass `storageContract` of core/testing.
 * Durable means: after `adopt` resolved, the blob survives a power cut.
 */
export interface BlobStorage {
  /** Folder on this machine where receivers stage files; `adopt` from there is cheapest. */
  readonly stagingDirectory: string;
  /**
   * Folder in which a receiver's own thread may place what it staged (`BlobPlacer`), which saves turns through other threads; adopting it then only
   * counts it. Undefined where only `adopt` places, and while it cannot be counted.
   */
  readonly placeDirectory?: string | undefined;
  /** Other nodes may keep their blobs in the same place: what this node no longer needs may be theirs. Absent: its own alone. */
  readonly isShared?: boolean;
  /**
   * Brings a blob into this store from where else it may be had; false when nobody has it, UNAVAILABLE when who has it cannot be asked now. Only
   * the node's own store can; a store that a plugin brings need not.
   */
  fetch?(sha256: string, options: FetchOptions): Promise<boolean>;
  /** Throws STORAGE_FULL when `sizeBytes` more would go below the floor. Cheap: may use a figure some hundred ms old. */
  ensureSpace(sizeBytes: number): Promise<void>;
  /** Makes a staged file part of the store, atomically and durably. Same content twice is one blob. The staged file is gone afterwards. */
  adopt(staged: StagedFile): Promise<BlobStat>;
  has(sha256: string): Promise<boolean>;
  stat(sha256: string): Promise<BlobStat | undefined>;
  /** BLOB_MISSING when it is not there. `end` exclusive. */
  stream(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Random access; `close` must be called. */
  open(sha256: string): Promise<ByteSource & { close(): Promise<void> }>;
  /** Every blob, in any order, without holding the list in memory. */
  list(): AsyncIterable<BlobStat>;
  /** Re-reads and hashes; false when the content is not its name. BLOB_MISSING when absent. */
  verify(sha256: string): Promise<boolean>;
  remove(sha256: string): Promise<void>;
  usage(): Promise<StorageUsage>;
  /** Keeps what cannot be read, with its reason, outside the blobs. The staged file is gone afterwards. */
  quarantine(staged: StagedFile, entry: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry>;
  listQuarantine(): Promise<QuarantineEntry[]>;
  streamQuarantine(id: string): Promise<Readable>;
  removeQuarantine(id: string): Promise<void>;
  close(): Promise<void>;
}
