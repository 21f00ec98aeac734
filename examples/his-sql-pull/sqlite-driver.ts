import { DatabaseSync } from 'node:sqlite';
import type { Database } from './driver.ts';

/** A driver for SQLite, which needs nothing that Node does not have: to try the example out, and as a pattern for others. */
export async function connect({ file }: Readonly<Record<string, unknown>>): Promise<Database> {
  if (typeof file !== 'string') throw new TypeError('connection.file: the path of the database');
  const database = new DatabaseSync(file, { readOnly: true });
  return {
    async *rows(sql, parameters, signal) {
      for (const row of database.prepare(sql).iterate(parameters)) {
        signal.throwIfAborted();
        yield row;
      }
    },
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}
