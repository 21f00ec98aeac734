import { integer, type Statements, text } from './statements.ts';

export type CounterKind = 'total' | 'modality' | 'department';

/** Totals and facets, kept with every change so that nobody has to count a million rows. */
export class Counters {
  readonly #statements: Statements;
  readonly #changes = new Map<CounterKind, Map<string, number>>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  add(kind: CounterKind, value: string, n: number): void {
    if (n === 0) return;
    const values = this.#changes.get(kind) ?? new Map<string, number>();
    this.#changes.set(kind, values);
    values.set(value, (values.get(value) ?? 0) + n);
  }

  /** Adds by how much two lists of values differ. */
  change(kind: CounterKind, before: readonly string[], after: readonly string[]): void {
    for (const value of before) if (!after.includes(value)) this.add(kind, value, -1);
    for (const value of after) if (!before.includes(value)) this.add(kind, value, 1);
  }

  /** Writes what was added since. */
  write(): void {
    for (const [kind, values] of this.#changes) {
      for (const [value, n] of values) {
        if (n === 0) continue;
        this.#statements.run(
          `INSERT INTO counter VALUES ($kind, $value, $n) ON CONFLICT DO UPDATE SET n = n + excluded.n`,
          { kind, value, n },
        );
      }
    }
    this.#changes.clear();
    this.#statements.run(`DELETE FROM counter WHERE n = 0`);
  }
}

export function readCounters(statements: Statements, kind: CounterKind): Record<string, number> {
  const rows = statements.all(`SELECT value, n FROM counter WHERE kind = $kind ORDER BY value`, { kind });
  return Object.fromEntries(rows.map((row) => [text(row, 'value'), integer(row, 'n')]));
}
