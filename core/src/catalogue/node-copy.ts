import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceRecord } from './contract.ts';
import { PouchCatalogue } from './pouch-catalogue.ts';
import { isRemote } from './pouch-database.ts';

const PAGE = 200;
const INSTANCES = 'instances';

/** A document with its revision, as PouchDB gives it. */
export interface CopiedDocument {
  /** `instances`, or a namespace. */
  database: string;
  document: Record<string, unknown> & { _id: string; _rev: string };
}

/** For copies of the whole node and what is made from them: accounts and settings too. Not for anything else. */
export interface NodeCopy {
  /** Every document of every database as it was when the database's turn came, in pages: nothing is held. */
  documents(): AsyncIterable<CopiedDocument>;
  /** Puts documents as they were, with their revisions: what is newer here stays. Durable when resolved. */
  put(database: string, documents: readonly CopiedDocument['document'][]): Promise<void>;
  /** They were removed before the copy was made. */
  remove(database: string, ids: readonly string[]): Promise<void>;
  /** A record of this node as it was, when and from whom it was received included. What is here stays. */
  commit(record: InstanceRecord): Promise<void>;
}

/** The copy of a catalogue in PouchDB. */
export class PouchNodeCopy implements NodeCopy {
  readonly #catalogue: PouchCatalogue;
  readonly #location: string;

  /** `location`: as the catalogue was opened with. */
  constructor(catalogue: PouchCatalogue, location: string) {
    this.#catalogue = catalogue;
    this.#location = location;
  }

  async *documents(): AsyncGenerator<CopiedDocument> {
    for (const name of [...(await this.#namespaces()), INSTANCES]) {
      const database = await this.#catalogue.databaseOf(name);
      const { update_seq: end } = await database.read((db) => db.info());
      let since: string | number = 0;
      const nextPage = () =>
        database.read((db) => db.changes({ since, limit: PAGE, batch_size: PAGE, include_docs: true }));
      for (;;) {
        const { results, last_seq }: Awaited<ReturnType<typeof nextPage>> = await nextPage();
        for (const { id, deleted, doc } of results) {
          if (deleted || !doc || id.startsWith('_design/')) continue;
          yield { database: name, document: { ...doc } as CopiedDocument['document'] };
        }
        // What came since belongs to the next copy.
        const isAtEnd = typeof last_seq === 'number' && typeof end === 'number' && last_seq >= end;
        if (results.length === 0 || isAtEnd) break;
        since = last_seq;
      }
    }
  }

  async put(name: string, documents: readonly CopiedDocument['document'][]): Promise<void> {
    const database = await this.#catalogue.databaseOf(name);
    await database.write((db) => db.bulkDocs([...documents], { new_edits: false }));
    await this.#catalogue.changedByOthers(name);
  }

  async remove(name: string, ids: readonly string[]): Promise<void> {
    const database = await this.#catalogue.databaseOf(name);
    const { rows } = await database.read((db) => db.allDocs({ keys: [...ids] }));
    const there = rows.flatMap((row) =>
      row.id !== undefined && row.value && !row.value.deleted ? [{ _id: row.id, _rev: row.value.rev }] : [],
    );
    if (there.length === 0) return;
    await database.write((db) => db.bulkDocs(there.map((each) => ({ ...each, _deleted: true }))));
    await this.#catalogue.changedByOthers(name);
  }

  async commit(record: InstanceRecord): Promise<void> {
    await this.#catalogue.commit(record);
  }

  async #namespaces(): Promise<string[]> {
    if (isRemote(this.#location)) return this.#catalogue.openNamespaces();
    return (await readdir(join(this.#location, 'documents')).catch((): string[] => [])).sort();
  }
}

/** Fills the catalogue of a node that is not running. */
export async function loadCatalogue(location: string, documents: AsyncIterable<CopiedDocument>): Promise<number> {
  const catalogue = await PouchCatalogue.open({ location });
  const copy = new PouchNodeCopy(catalogue, location);
  let count = 0;
  try {
    let page: CopiedDocument[] = [];
    const flush = async () => {
      const [first] = page;
      if (first)
        await copy.put(
          first.database,
          page.map(({ document }) => document),
        );
      count += page.length;
      page = [];
    };
    for await (const each of documents) {
      if (page.length >= PAGE || (page[0] && page[0].database !== each.database)) await flush();
      page.push(each);
    }
    await flush();
  } finally {
    await catalogue.close();
  }
  return count;
}
