import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const diskSchema = z.object({
  id: z.string(),
  label: z.string(),
  set: z.string(),
  /** Public key it is encrypted for; empty when it is not. */
  recipient: z.string(),
  createdAt: z.string(),
  /** Empty while it is in use. */
  retiredAt: z.string(),
  /** When it was last there. */
  seenAt: z.string(),
  totalBytes: z.number(),
  freeBytes: z.number(),
  /** How far its files of the day had been written when the ledger last knew: what is behind was not noted before a crash. */
  day: z.string(),
  manifestBytes: z.number(),
  catalogueBytes: z.number(),
  part: z.number(),
  /** When DICOMDIR was last written, and when something was last written at all. */
  dicomdirAt: z.string(),
  writtenAt: z.string(),
  /** When it was last made safe to remove. */
  closedAt: z.string(),
});
export type DiskEntry = z.infer<typeof diskSchema>;

/** How far the files of a day are written. */
export type Written = Pick<DiskEntry, 'day' | 'manifestBytes' | 'catalogueBytes' | 'part'>;

const COLUMNS = Object.keys(diskSchema.shape) as (keyof DiskEntry)[];
const NUMBERS = new Set<string>(['totalBytes', 'freeBytes', 'manifestBytes', 'catalogueBytes', 'part']);

/** The disks that were prepared for this node. */
export class DiskTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS disk (
        ${COLUMNS.map((name) => `"${name}" ${NUMBERS.has(name) ? 'INTEGER' : 'TEXT'} NOT NULL`).join(', ')},
        PRIMARY KEY (id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS position (
        disk TEXT NOT NULL, "database" TEXT NOT NULL, seq TEXT NOT NULL, PRIMARY KEY (disk, "database")
      ) STRICT, WITHOUT ROWID;
    `);
  }

  all(): DiskEntry[] {
    return z.array(diskSchema).parse(this.#database.prepare('SELECT * FROM disk ORDER BY "set", label').all());
  }

  get(id: string): DiskEntry | undefined {
    return diskSchema.optional().parse(this.#database.prepare('SELECT * FROM disk WHERE id = ?').get(id));
  }

  /** Sets with a disk in use. */
  sets(): string[] {
    return [...new Set(this.all().flatMap(({ set, retiredAt }) => (retiredAt === '' ? [set] : [])))];
  }

  add(disk: Pick<DiskEntry, 'id' | 'label' | 'set' | 'recipient' | 'createdAt'>): void {
    const entry: DiskEntry = {
      retiredAt: '',
      seenAt: disk.createdAt,
      totalBytes: 0,
      freeBytes: 0,
      day: '',
      manifestBytes: 0,
      catalogueBytes: 0,
      part: 0,
      dicomdirAt: '',
      writtenAt: '',
      closedAt: '',
      ...disk,
    };
    this.#database
      .prepare(`INSERT INTO disk (${COLUMNS.map((name) => `"${name}"`)}) VALUES (${COLUMNS.map(() => '?')})`)
      .run(...COLUMNS.map((name) => entry[name]));
  }

  update(id: string, changes: Partial<Omit<DiskEntry, 'id'>>): void {
    const names = COLUMNS.filter((name) => name !== 'id' && changes[name as keyof typeof changes] !== undefined);
    if (names.length === 0) return;
    this.#database
      .prepare(`UPDATE disk SET ${names.map((name) => `"${name}" = ?`).join(', ')} WHERE id = ?`)
      .run(...names.map((name) => changes[name as keyof typeof changes] ?? ''), id);
  }

  /** How far the clinical documents of a database are on the disk; '' for none of them. */
  position(disk: string, database: string): string {
    const row = this.#database
      .prepare('SELECT seq FROM position WHERE disk = ? AND "database" = ?')
      .get(disk, database);
    return z.object({ seq: z.string() }).optional().parse(row)?.seq ?? '';
  }

  setPosition(disk: string, database: string, seq: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO position (disk, "database", seq) VALUES (?, ?, ?)')
      .run(disk, database, seq);
  }
}
