/**
 * A study's attributes come from its instances, and instances don't always agree. The different sets are kept as sources; each
 * attribute is that of the first instance received that has it, whatever order the index learnt of them in.
 */
import type { IndexedAttribute } from './attributes.ts';
import { integer, type SqlRow, text } from './statements.ts';

export interface Source {
  /** Counts within the study or series. */
  readonly id: number;
  /** JSON of an array of texts. */
  readonly attributes: string;
  firstMs: number;
  firstUid: string;
}

type StoredSource = [id: number, firstMs: number, firstUid: string, attributes?: string];

/** Reads the column `sources`. A source alone has the row's own values: `attributesOfRow` makes them into its text. */
export function readSources(stored: string, attributesOfRow: () => string): Source[] {
  return (JSON.parse(stored) as StoredSource[]).map(([id, firstMs, firstUid, attributes]) => ({
    id,
    firstMs,
    firstUid,
    attributes: attributes ?? attributesOfRow(),
  }));
}

export function writeSources(sources: readonly Source[]): string {
  const stored = sources.map(
    ({ id, firstMs, firstUid, attributes }): StoredSource =>
      sources.length === 1 ? [id, firstMs, firstUid] : [id, firstMs, firstUid, attributes],
  );
  return JSON.stringify(stored);
}

/** The id of the source with these attributes, added to `sources` if there is none. */
export function useSource(sources: Source[], attributes: string, receivedMs: number, uid: string): number {
  const found = sources.find((source) => source.attributes === attributes);
  if (found === undefined) {
    const id = 1 + sources.reduce((highest, source) => Math.max(highest, source.id), 0);
    sources.push({ id, attributes, firstMs: receivedMs, firstUid: uid });
    return id;
  }
  if (receivedMs < found.firstMs || (receivedMs === found.firstMs && uid < found.firstUid)) {
    found.firstMs = receivedMs;
    found.firstUid = uid;
  }
  return found.id;
}

/** After instances went: sources without any go, the others learn anew which was their first. */
export function recountSources(sources: Source[], first: (source: Source) => SqlRow | undefined): void {
  for (const source of [...sources]) {
    const row = first(source);
    if (row === undefined) {
      sources.splice(sources.indexOf(source), 1);
    } else {
      source.firstMs = integer(row, 'receivedMs');
      source.firstUid = text(row, 'SOPInstanceUID');
    }
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
