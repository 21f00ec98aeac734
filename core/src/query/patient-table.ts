import type { Counters } from './counters.ts';
import { integer, type Statements } from './statements.ts';

interface PatientState {
  readonly id: number;
  readonly identity: string;
  readonly isNew: boolean;
  studyCount: number;
}

/** Patients, by how many studies they have; one without any is gone. */
export class PatientTable {
  readonly #statements: Statements;
  readonly #counters: Counters;
  readonly #byIdentity = new Map<string, PatientState>();
  readonly #byId = new Map<number, PatientState>();
  #nextId: number | undefined;

  constructor(statements: Statements, counters: Counters) {
    this.#statements = statements;
    this.#counters = counters;
  }

  /** Number of a patient, given to it now if it has none. */
  use(identity: string): number {
    const known = this.#byIdentity.get(identity);
    if (known) return known.id;
    const row = this.#statements.get(`SELECT id, studyCount FROM patient WHERE identity = $identity`, { identity });
    if (row) return this.#remember(integer(row, 'id'), identity, false, integer(row, 'studyCount'));
    this.#nextId ??= integer(this.#statements.get(`SELECT coalesce(max(id), 0) + 1 AS id FROM patient`) ?? {}, 'id');
    return this.#remember(this.#nextId++, identity, true, 0);
  }

  count(id: number, n: 1 | -1): void {
    let state = this.#byId.get(id);
    if (state === undefined) {
      const row = this.#statements.get(`SELECT identity, studyCount FROM patient WHERE id = $id`, { id });
      if (row === undefined) throw new Error(`The index has a study of a patient ${id} that it has not`);
      this.#remember(id, String(row['identity']), false, integer(row, 'studyCount'));
      state = this.#byId.get(id);
    }
    if (state) state.studyCount += n;
  }

  write(): void {
    for (const { id, identity, isNew, studyCount } of this.#byId.values()) {
      if (studyCount === 0) {
        if (isNew) continue;
        this.#statements.run(`DELETE FROM patient WHERE id = $id`, { id });
        this.#counters.add('total', 'patients', -1);
      } else if (isNew) {
        this.#statements.run(`INSERT INTO patient VALUES ($id, $identity, $studyCount)`, { id, identity, studyCount });
        this.#counters.add('total', 'patients', 1);
      } else {
        this.#statements.run(`UPDATE patient SET studyCount = $studyCount WHERE id = $id`, { id, studyCount });
      }
    }
  }

  #remember(id: number, identity: string, isNew: boolean, studyCount: number): number {
    const state = { id, identity, isNew, studyCount };
    this.#byIdentity.set(identity, state);
    this.#byId.set(id, state);
    return id;
  }
}
