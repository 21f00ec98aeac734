import type { DocumentStore } from '../src/catalogue/contract.ts';
import { FilmlessError } from '../src/errors.ts';

/** A DocumentStore that forgets: for tests of what keeps documents. */
export class MemoryDocuments implements DocumentStore {
  readonly #documents = new Map<string, { rev: string; text: string }>();
  #count = 0;

  async get<T extends object>(id: string): Promise<(T & { rev: string }) | undefined> {
    const kept = this.#documents.get(id);
    return kept && { ...(JSON.parse(kept.text) as T), rev: kept.rev };
  }

  async put<T extends object>(id: string, doc: T, rev?: string): Promise<{ rev: string }> {
    if (this.#documents.get(id)?.rev !== rev) throw new FilmlessError('CONFLICT', 'the document was changed');
    this.#count += 1;
    const kept = { rev: String(this.#count), text: JSON.stringify(doc) };
    this.#documents.set(id, kept);
    return { rev: kept.rev };
  }

  async remove(id: string, rev: string): Promise<void> {
    if (this.#documents.get(id)?.rev !== rev) throw new FilmlessError('CONFLICT', 'the document was changed');
    this.#documents.delete(id);
  }

  async list<T extends object>(
    prefix: string,
    options: { limit?: number; after?: string } = {},
  ): Promise<({ id: string; rev: string } & T)[]> {
    return [...this.#documents]
      .filter(([id]) => id.startsWith(prefix) && (options.after === undefined || id > options.after))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, options.limit)
      .map(([id, { rev, text }]) => ({ ...(JSON.parse(text) as T), id, rev }));
  }
}
