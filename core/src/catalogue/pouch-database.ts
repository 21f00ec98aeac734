import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import PouchDB from 'pouchdb/lib/index.js';
import { FilmlessError } from '../errors.ts';
import { catalogueError, pouchStatus } from './catalogue-error.ts';
import { type LeveldownFactory, syncedLeveldown } from './synced-leveldown.ts';

const REQUEST_TIMEOUT_MS = 60_000;

export interface PouchDatabaseOptions {
  /** A folder, or the http(s) address of a CouchDB database. */
  location: string;
  /** Bytes of LevelDB's block cache and of its write buffer, when embedded. */
  cacheSize?: number;
  writeBufferSize?: number;
  /** Keep only the latest revision's content: for documents that change often. */
  compact?: boolean;
  /** Another LevelDB; for tests of failing disks. */
  leveldown?: (beforeWrite: () => Promise<unknown> | undefined) => LeveldownFactory;
}

export function isRemote(location: string): boolean {
  return /^https?:\/\//.test(location);
}

/** Live feeds stay open for long; every other request ends in time, so that a hung server is noticed. */
function fetchInTime(url: string | URL | Request, options: RequestInit = {}): Promise<Response> {
  const isFeed = String(url).includes('feed=longpoll');
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  return fetch(url, isFeed ? options : { ...options, signal });
}

/**
 * One PouchDB, embedded on LevelDB or a CouchDB elsewhere. Embedded writes go one after another, each durable when it resolved.
 * After a failed write LevelDB refuses all others, because it cannot know what is in its log; it is then opened again before the next one.
 */
export class PouchDatabase {
  readonly isRemote: boolean;
  readonly #options: PouchDatabaseOptions;
  #db: PouchDB;
  #gate: Promise<unknown> | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isBroken = false;
  #closed = false;

  private constructor(options: PouchDatabaseOptions) {
    this.#options = options;
    this.isRemote = isRemote(options.location);
    this.#db = this.#make();
  }

  /** UNAVAILABLE when it cannot be opened, e.g. because another process has it. */
  static async open(options: PouchDatabaseOptions): Promise<PouchDatabase> {
    if (!isRemote(options.location)) await mkdir(dirname(options.location), { recursive: true, mode: 0o750 });
    const database = new PouchDatabase(options);
    try {
      await database.#db.info();
    } catch (error) {
      throw catalogueError(error);
    }
    return database;
  }

  async read<T>(operation: (db: PouchDB) => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await operation(this.#db);
    } catch (error) {
      throw catalogueError(error);
    }
  }

  /**
   * Runs one write. It starts at once, but reaches the disk only after `gate` resolved; when `gate` rejects, nothing is written
   * and its reason is thrown. Throws CONFLICT, UNAVAILABLE.
   */
  write<T>(operation: (db: PouchDB) => Promise<T>, gate?: Promise<unknown>): Promise<T> {
    this.#assertOpen();
    // A gate that rejects before anyone listens must not end the process.
    gate?.catch(() => undefined);
    if (this.isRemote) return this.#writeRemotely(operation, gate);
    const mine = this.#lastWrite.then(() => this.#writeEmbedded(operation, gate));
    this.#lastWrite = mine.catch(() => undefined);
    return mine;
  }

  /** A feed of changes; only for a remote database. */
  live(): PouchDB.Changes {
    return this.#db.changes({ live: true, since: 'now', heartbeat: 10_000 });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lastWrite;
    await this.#db.close();
  }

  async #writeRemotely<T>(operation: (db: PouchDB) => Promise<T>, gate: Promise<unknown> | undefined): Promise<T> {
    await gate;
    return this.read(operation);
  }

  async #writeEmbedded<T>(operation: (db: PouchDB) => Promise<T>, gate: Promise<unknown> | undefined): Promise<T> {
    if (this.#isBroken) await this.#reopen();
    this.#gate = gate;
    try {
      return await operation(this.#db);
    } catch (error) {
      await gate;
      const status = pouchStatus(error);
      if (status < 400 || status >= 500) this.#isBroken = true;
      throw catalogueError(error);
    } finally {
      this.#gate = undefined;
    }
  }

  async #reopen(): Promise<void> {
    try {
      await this.#db.close();
    } catch (error) {
      // Already closed by an earlier attempt that got no further.
      if (!(error instanceof Error)) throw catalogueError(error);
    }
    this.#db = this.#make();
    try {
      await this.#db.info();
    } catch (error) {
      throw catalogueError(error);
    }
    this.#isBroken = false;
  }

  #make(): PouchDB {
    const { location, leveldown = syncedLeveldown, compact, cacheSize, writeBufferSize } = this.#options;
    if (this.isRemote) return new PouchDB(location, { fetch: fetchInTime });
    return new PouchDB(location, {
      adapter: 'leveldb',
      db: leveldown(() => this.#gate),
      // Enough for replication to see which revision follows which; contents of old ones go.
      revs_limit: 20,
      // A revision need not follow from the content: nobody writes the same document twice, and hashing it costs as much as encoding it.
      deterministic_revs: false,
      ...(compact && { auto_compaction: true }),
      ...(cacheSize && { cacheSize }),
      ...(writeBufferSize && { writeBufferSize }),
    });
  }

  #assertOpen(): void {
    if (this.#closed) throw new FilmlessError('UNAVAILABLE', 'The catalogue is closed');
  }
}
