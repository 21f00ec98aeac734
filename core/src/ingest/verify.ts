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
}

export interface VerifiedInstance {
  SOPInstanceUID: string;
  sha256: string;
  state: 'ok' | 'missing' | 'corrupt';
}

/** Re-reads the bytes of instances and compares them with the hash in their record. Aborting throws the signal's reason. */
export async function* verifyInstances(options: VerifyOptions): AsyncGenerator<VerifiedInstance> {
  const { catalogue, storage, select, progress, signal } = options;
  const records = select ? selected(catalogue, select) : catalogue.all();
  let done = 0;
  for await (const verified of mapOrdered(records, AT_ONCE, (record) => verifyOne(storage, record, signal))) {
    progress?.(++done);
    yield verified;
  }
}

async function verifyOne(
  storage: BlobStorage,
  { SOPInstanceUID, sha256 }: InstanceRecord,
  signal: AbortSignal | undefined,
): Promise<VerifiedInstance> {
  signal?.throwIfAborted();
  try {
    return { SOPInstanceUID, sha256, state: (await storage.verify(sha256)) ? 'ok' : 'corrupt' };
  } catch (error) {
    if (!(error instanceof FilmlessError) || error.code !== 'BLOB_MISSING') throw error;
    return { SOPInstanceUID, sha256, state: 'missing' };
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
