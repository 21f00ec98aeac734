import type {
  Catalogue,
  CatalogueChange,
  ConflictRecord,
  DocumentStore,
  InstanceRecord,
} from '../src/catalogue/contract.ts';
import { type Disposable, disposable } from '../src/disposable.ts';
import { FilmlessError } from '../src/errors.ts';
import { InMemoryDocumentStore } from './in-memory-document-store.ts';

const seqOf = (position: number) => String(position).padStart(12, '0');

/** A catalogue in memory, for tests. What goes in and comes out is copied, as a database would. */
export class InMemoryCatalogue implements Catalogue {
  readonly #records = new Map<string, InstanceRecord>();
  readonly #superseded = new Map<string, InstanceRecord>();
  readonly #conflicts = new Map<string, ConflictRecord>();
  /** Last position at which each document changed. */
  readonly #positions = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #namespaces = new Map<string, InMemoryDocumentStore>();
  #position = 0;
  #pending: NodeJS.Immediate | undefined;

  async get(SOPInstanceUID: string): Promise<InstanceRecord | undefined> {
    return structuredClone(this.#records.get(SOPInstanceUID));
  }

  getMany(SOPInstanceUIDs: readonly string[]): Promise<(InstanceRecord | undefined)[]> {
    return Promise.all(SOPInstanceUIDs.map((uid) => this.get(uid)));
  }

  async commit(
    record: InstanceRecord,
    options: { after?: Promise<unknown> } = {},
  ): Promise<{ outcome: 'created' } | { outcome: 'exists'; existing: InstanceRecord }> {
    await options.after;
    const existing = this.#records.get(record.SOPInstanceUID);
    if (existing) return { outcome: 'exists', existing: structuredClone(existing) };
    this.#records.set(record.SOPInstanceUID, structuredClone(record));
    this.#changed(`instance:${record.SOPInstanceUID}`);
    return { outcome: 'created' };
  }

  async supersede(record: InstanceRecord): Promise<void> {
    const current = this.#records.get(record.SOPInstanceUID);
    if (!current) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
    if (current.sha256 === record.sha256) return;
    const id = `superseded:${record.SOPInstanceUID}:${current.sha256}`;
    if (!this.#superseded.has(id)) {
      this.#superseded.set(id, current);
      this.#changed(id);
    }
    this.#records.set(record.SOPInstanceUID, structuredClone(record));
    this.#changed(`instance:${record.SOPInstanceUID}`);
  }

  async putConflict(conflict: ConflictRecord): Promise<void> {
    this.#conflicts.set(conflict.id, structuredClone(conflict));
    this.#changed(conflict.id);
  }

  async getConflict(id: string): Promise<ConflictRecord | undefined> {
    return structuredClone(this.#conflicts.get(id));
  }

  async listConflicts(SOPInstanceUID?: string): Promise<ConflictRecord[]> {
    return [...this.#conflicts.values()]
      .filter((each) => SOPInstanceUID === undefined || each.SOPInstanceUID === SOPInstanceUID)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((each) => structuredClone(each));
  }

  async changes(since: string, limit: number): Promise<{ changes: CatalogueChange[]; lastSeq: string }> {
    const after = since === '' ? 0 : Number(since);
    const found = [...this.#positions].filter(([, position]) => position > after).sort(([, a], [, b]) => a - b);
    const changes = found.slice(0, limit).map(([id, position]): CatalogueChange => {
      const record = id.startsWith('instance:') ? this.#records.get(id.slice('instance:'.length)) : undefined;
      return { seq: seqOf(position), id, deleted: false, ...(record && { record: structuredClone(record) }) };
    });
    return { changes, lastSeq: changes.at(-1)?.seq ?? (since || seqOf(0)) };
  }

  async head(): Promise<string> {
    return seqOf(this.#position);
  }

  onChange(listener: () => void): Disposable {
    const mine = () => listener();
    this.#listeners.add(mine);
    return disposable(() => {
      this.#listeners.delete(mine);
    });
  }

  async *all(after = ''): AsyncIterable<InstanceRecord> {
    for (const uid of [...this.#records.keys()].sort()) {
      if (uid <= after) continue;
      const record = await this.get(uid);
      if (record) yield record;
    }
  }

  async count(): Promise<number> {
    return this.#records.size;
  }

  documents(namespace: string): DocumentStore {
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(namespace)) {
      throw new FilmlessError('INVALID_REQUEST', 'A namespace is lower-case letters, digits and hyphens');
    }
    const store = this.#namespaces.get(namespace) ?? new InMemoryDocumentStore();
    this.#namespaces.set(namespace, store);
    return store;
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    if (this.#pending) clearImmediate(this.#pending);
  }

  #changed(id: string): void {
    this.#position += 1;
    this.#positions.set(id, this.#position);
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined;
      for (const listener of this.#listeners) listener();
    });
  }
}
