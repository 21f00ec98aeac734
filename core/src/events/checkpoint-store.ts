import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Durable positions of `after` subscriptions on the changes feed. */
export class CheckpointStore {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    // A checkpoint lost by a power cut only repeats events, which subscribers must bear anyway (at least once).
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS checkpoint (name TEXT PRIMARY KEY, seq TEXT NOT NULL) STRICT',
    );
    this.#select = this.#database.prepare('SELECT seq FROM checkpoint WHERE name = ?');
    this.#upsert = this.#database.prepare(
      'INSERT INTO checkpoint (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq',
    );
  }

  get(name: string): string | undefined {
    const row = this.#select.get(name);
    return typeof row?.['seq'] === 'string' ? row['seq'] : undefined;
  }

  set(name: string, seq: string): void {
    this.#upsert.run(name, seq);
  }

  close(): void {
    this.#database.close();
  }
}
