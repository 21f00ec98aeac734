import { integer, type Statements, text } from './statements.ts';

/** SOP classes and transfer syntaxes as small numbers. */
export class UidTable {
  readonly #statements: Statements;
  readonly #ids = new Map<string, number>();
  readonly #uids = new Map<number, string>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The number of a UID, given to it now if it has none. */
  idOf(uid: string): number {
    const known = this.#ids.get(uid);
    if (known !== undefined) return known;
    const row =
      this.#statements.get(`SELECT id FROM uid WHERE uid = $uid`, { uid }) ??
      this.#statements.get(`INSERT INTO uid (uid) VALUES ($uid) RETURNING id`, { uid });
    return this.#remember(integer(row ?? {}, 'id'), uid);
  }

  uidOf(id: number): string {
    const known = this.#uids.get(id);
    if (known !== undefined) return known;
    const row = this.#statements.get(`SELECT uid FROM uid WHERE id = $id`, { id });
    if (row === undefined) return '';
    this.#remember(id, text(row, 'uid'));
    return text(row, 'uid');
  }

  /** After a transaction was rolled back: numbers given in it are void. */
  forget(): void {
    this.#ids.clear();
    this.#uids.clear();
  }

  #remember(id: number, uid: string): number {
    this.#ids.set(uid, id);
    this.#uids.set(id, uid);
    return id;
  }
}
