import type { DocumentStore } from '../src/catalogue/contract.ts';
import { type Disposable, disposable } from '../src/disposable.ts';
import { FilmlessError } from '../src/errors.ts';

interface Kept {
  revision: number;
  /** undefined once removed. */
  content: object | undefined;
}

/** A plugin's documents in memory, for tests. */
export class InMemoryDocumentStore implements DocumentStore {
  readonly #documents = new Map<string, Kept>();
  /** Ids in the order of their last change. */
  readonly #positions = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #position = 0;

  async get<T extends object>(id: string): Promise<(T & { rev: string }) | undefined> {
    const kept = this.#documents.get(id);
    return kept?.content && { ...(structuredClone(kept.content) as T), rev: String(kept.revision) };
  }

  async put<T extends object>(id: string, doc: T, rev?: string): Promise<{ rev: string }> {
    if (id === '') throw new FilmlessError('INVALID_REQUEST', 'A document needs an id');
    this.#assertCurrent(id, rev);
    const { rev: _, ...content } = doc as T & { rev?: unknown };
    const revision = (this.#documents.get(id)?.revision ?? 0) + 1;
    // Through JSON, as in a database.
    this.#documents.set(id, { revision, content: JSON.parse(JSON.stringify(content)) as object });
    this.#changed(id);
    return { rev: String(revision) };
  }

  async remove(id: string, rev: string): Promise<void> {
    this.#assertCurrent(id, rev);
    this.#documents.set(id, { revision: Number(rev) + 1, content: undefined });
    this.#changed(id);
  }

  async list<T extends object>(
    prefix: string,
    options: { limit?: number; after?: string } = {},
  ): Promise<({ id: string; rev: string } & T)[]> {
    const { limit = Number.POSITIVE_INFINITY, after = '' } = options;
    return [...this.#documents]
      .filter(([id, { content }]) => content && id.startsWith(prefix) && (after === '' || id > after))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([id, { content, revision }]) => ({ ...(structuredClone(content) as T), id, rev: String(revision) }));
  }

  async changes<T extends object>(
    since: string,
    limit: number,
  ): Promise<{ changes: { seq: string; id: string; document: T | undefined }[]; lastSeq: string }> {
    const changes = [...this.#positions]
      .filter(([, position]) => position > Number(since || 0))
      .sort(([, a], [, b]) => a - b)
      .slice(0, limit)
      .map(([id, position]) => ({
        seq: String(position),
        id,
        document: structuredClone(this.#documents.get(id)?.content) as T | undefined,
      }));
    return { changes, lastSeq: changes.at(-1)?.seq ?? (since || '0') };
  }

  async head(): Promise<string> {
    return String(this.#position);
  }

  onChange(listener: () => void): Disposable {
    const mine = () => listener();
    this.#listeners.add(mine);
    return disposable(() => {
      this.#listeners.delete(mine);
    });
  }

  #changed(id: string): void {
    this.#positions.set(id, ++this.#position);
    setImmediate(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  #assertCurrent(id: string, rev: string | undefined): void {
    const kept = this.#documents.get(id);
    const current = kept?.content ? String(kept.revision) : undefined;
    if (current !== rev) throw new FilmlessError('CONFLICT', 'The document was changed meanwhile');
  }
}
