import type { Catalogue, ConflictRecord, InstanceRecord } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage } from '../storage/contract.ts';
import type { ReceiveOutcome } from './contract.ts';
import { equalDataSets } from './equal-data-sets.ts';
import { KeyedQueue } from './keyed-queue.ts';

export const conflictId = (record: InstanceRecord) => `conflict:${record.SOPInstanceUID}:${record.sha256}`;

/**
 * Decides what becomes of an instance whose bytes are, or are about to be, in the store: the first of its UID is the record; an equal one is a duplicate;
 * another one is kept aside for a person. One instance at a time per SOP Instance UID. There is one settler per node; where nodes share a catalogue and a
 * store, whoever comes first to the catalogue makes the record, and no bytes are dropped.
 */
export class InstanceSettler {
  readonly #storage: BlobStorage;
  readonly #catalogue: Catalogue;
  readonly #isShared: boolean;
  readonly #queue = new KeyedQueue();

  /** `shared`: other nodes settle into the same catalogue. No bytes are dropped then either, as where the store is shared. */
  constructor(storage: BlobStorage, catalogue: Catalogue, { shared = false }: { shared?: boolean } = {}) {
    this.#storage = storage;
    this.#catalogue = catalogue;
    this.#isShared = shared || storage.isShared === true;
  }

  /**
   * `store` makes the blob durable; the record becomes durable after it, never before. Resolves when both are.
   * When `store` or the commit fails, that is thrown and nothing was acknowledged.
   */
  settle(record: InstanceRecord, store: () => Promise<unknown>): Promise<ReceiveOutcome> {
    return this.#queue.run(record.SOPInstanceUID, async () => {
      const after = store();
      const commit = await this.#catalogue.commit(record, { after });
      if (commit.outcome === 'created') return { status: 'stored', record };
      return this.#settleSecond(record, commit.existing);
    });
  }

  /** A person's decision. NOT_FOUND, CONFLICT when it was decided before, BLOB_MISSING when the bytes to keep are not there. */
  async resolve(id: string, keep: 'existing' | 'received', decidedBy: string, decidedAt: string): Promise<void> {
    const found = await this.#catalogue.getConflict(id);
    if (!found) throw new FilmlessError('NOT_FOUND', 'No such conflict');
    await this.#queue.run(found.SOPInstanceUID, async () => {
      const conflict = await this.#catalogue.getConflict(id);
      if (conflict?.status !== 'open') throw new FilmlessError('CONFLICT', 'The conflict was decided already');
      if (keep === 'received') {
        const { received } = conflict;
        if (!(await this.#storage.has(received.sha256))) throw new FilmlessError('BLOB_MISSING', received.sha256);
        await this.#catalogue.supersede(received);
      }
      const status = keep === 'existing' ? 'kept-existing' : 'kept-received';
      await this.#catalogue.putConflict({ ...conflict, status, decidedBy, decidedAt });
    });
  }

  async #settleSecond(record: InstanceRecord, existing: InstanceRecord): Promise<ReceiveOutcome> {
    if (existing.sha256 === record.sha256) return { status: 'duplicate', record: existing };
    const conflicts = await this.#catalogue.listConflicts(record.SOPInstanceUID);
    if (await equalDataSets(this.#storage, existing, record)) {
      await this.#dropUnlessReferenced(record.sha256, conflicts);
      return { status: 'duplicate', record: existing };
    }
    for (const conflict of conflicts) {
      // These bytes are here already: kept aside, or replaced by a person's decision.
      if (conflict.received.sha256 === record.sha256) return { status: 'conflict', record: conflict.received };
      if (conflict.existing.sha256 === record.sha256) return { status: 'conflict', record };
    }
    for (const { received } of conflicts) {
      if (await equalDataSets(this.#storage, received, record)) {
        await this.#dropUnlessReferenced(record.sha256, conflicts);
        return { status: 'conflict', record: received };
      }
    }
    await this.#catalogue.putConflict({
      id: conflictId(record),
      SOPInstanceUID: record.SOPInstanceUID,
      existing: {
        sha256: existing.sha256,
        receivedAt: existing.received.at,
        source: existing.received.source,
      },
      received: record,
      status: 'open',
    });
    return { status: 'conflict', record };
  }

  /**
   * Blobs are named by content, and the content has the SOP Instance UID in it: all that refers to a blob is of this UID.
   * The record in force is not this blob's, or the instance would have been a plain duplicate. Another node may be about to refer to it, which nothing
   * here can tell: then it stays, and costs room at most.
   */
  async #dropUnlessReferenced(sha256: string, conflicts: readonly ConflictRecord[]): Promise<void> {
    if (this.#isShared) return;
    const isReferenced = conflicts.some(
      ({ existing, received }) => existing.sha256 === sha256 || received.sha256 === sha256,
    );
    if (!isReferenced) await this.#storage.remove(sha256);
  }
}
