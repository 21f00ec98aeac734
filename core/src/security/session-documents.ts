import { z } from 'zod';
import type { DocumentStore } from '../catalogue/contract.ts';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';

export const sessionRowSchema = z.object({
  tokenHash: z.string(),
  userName: z.string(),
  credentialId: z.string(),
  lastUsedAt: z.number(),
  endsAt: z.number(),
  id: z.string(),
  createdAt: z.number(),
  address: z.string(),
  agent: z.string(),
});
export type SessionRow = z.infer<typeof sessionRowSchema>;

/** Told what other nodes did. */
export interface SessionCopy {
  put(row: SessionRow): void;
  remove(tokenHash: string): void;
}

const PREFIX = 'session:';
const PAGE = 500;

/** Sessions as documents of a catalogue that several nodes share: whoever signed in at one of them is signed in at all. */
export class SessionDocuments {
  readonly #documents: DocumentStore;
  readonly #underWay = new Set<Promise<void>>();
  #since: string | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** All there are, into a copy that is empty. */
  async load(copy: SessionCopy): Promise<void> {
    // Before the list: what changes meanwhile is then read once more.
    const head = await this.#documents.head();
    let after: string | undefined;
    do {
      const page = await this.#documents.list<object>(PREFIX, { limit: PAGE, ...(after !== undefined && { after }) });
      for (const document of page) read(document, copy);
      after = page.length < PAGE ? undefined : page.at(-1)?.id;
    } while (after !== undefined);
    this.#since = head;
  }

  /** What changed since it was loaded or refreshed last. One at a time. */
  refresh(copy: SessionCopy): Promise<void> {
    const refreshing = this.#refreshing.catch(() => undefined).then(() => this.#refresh(copy));
    this.#refreshing = refreshing;
    return refreshing;
  }

  onChange(listener: () => void): Disposable {
    return this.#documents.onChange(listener);
  }

  /** The row of a session that another node may have made. */
  async get(tokenHash: string): Promise<SessionRow | undefined> {
    const found = await this.#documents.get<object>(PREFIX + tokenHash);
    return found && sessionRowSchema.parse(found);
  }

  put(row: SessionRow): void {
    this.#begin(async () => {
      await this.#documents.put(PREFIX + row.tokenHash, row);
    });
  }

  /** The idle time counts from here at all nodes. That it may be lost costs as much idle time. */
  used(tokenHash: string, lastUsedAt: number): void {
    const writing = this.#change(tokenHash, ({ rev, ...row }) =>
      this.#documents.put(PREFIX + tokenHash, { ...row, lastUsedAt }, rev),
    );
    writing.catch(() => undefined);
  }

  remove(tokenHash: string): void {
    this.#begin(() => this.#change(tokenHash, ({ rev }) => this.#documents.remove(PREFIX + tokenHash, rev)));
  }

  /** Resolves when all that was put or removed so far counts everywhere. Throws UNAVAILABLE when it cannot be said. */
  async written(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #begin(work: () => Promise<void>): void {
    const underWay = work();
    this.#underWay.add(underWay);
    underWay.catch(() => undefined).finally(() => this.#underWay.delete(underWay));
  }

  /** Another node may change it at the same time: then what it did stands. */
  async #change(
    tokenHash: string,
    change: (document: SessionRow & { rev: string }) => Promise<unknown>,
  ): Promise<void> {
    const found = await this.#documents.get<SessionRow>(PREFIX + tokenHash);
    if (!found) return;
    try {
      await change(found);
    } catch (error) {
      if (!(error instanceof FilmlessError && error.code === 'CONFLICT')) throw error;
    }
  }

  async #refresh(copy: SessionCopy): Promise<void> {
    for (;;) {
      const since = this.#since;
      if (since === undefined) return;
      const { changes, lastSeq } = await this.#documents.changes<object>(since, PAGE);
      for (const { id, document } of changes) {
        if (!id.startsWith(PREFIX)) continue;
        if (document) read(document, copy);
        else copy.remove(id.slice(PREFIX.length));
      }
      this.#since = lastSeq;
      if (changes.length === 0) return;
    }
  }
}

/** A document that cannot be read is no session. */
function read(document: object, copy: SessionCopy): void {
  const row = sessionRowSchema.safeParse(document);
  if (row.success) copy.put(row.data);
}
