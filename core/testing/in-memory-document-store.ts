import type { DocumentStore } from '../src/catalogue/contract.ts';
import { FilmlessError } from '../src/errors.ts';

interface Kept {
  revision: number;
  /** undefined once removed. */
  content: object | undefined;
}

/** A plugin's documents in memory, for tests. */
export class InMemoryDocumentStore implements DocumentStore {
  readonly #documents = new Map<string, Kept>();

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
    return { rev: String(revision) };
  }

  async remove(id: string, rev: string): Promise<void> {
    this.#assertCurrent(id, rev);
    this.#documents.set(id, { revision: Number(rev) + 1, content: undefined });
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

  #assertCurrent(id: string, rev: string | undefined): void {
    const kept = this.#documents.get(id);
    const current = kept?.content ? String(kept.revision) : undefined;
    if (current !== rev) throw new FilmlessError('CONFLICT', 'The document was changed meanwhile');
  }
}
