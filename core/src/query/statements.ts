import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';

export type SqlRow = Record<string, SQLOutputValue>;
export type SqlParameters = Record<string, SQLInputValue>;
/** Decides on stored values inside a running statement. */
export type RowTest = (first: string, second: string) => boolean;

/** Prepared statements by their text, and the tests that a statement may call as `row_test(slot, value, value)`. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new LRUCache<string, StatementSync>({ max: 300 });
  #tests: readonly RowTest[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.function('row_test', { directOnly: true }, (slot, first, second) =>
      this.#tests[Number(slot)]?.(String(first ?? ''), String(second ?? '')) ? 1 : 0,
    );
  }

  all(sql: string, parameters: SqlParameters = {}, tests: readonly RowTest[] = []): SqlRow[] {
    this.#tests = tests;
    return this.prepare(sql).all(parameters);
  }

  get(sql: string, parameters: SqlParameters = {}, tests: readonly RowTest[] = []): SqlRow | undefined {
    this.#tests = tests;
    return this.prepare(sql).get(parameters);
  }

  run(sql: string, parameters: SqlParameters = {}): void {
    this.prepare(sql).run(parameters);
  }

  /** Rows one by one; nothing else may be asked with tests before the loop ends. */
  iterate(sql: string, parameters: SqlParameters, tests: readonly RowTest[]): Iterable<SqlRow> {
    this.#tests = tests;
    return this.prepare(sql).iterate(parameters);
  }

  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      // Parameters of a scope are given whether or not the text names them.
      statement.setAllowUnknownNamedParameters(true);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** After tables were dropped, what was prepared is of no use. */
  forget(): void {
    this.#prepared.clear();
  }
}

export function text(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

export function integer(row: SqlRow, column: string): number {
  return Number(row[column] ?? 0);
}
