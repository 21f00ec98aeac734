import { z } from 'zod';
import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { catalogueError, pouchStatus } from './catalogue-error.ts';
import { ChangeNotifier } from './change-notifier.ts';
import type { DocumentStore } from './contract.ts';
import { LAST } from './instance-document.ts';
import type { PouchDatabase } from './pouch-database.ts';

/** A plugin's document lies nested, so that its keys, and its id, may be anything. */
const Envelope = z.object({ _id: z.string(), _rev: z.string(), content: z.record(z.string(), z.unknown()) });

const KEY_PREFIX = 'doc:';
const PAGE = 200;

/** One namespace's documents, in a database of their own. */
export class PouchDocumentStore implements DocumentStore {
  readonly #open: () => Promise<PouchDatabase>;
  readonly #onListenerFailed: (error: unknown) => void;
  readonly #mayWrite: () => boolean;
  #notifier: Promise<ChangeNotifier> | undefined;

  /** `open` is called at the first use and whenever it failed before. */
  constructor(
    open: () => Promise<PouchDatabase>,
    onListenerFailed: (error: unknown) => void = () => undefined,
    mayWrite: () => boolean = () => true,
  ) {
    this.#open = open;
    this.#onListenerFailed = onListenerFailed;
    this.#mayWrite = mayWrite;
  }

  async get<T extends object>(id: string): Promise<(T & { rev: string }) | undefined> {
    const database = await this.#open();
    const found = await database.read(async (db) => {
      try {
        return await db.get(KEY_PREFIX + id);
      } catch (error) {
        if (pouchStatus(error) === 404) return undefined;
        throw error;
      }
    });
    if (found === undefined) return undefined;
    return this.#unwrap<T>(found);
  }

  async put<T extends object>(id: string, doc: T, rev?: string): Promise<{ rev: string }> {
    if (id === '') throw new FilmlessError('INVALID_REQUEST', 'A document needs an id');
    this.#assertMayWrite();
    const database = await this.#open();
    const { rev: _, ...content } = doc as T & { rev?: unknown };
    const result = await database.write((db) => db.put({ _id: KEY_PREFIX + id, ...(rev && { _rev: rev }), content }));
    if (!result.rev) throw catalogueError(result);
    await this.changed();
    return { rev: result.rev };
  }

  async remove(id: string, rev: string): Promise<void> {
    this.#assertMayWrite();
    const database = await this.#open();
    try {
      await database.write((db) => db.remove(KEY_PREFIX + id, rev));
      await this.changed();
    } catch (error) {
      if (pouchStatus(error instanceof FilmlessError ? error.cause : error) === 404) {
        throw new FilmlessError('CONFLICT', 'The document is gone already');
      }
      throw error;
    }
  }

  async list<T extends object>(
    prefix: string,
    options: { limit?: number; after?: string } = {},
  ): Promise<({ id: string; rev: string } & T)[]> {
    const database = await this.#open();
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const found: ({ id: string; rev: string } & T)[] = [];
    let start = KEY_PREFIX + (options.after ?? prefix);
    let skip = 0;
    while (found.length < limit) {
      const { rows } = await database.read((db) =>
        db.allDocs({ include_docs: true, startkey: start, endkey: KEY_PREFIX + prefix + LAST, limit: PAGE, skip }),
      );
      for (const { key, doc } of rows) {
        const id = key.slice(KEY_PREFIX.length);
        // CouchDB's order ignores case at first: neighbours that only look alike are left out here.
        if (!id.startsWith(prefix) || id === options.after || found.length >= limit) continue;
        found.push({ ...this.#unwrap<T>(doc), id });
      }
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) break;
      start = last.key;
      skip = 1;
    }
    return found;
  }

  async changes<T extends object>(
    since: string,
    limit: number,
  ): Promise<{ changes: { seq: string; id: string; document: T | undefined }[]; lastSeq: string }> {
    const database = await this.#open();
    const from = database.isRemote ? since || 0 : Number(since || 0);
    const { results, last_seq } = await database.read((db) =>
      db.changes({ since: from, limit, batch_size: limit, include_docs: true }),
    );
    const changes = results
      .filter(({ id }) => id.startsWith(KEY_PREFIX))
      .map(({ id, seq, deleted, doc }) => ({
        seq: String(seq),
        id: id.slice(KEY_PREFIX.length),
        document: deleted ? undefined : this.#unwrap<T>(doc),
      }));
    return { changes, lastSeq: results.length > 0 || since === '' ? String(last_seq) : since };
  }

  async head(): Promise<string> {
    const database = await this.#open();
    const { update_seq } = await database.read((db) => db.info());
    return String(update_seq);
  }

  onChange(listener: () => void): Disposable {
    const listening = this.#opened().then((notifier) => notifier.listen(listener));
    listening.catch(this.#onListenerFailed);
    return disposable(async () => {
      await (await listening).dispose();
    });
  }

  /** No more changes are told. */
  async close(): Promise<void> {
    (await this.#notifier)?.close();
  }

  #assertMayWrite(): void {
    if (!this.#mayWrite()) throw new FilmlessError('KEPT_ELSEWHERE');
  }

  #opened(): Promise<ChangeNotifier> {
    this.#notifier ??= this.#open().then((database) => new ChangeNotifier(database, this.#onListenerFailed));
    return this.#notifier;
  }

  /** Tells those who listen. */
  async changed(): Promise<void> {
    if (this.#notifier) (await this.#notifier).notify();
  }

  #unwrap<T extends object>(document: unknown): T & { rev: string } {
    const { _rev, content } = Envelope.parse(document);
    // The shape inside is the plugin's own affair.
    return { ...(content as T), rev: _rev };
  }
}
