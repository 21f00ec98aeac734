import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage } from '../storage/contract.ts';
import { mapOrdered } from './map-ordered.ts';

const AT_ONCE = 2;
const PAGE = 100;

export interface VerifyOptions {
  catalogue: Catalogue;
  storage: BlobStorage;
  /** SOP Instance UIDs; all instances when left out. Those without a record are passed over. */
  select?: Iterable<string> | AsyncIterable<string>;
  /** Told after each instance. */
  progress?: (done: number) => void;
  signal?: AbortSignal;
  /** Of these, the ones whose bytes are elsewhere: removed from this store on purpose, or another place vouches for them. */
  elsewhere?: (sha256: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Puts good bytes in the place of damaged or lost ones; false when there are none to be had. What is elsewhere on purpose it leaves there. */
  repair?: (sha256: string, damage: 'missing' | 'corrupt') => Promise<boolean>;
}

export interface VerifiedInstance {
  SOPInstanceUID: string;
  sha256: string;
  /** `elsewhere`: not in this store, but not lost. `repaired`: was missing or corrupt and is whole again. */
  state: 'ok' | 'missing' | 'corrupt' | 'elsewhere' | 'repaired';
}

/** Re-reads the bytes of instances and compares them with the hash in their record. Aborting throws the signal's reason. */
export async function* verifyInstances(options: VerifyOptions): AsyncGenerator<VerifiedInstance> {
  const { catalogue, select, progress } = options;
  const records = select ? selected(catalogue, select) : catalogue.all();
  let done = 0;
  for await (const verified of mapOrdered(records, AT_ONCE, (record) => verifyOne(options, record))) {
    progress?.(++done);
    yield verified;
  }
}

async function verifyOne(
  options: VerifyOptions,
  { SOPInstanceUID, sha256 }: InstanceRecord,
): Promise<VerifiedInstance> {
  const { storage, repair, elsewhere, signal } = options;
  signal?.throwIfAborted();
  const found = await blobState(storage, sha256);
  if (found === 'ok') return { SOPInstanceUID, sha256, state: 'ok' };
  if (await repair?.(sha256, found)) return { SOPInstanceUID, sha256, state: 'repaired' };
  const isElsewhere = found === 'missing' && (await elsewhere?.([sha256]))?.has(sha256);
  return { SOPInstanceUID, sha256, state: isElsewhere ? 'elsewhere' : found };
}

/** Whether the bytes of this store are those that the name promises. */
export async function blobState(storage: BlobStorage, sha256: string): Promise<'ok' | 'missing' | 'corrupt'> {
  try {
    return (await storage.verify(sha256)) ? 'ok' : 'corrupt';
  } catch (error) {
    if (!(error instanceof FilmlessError) || error.code !== 'BLOB_MISSING') throw error;
    return 'missing';
  }
}

async function* selected(
  catalogue: Catalogue,
  uids: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<InstanceRecord> {
  let page: string[] = [];
  for await (const uid of uids) {
    page.push(uid);
    if (page.length < PAGE) continue;
    yield* present(await catalogue.getMany(page));
    page = [];
  }
  yield* present(await catalogue.getMany(page));
}

function present(records: (InstanceRecord | undefined)[]): InstanceRecord[] {
  return records.filter((record) => record !== undefined);
}
