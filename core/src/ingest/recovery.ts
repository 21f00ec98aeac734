import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import { readInstanceHeader } from '../dicom/index.ts';
import { FilmlessError } from '../errors.ts';
import type { Logger } from '../plugins/contract.ts';
import type { BlobStat, BlobStorage } from '../storage/contract.ts';
import { BlobLedger } from './blob-ledger.ts';
import { InstanceSettler } from './instance-settler.ts';
import { makeRecord } from './make-record.ts';
import { mapOrdered } from './map-ordered.ts';

const READ_AHEAD = 8;
const SETTLE_AT_ONCE = 64;

export interface RebuildOptions {
  storage: BlobStorage;
  catalogue: Catalogue;
  log: Logger;
  progress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** The one of the running ingest, so that instances may come in meanwhile. */
  settler?: InstanceSettler;
  /** Which character set a device assumed is not kept with the bytes; this one is used for all. */
  assumedCharacterSet?: string;
}

export interface RebuildResult {
  /** Blobs that no record or conflict referred to. */
  found: number;
  created: number;
  duplicates: number;
  conflicts: number;
  /** Left where they are, and named in the log. */
  unreadable: number;
}

/**
 * Makes a record of every blob that has none: after the catalogue was lost, whole or in part. Blobs are taken in the order they were written,
 * so that of several of one UID the earliest is the record and the others are conflicts, whatever the order of the disk.
 * Time of receipt is the blob's; who sent it is lost. May be broken off and run again.
 */
export async function rebuildCatalogue(options: RebuildOptions): Promise<RebuildResult> {
  const { storage, catalogue, log, progress, signal } = options;
  const settler = options.settler ?? new InstanceSettler(storage, catalogue);
  const result: RebuildResult = { found: 0, created: 0, duplicates: 0, conflicts: 0, unreadable: 0 };
  const ledger = new BlobLedger();
  try {
    await fill(ledger, storage, catalogue, signal);
    result.found = ledger.countUnknown();
    let done = 0;
    const settling = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for await (const record of mapOrdered(ledger.unknown(), READ_AHEAD, (blob) => readRecord(blob, options))) {
      signal?.throwIfAborted();
      if (failures.length > 0) break;
      // Begun in order, and the settler keeps the order of what has the same UID.
      const one = settleOne(settler, record, result)
        .then(() => progress?.(++done, result.found))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => settling.delete(one));
      settling.add(one);
      if (settling.size >= SETTLE_AT_ONCE) await Promise.race(settling);
    }
    await Promise.all(settling);
    if (failures.length > 0) throw failures[0];
    log.info({ ...result }, 'The catalogue was completed from the stored objects');
    return result;
  } finally {
    ledger.close();
  }
}

async function fill(
  ledger: BlobLedger,
  storage: BlobStorage,
  catalogue: Catalogue,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const blob of storage.list()) {
    signal?.throwIfAborted();
    ledger.addBlob(blob);
  }
  // After the blobs: what is received meanwhile has its blob first.
  for await (const { sha256 } of catalogue.all()) {
    signal?.throwIfAborted();
    ledger.addKnown(sha256);
  }
  for (const { existing, received } of await catalogue.listConflicts()) {
    ledger.addKnown(existing.sha256);
    ledger.addKnown(received.sha256);
  }
}

async function readRecord(blob: Required<BlobStat>, options: RebuildOptions): Promise<InstanceRecord | undefined> {
  const { storage, log, assumedCharacterSet } = options;
  try {
    // A power cut may have left a blob short of bytes that was never acknowledged.
    if (!(await storage.verify(blob.sha256))) throw new FilmlessError('BLOB_CORRUPT', blob.sha256);
    const source = await storage.open(blob.sha256);
    try {
      const header = await readInstanceHeader(source, assumedCharacterSet === undefined ? {} : { assumedCharacterSet });
      const at = new Date(blob.storedAtMs).toISOString();
      return makeRecord(header, blob, { via: 'rebuild', name: 'rebuild' }, at);
    } finally {
      await source.close();
    }
  } catch (error) {
    const { code } = FilmlessError.from(error);
    log.error({ sha256: blob.sha256, code }, 'A stored object cannot be read and gets no record');
    return undefined;
  }
}

async function settleOne(
  settler: InstanceSettler,
  record: InstanceRecord | undefined,
  result: RebuildResult,
): Promise<void> {
  if (!record) {
    result.unreadable += 1;
    return;
  }
  const { status } = await settler.settle(record, async () => undefined);
  if (status === 'stored') result.created += 1;
  else if (status === 'duplicate') result.duplicates += 1;
  else result.conflicts += 1;
}
