import { type Disposable, type DocumentStore, FilmlessError, type Logger } from '@filmless/core/plugin';

/** How long changes that can wait are collected before they are written. */
const WRITE_AFTER_MS = 2000;

/** Documents under one prefix, held in memory as well: reading is at once, writing goes through. */
export class StoredMap<T extends object> implements Disposable {
  readonly #documents: DocumentStore;
  readonly #prefix: string;
  readonly #log: Logger;
  readonly #values = new Map<string, T>();
  readonly #revisions = new Map<string, string>();
  readonly #unwritten = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();

  private constructor(documents: DocumentStore, prefix: string, log: Logger) {
    this.#documents = documents;
    this.#prefix = prefix;
    this.#log = log;
  }

  static async open<T extends object>(documents: DocumentStore, prefix: string, log: Logger): Promise<StoredMap<T>> {
    const map = new StoredMap<T>(documents, prefix, log);
    for (const { id, rev, value } of await documents.list<{ value: T }>(prefix)) {
      const key = id.slice(prefix.length);
      map.#values.set(key, value);
      map.#revisions.set(key, rev);
    }
    return map;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  values(): IterableIterator<T> {
    return this.#values.values();
  }

  get size(): number {
    return this.#values.size;
  }

  /** Written when resolved. */
  async put(key: string, value: T): Promise<void> {
    await this.#inTurn(() => this.#write(key, value));
    this.#values.set(key, value);
    this.#unwritten.delete(key);
  }

  /** Seen at once, written soon: for what may be lost in a crash. */
  putLater(key: string, value: T): void {
    this.#values.set(key, value);
    this.#unwritten.add(key);
    this.#timer ??= setTimeout(() => void this.#flush(), WRITE_AFTER_MS);
  }

  async remove(key: string): Promise<void> {
    this.#unwritten.delete(key);
    await this.#inTurn(async () => {
      const rev = this.#revisions.get(key);
      if (rev !== undefined) await this.#documents.remove(this.#prefix + key, rev);
      this.#revisions.delete(key);
    });
    this.#values.delete(key);
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const keys = [...this.#unwritten];
    this.#unwritten.clear();
    for (const key of keys) {
      try {
        await this.#inTurn(async () => {
          const value = this.#values.get(key);
          if (value) await this.#write(key, value);
        });
      } catch (error) {
        this.#log.warn({ err: error }, 'Notes about a device could not be written');
      }
    }
  }

  async #write(key: string, value: T): Promise<void> {
    const id = this.#prefix + key;
    try {
      const { rev } = await this.#documents.put(id, { value }, this.#revisions.get(key));
      this.#revisions.set(key, rev);
    } catch (error) {
      if (FilmlessError.from(error).code !== 'CONFLICT') throw error;
      // Another node with the same catalogue wrote it: ours is newer.
      const current = await this.#documents.get<{ value: T }>(id);
      const { rev } = await this.#documents.put(id, { value }, current?.rev);
      this.#revisions.set(key, rev);
    }
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const writing = this.#turn.then(write);
    this.#turn = writing.catch(() => undefined);
    return writing;
  }
}
