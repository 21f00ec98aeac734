import { join } from 'node:path';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { pouchStatus } from './catalogue-error.ts';
import { ChangeNotifier } from './change-notifier.ts';
import { type CommitOutcome, CommitQueue } from './commit-queue.ts';
import type { Catalogue, CatalogueChange, ConflictRecord, DocumentStore, InstanceRecord } from './contract.ts';
import {
  CONFLICT_PREFIX,
  fromConflictDocument,
  fromInstanceDocument,
  INSTANCE_PREFIX,
  instanceId,
  LAST,
  SUPERSEDED_PREFIX,
  toConflictDocument,
  toInstanceDocument,
} from './instance-document.ts';
import { isRemote, PouchDatabase, type PouchDatabaseOptions } from './pouch-database.ts';
import { PouchDocumentStore } from './pouch-document-store.ts';
import { RecentChanges } from './recent-changes.ts';

const PAGE = 256;
const NAMESPACE_PATTERN = /^[a-z][a-z0-9-]{0,63}$/;

export interface PouchCatalogueOptions {
  /** A folder of this machine, or the http(s) address of a CouchDB database; documents lie in databases beside it. */
  location: string;
  /** Told about documents that are damaged and about listeners that throw. No patient data. */
  onProblem?: (problem: string, error: unknown) => void;
  /** Asked before documents of a namespace are written here; what replication brings is not asked for. */
  mayWrite?: (namespace: string) => boolean;
  /** Another LevelDB; for tests of failing disks. */
  leveldown?: PouchDatabaseOptions['leveldown'];
}

interface Revision {
  _rev: string;
}

/** The catalogue in PouchDB: embedded on LevelDB, or a CouchDB. */
export class PouchCatalogue implements Catalogue {
  readonly #options: PouchCatalogueOptions;
  readonly #database: PouchDatabase;
  readonly #commits: CommitQueue;
  readonly #notifier: ChangeNotifier;
  readonly #recent = new RecentChanges();
  readonly #onProblem: (problem: string, error: unknown) => void;
  readonly #stores = new Map<string, PouchDocumentStore>();
  readonly #namespaces = new Map<string, Promise<PouchDatabase>>();

