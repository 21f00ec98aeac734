import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { z } from 'zod';

export const STUDY_FILTERS = ['all', 'open', 'refused', 'complete'] as const;
export type StudyFilter = (typeof STUDY_FILTERS)[number];

/** Complete when the destination has accepted every instance. */
const CONDITION: Record<StudyFilter, string> = {
  all: '1',
  open: 'delivered < expected',
  refused: 'delivered < expected AND refused > 0',
  complete: 'delivered = expected',
};

const studySchema = z.object({
  destination: z.string(),
  StudyInstanceUID: z.string(),
  newestAt: z.string(),
  changedAt: z.string(),
  expected: z.number(),
  bytes: z.number(),
  delivered: z.number(),
  refused: z.number(),
});
export type StudyDelivery = z.infer<typeof studySchema>;

const backlogSchema = z.object({
  destination: z.string(),
  studies: z.number(),
  instances: z.number(),
  refused: z.number(),
  /** When the one that waits longest came; of a study, its newest. */
  oldestAt: z.string(),
});
export type Backlog = z.infer<typeof backlogSchema>;

const reasonSchema = z.object({
  state: z.enum(['later', 'refused', 'held', 'waiting', 'sending']),
  code: z.string(),
  detail: z.string(),
  instances: z.number(),
  notBefore: z.number(),
});

const unauditedSchema = z.object({
  destination: z.string(),
  StudyInstanceUID: z.string(),
  unaudited: z.number(),
  changedAt: z.string(),
});

/** What is to be seen of the queue. */
export class Views {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Of destinations that something is still to go to, or was set aside for. */
  backlog(): Backlog[] {
    return z.array(backlogSchema).parse(
      this.#database
        .prepare(
          `SELECT destination, count(*) AS studies, sum(expected - delivered - refused) AS instances, sum(refused) AS refused,
             coalesce(min(CASE WHEN expected - delivered - refused > 0 THEN newestAt END), '') AS oldestAt
           FROM study WHERE delivered < expected GROUP BY destination`,
        )
        .all(),
    );
  }

  studies(request: {
    filter: StudyFilter;
    destination?: string | undefined;
    study?: string | undefined;
    limit: number;
    offset: number;
  }): { total: number; items: StudyDelivery[] } {
    const conditions = [CONDITION[request.filter]];
    const args: SQLInputValue[] = [];
    for (const [column, value] of [
      ['destination', request.destination],
      ['StudyInstanceUID', request.study],
    ] as const) {
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      args.push(value);
    }
    const where = conditions.join(' AND ');
    const total = this.#database.prepare(`SELECT count(*) AS total FROM study WHERE ${where}`).get(...args);
    const items = this.#database
      .prepare(`SELECT * FROM study WHERE ${where} ORDER BY newestAt DESC LIMIT ? OFFSET ?`)
      .all(...args, request.limit, request.offset);
    return { total: Number(total?.['total']), items: z.array(studySchema).parse(items) };
  }

  /** Why a study is not complete, most instances first. */
  reasons(destination: string, StudyInstanceUID: string): z.infer<typeof reasonSchema>[] {
    return z.array(reasonSchema).parse(
      this.#database
        .prepare(
          `SELECT state, code, detail, count(*) AS instances, max(notBefore) AS notBefore FROM delivery
           WHERE destination = ? AND StudyInstanceUID = ? AND state <> 'delivered'
           GROUP BY state, code, detail ORDER BY instances DESC LIMIT 50`,
        )
        .all(destination, StudyInstanceUID),
    );
  }

  /** How many of a rule are not delivered. */
  undelivered(rule: string): number {
    const row = this.#database
      .prepare(`SELECT count(*) AS n FROM delivery WHERE rule = ? AND state <> 'delivered'`)
      .get(rule);
    return Number(row?.['n']);
  }

  /** Studies of which something was delivered that the audit log does not know of yet, and that were quiet since `before`. */
  unaudited(before: string): z.infer<typeof unauditedSchema>[] {
    return z
      .array(unauditedSchema)
      .parse(
        this.#database
          .prepare(
            'SELECT destination, StudyInstanceUID, unaudited, changedAt FROM study WHERE unaudited > 0 AND changedAt < ? LIMIT 500',
          )
          .all(before),
      );
  }

  audited(destination: string, StudyInstanceUID: string, instances: number): void {
    this.#database
      .prepare('UPDATE study SET unaudited = unaudited - ? WHERE destination = ? AND StudyInstanceUID = ?')
      .run(instances, destination, StudyInstanceUID);
  }
}
