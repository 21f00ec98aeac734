/**
 * A study's attributes come from its instances, and instances don't always agree. The different sets are kept as sources; each
 * attribute is that of the first instance received that has it, whatever order the index learnt of them in.
 */
import type { IndexedAttribute } from './attributes.ts';
import { integer, type SqlRow, type Statements, text } from './statements.ts';

export interface Source {
  readonly id: number;
  /** JSON of an array of texts. */
  readonly attributes: string;
  firstMs: number;
  firstUid: string;
}

export class Sources {
  readonly #table: 'study_source' | 'series_source';
  readonly #statements: Statements;

  constructor(statements: Statements, table: 'study_source' | 'series_source') {
    this.#statements = statements;
    this.#table = table;
  }

  of(owner: number): Source[] {
    const rows = this.#statements.all(
      `SELECT id, attributes, firstMs, firstUid FROM ${this.#table} WHERE owner = $owner`,
      { owner },
    );
    return rows.map(toSource);
  }

  /** The source with these attributes, made if there is none. `changed` = the merged attributes may have changed. */
  use(
    owner: number,
    sources: Source[],
    attributes: string,
    receivedMs: number,
    uid: string,
  ): { id: number; changed: boolean } {
    const found = sources.find((source) => source.attributes === attributes);
    if (found === undefined) {
      const row = this.#statements.get(
        `INSERT INTO ${this.#table} (owner, attributes, firstMs, firstUid) VALUES ($owner, $attributes, $receivedMs, $uid) RETURNING id`,
        { owner, attributes, receivedMs, uid },
      );
      const id = integer(row ?? {}, 'id');
      sources.push({ id, attributes, firstMs: receivedMs, firstUid: uid });
      return { id, changed: true };
    }
    const earlier = receivedMs < found.firstMs || (receivedMs === found.firstMs && uid < found.firstUid);
    if (earlier) this.#moveFirst(found, receivedMs, uid);
    return { id: found.id, changed: earlier && sources.length > 1 };
  }

  /** After instances went: sources without any go, the others learn anew which was their first. */
  recount(sources: Source[], first: (source: Source) => SqlRow | undefined): void {
    for (const source of [...sources]) {
      const row = first(source);
      if (row === undefined) {
        this.#statements.run(`DELETE FROM ${this.#table} WHERE id = $id`, { id: source.id });
        sources.splice(sources.indexOf(source), 1);
      } else {
        this.#moveFirst(source, integer(row, 'receivedMs'), text(row, 'SOPInstanceUID'));
      }
    }
  }

  changeOwner(from: number, to: number): void {
    this.#statements.run(`UPDATE ${this.#table} SET owner = $to WHERE owner = $from`, { from, to });
  }

  #moveFirst(source: Source, firstMs: number, firstUid: string): void {
    source.firstMs = firstMs;
    source.firstUid = firstUid;
    this.#statements.run(`UPDATE ${this.#table} SET firstMs = $firstMs, firstUid = $firstUid WHERE id = $id`, {
      id: source.id,
      firstMs,
      firstUid,
    });
  }
}

/** One value for each attribute, then for what follows them in the sources. */
export function mergeSources(sources: readonly Source[], attributes: readonly IndexedAttribute[]): string[] {
  const ordered = sources.length > 1 ? [...sources].sort(byFirst) : sources;
  const values = ordered.map((source) => JSON.parse(source.attributes) as string[]);
  if (values.length === 1) return values[0] ?? [];
  const length = values[0]?.length ?? 0;
  const merged: string[] = [];
  let from: string[] | undefined;
  for (let index = 0; index < length; index++) {
    const together = attributes[index]?.withPrevious === true && from !== undefined;
    if (!together) from = values.find((one) => one[index] !== '');
    merged.push(from?.[index] ?? '');
  }
  return merged;
}

function byFirst(a: Source, b: Source): number {
  return a.firstMs - b.firstMs || (a.firstUid < b.firstUid ? -1 : 1);
}

function toSource(row: SqlRow): Source {
  return {
    id: integer(row, 'id'),
    attributes: text(row, 'attributes'),
    firstMs: integer(row, 'firstMs'),
    firstUid: text(row, 'firstUid'),
  };
}