  private constructor(options: PouchCatalogueOptions, database: PouchDatabase) {
    this.#options = options;
    this.#database = database;
    this.#onProblem = options.onProblem ?? (() => undefined);
    this.#notifier = new ChangeNotifier(database, (error) => this.#onProblem('A listener failed', error));
    this.#commits = new CommitQueue(
      database,
      (ids) => this.#getByIds(ids),
      ({ commits, lastSeq }) => {
        if (lastSeq !== undefined) this.#recent.add(lastSeq, commits);
        this.#notifier.notify();
      },
    );
  }

  /** UNAVAILABLE when it cannot be opened or reached. */
  static async open(options: PouchCatalogueOptions): Promise<PouchCatalogue> {
    const { location, leveldown } = options;
    const database = await PouchDatabase.open({
      location: isRemote(location) ? location : join(location, 'instances'),
      cacheSize: 32 * 1024 * 1024,
      writeBufferSize: 16 * 1024 * 1024,
      ...(leveldown && { leveldown }),
    });
    return new PouchCatalogue(options, database);
  }

  async get(SOPInstanceUID: string): Promise<InstanceRecord | undefined> {
    const [record] = await this.#getByIds([instanceId(SOPInstanceUID)]);
    return record;
  }

  getMany(SOPInstanceUIDs: readonly string[]): Promise<(InstanceRecord | undefined)[]> {
    return this.#getByIds(SOPInstanceUIDs.map(instanceId));
  }

  commit(record: InstanceRecord, options: { after?: Promise<unknown> } = {}): Promise<CommitOutcome> {
    return this.#commits.add(record, options.after);
  }

  async supersede(record: InstanceRecord): Promise<void> {
    const id = instanceId(record.SOPInstanceUID);
    const current = await this.#getDocument(id);
    if (current === undefined) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
    const { sha256 } = fromInstanceDocument(current);
    if (sha256 === record.sha256) return;
    // The old one is safe before the new one takes its place.
    await this.#putOnce(`${SUPERSEDED_PREFIX}${record.SOPInstanceUID}:${sha256}`, fromInstanceDocument(current));
    const { _rev } = current as Revision;
    await this.#put({ _id: id, _rev, ...toInstanceDocument(record) });
  }

  async putConflict(conflict: ConflictRecord): Promise<void> {
    const current = await this.#getDocument(conflict.id);
    const revision = current === undefined ? {} : { _rev: (current as Revision)._rev };
    await this.#put({ _id: conflict.id, ...revision, ...toConflictDocument(conflict) });
  }

  async getConflict(id: string): Promise<ConflictRecord | undefined> {
    if (!id.startsWith(CONFLICT_PREFIX)) return undefined;
    const found = await this.#getDocument(id);
    return found === undefined ? undefined : fromConflictDocument(found);
  }

  async listConflicts(SOPInstanceUID?: string): Promise<ConflictRecord[]> {
    const prefix = SOPInstanceUID === undefined ? CONFLICT_PREFIX : `${CONFLICT_PREFIX}${SOPInstanceUID}:`;
    const conflicts: ConflictRecord[] = [];
    for await (const { doc } of this.#range(prefix)) conflicts.push(fromConflictDocument(doc));
    return conflicts;
  }

  async changes(since: string, limit: number): Promise<{ changes: CatalogueChange[]; lastSeq: string }> {
    const from = this.#database.isRemote ? since || 0 : Number(since || 0);
    const recent = typeof from === 'number' ? this.#recent.after(from, limit) : undefined;
    if (recent) return { changes: recent, lastSeq: recent.at(-1)?.seq ?? String(from) };
    const { results, last_seq } = await this.#database.read((db) =>
      db.changes({ since: from, limit, batch_size: limit, include_docs: true }),
    );
    const changes = results.map(({ id, seq, deleted, doc }): CatalogueChange => {
      const change = { seq: String(seq), id, deleted: deleted ?? false };
      if (deleted || !id.startsWith(INSTANCE_PREFIX)) return change;
      const record = this.#tryRecord(id, doc);
      return record ? { ...change, record } : change;
    });
    return { changes, lastSeq: results.length > 0 || since === '' ? String(last_seq) : since };
  }

  async head(): Promise<string> {
    const { update_seq } = await this.#database.read((db) => db.info());
    return String(update_seq);
  }

  onChange(listener: () => void): Disposable {
    return this.#notifier.listen(listener);
  }

  async *all(after = ''): AsyncIterable<InstanceRecord> {
    for await (const { key, doc } of this.#range(INSTANCE_PREFIX, after)) {
      const record = this.#tryRecord(key, doc);
      if (record) yield record;
    }
  }

  async count(): Promise<number> {
    const { doc_count } = await this.#database.read((db) => db.info());
    // What is not an instance is rare: decisions of persons, and design documents of a CouchDB.
    const others = await Promise.all(
      [CONFLICT_PREFIX, SUPERSEDED_PREFIX, '_design/'].map((each) => this.#countRange(each)),
    );
    return doc_count - others.reduce((sum, each) => sum + each, 0);
  }

  documents(namespace: string): DocumentStore {
    if (!NAMESPACE_PATTERN.test(namespace)) {
      throw new FilmlessError('INVALID_REQUEST', 'A namespace is lower-case letters, digits and hyphens');
    }
    // One for each namespace, so that whoever listens hears of every change.
    const known = this.#stores.get(namespace);
    if (known) return known;
    const store = new PouchDocumentStore(
      () => this.#openNamespace(namespace),
      (error) => this.#onProblem('A listener failed', error),
      () => this.#options.mayWrite?.(namespace) ?? true,
    );
    this.#stores.set(namespace, store);
    return store;
  }

  /** For replication: the database of the instances, or of a namespace. */
  async databaseOf(name: 'instances' | string): Promise<PouchDatabase> {
    return name === 'instances' ? this.#database : this.#openNamespace(name);
  }

  /** For replication: documents of a namespace came from another node. */
  async changedByOthers(namespace: string): Promise<void> {
    await this.#stores.get(namespace)?.changed();
  }

  /** Namespaces that were used since it was opened. */
  openNamespaces(): string[] {
    return [...this.#namespaces.keys()];
  }

  async close(): Promise<void> {
    this.#notifier.close();
    await this.#commits.drained();
    await this.#database.close();
    for (const store of this.#stores.values()) await store.close();
    for (const opening of await Promise.allSettled(this.#namespaces.values())) {
      if (opening.status === 'fulfilled') await opening.value.close();
    }
  }

  async #openNamespace(namespace: string): Promise<PouchDatabase> {
    const opened = this.#namespaces.get(namespace);
    if (opened) return opened;
    const { location, leveldown } = this.#options;
    const opening = PouchDatabase.open({
      location: isRemote(location)
        ? `${location.replace(/\/+$/, '')}-${namespace}`
        : join(location, 'documents', namespace),
      compact: true,
      ...(leveldown && { leveldown }),
    });
    this.#namespaces.set(namespace, opening);
    // The next use tries again.
    opening.catch(() => this.#namespaces.delete(namespace));
    return opening;
  }

  async #getByIds(ids: readonly string[]): Promise<(InstanceRecord | undefined)[]> {
    if (ids.length === 0) return [];
    // Embedded, single gets are three times faster than one `allDocs`; over HTTP one request is.
    if (!this.#database.isRemote || ids.length === 1) {
      const documents = await Promise.all(ids.map((id) => this.#getDocument(id)));
      return documents.map((each) => (each === undefined ? undefined : fromInstanceDocument(each)));
    }
    const { rows } = await this.#database.read((db) => db.allDocs({ keys: [...ids], include_docs: true }));
    return rows.map(({ doc }) => (doc ? fromInstanceDocument(doc) : undefined));
  }

  async #getDocument(id: string): Promise<unknown> {
    return this.#database.read(async (db) => {
      try {
        return await db.get(id);
      } catch (error) {
        if (pouchStatus(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async #put(document: { _id: string; _rev?: string }): Promise<void> {
    await this.#database.write((db) => db.put(document));
    this.#recent.clear();
    this.#notifier.notify();
  }

  async #putOnce(id: string, record: InstanceRecord): Promise<void> {
    try {
      await this.#put({ _id: id, ...toInstanceDocument(record) });
    } catch (error) {
      if (!(error instanceof FilmlessError) || error.code !== 'CONFLICT') throw error;
    }
  }

  #tryRecord(id: string, document: unknown): InstanceRecord | undefined {
    try {
      return fromInstanceDocument(document);
    } catch (error) {
      // One damaged document must not stop whoever follows the changes.
      this.#onProblem(`The document ${id} is damaged`, error);
      return undefined;
    }
  }

  /** `after`: the rest of a key that is there; what is behind it is given. */
  async *#range(prefix: string, after = ''): AsyncIterable<{ key: string; doc?: unknown }> {
    let startkey = prefix + after;
    for (let skip = after === '' ? 0 : 1; ; skip = 1) {
      const { rows } = await this.#database.read((db) =>
        db.allDocs({ include_docs: true, startkey, endkey: prefix + LAST, limit: PAGE, skip }),
      );
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      startkey = last.key;
    }
  }

  async #countRange(prefix: string): Promise<number> {
    const { rows } = await this.#database.read((db) => db.allDocs({ startkey: prefix, endkey: prefix + LAST }));
    return rows.length;
  }
}
