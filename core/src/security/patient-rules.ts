import { createHash } from 'node:crypto';
import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { Identity } from './contract.ts';

/** A patient whose images only those named may see, such as a member of the staff. */
export interface RestrictedPatient {
  patientId: string;
  users: readonly string[];
  roles: readonly string[];
  setBy: string;
  setAt: string;
}

interface WardDocument {
  ward: string;
  patientIds: string[];
}

const RESTRICTED = 'restricted:';
const WARD = 'ward:';

/** Rules about single patients: who is restricted, and who lies in which ward. In memory, because every query asks. */
export class PatientRules {
  readonly #documents: DocumentStore;
  #restricted: ReadonlyMap<string, RestrictedPatient> = new Map();
  #wards: ReadonlyMap<string, readonly string[]> = new Map();
  /** One change at a time, so that none is lost. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** Also to be called again where another node may have changed them. */
  async load(): Promise<void> {
    const restricted = await this.#documents.list<RestrictedPatient>(RESTRICTED);
    const wards = await this.#documents.list<WardDocument>(WARD);
    this.#restricted = new Map(restricted.map(({ rev: _rev, id: _id, ...entry }) => [entry.patientId, entry]));
    this.#wards = new Map(wards.map(({ ward, patientIds }) => [ward, patientIds]));
  }

  hiddenFrom(identity: Identity): string[] {
    if (this.#restricted.size === 0) return [];
    return [...this.#restricted.values()]
      .filter((entry) => !isNamed(entry, identity))
      .map(({ patientId }) => patientId);
  }

  restricted(): RestrictedPatient[] {
    return [...this.#restricted.values()];
  }

  /** @throws INVALID_REQUEST without a Patient ID */
  async restrict(entry: RestrictedPatient): Promise<void> {
    const patientId = entry.patientId.trim();
    if (patientId === '') throw new FilmlessError('INVALID_REQUEST', 'patientId: missing');
    await this.#change(`${RESTRICTED}${keyOf(patientId)}`, () => ({ ...entry, patientId }));
  }

  /** @throws NOT_FOUND */
  async release(patientId: string): Promise<void> {
    if (!this.#restricted.has(patientId)) throw new FilmlessError('NOT_FOUND', 'the patient is not restricted');
    await this.#change(`${RESTRICTED}${keyOf(patientId)}`, () => undefined);
  }

  /** The numbers of one person are restricted together: a merge or a further number shows nobody who was hidden. */
  async keepTogether(patientIds: readonly string[]): Promise<void> {
    const ids = [...new Set(patientIds.map((id) => id.trim()).filter((id) => id !== ''))];
    const found = ids.flatMap((id) => this.#restricted.get(id) ?? [])[0];
    if (!found) return;
    for (const patientId of ids) if (!this.#restricted.has(patientId)) await this.restrict({ ...found, patientId });
  }

  patientsOfWards(wards: readonly string[]): string[] {
    return wards.flatMap((ward) => this.#wards.get(ward) ?? []);
  }

  wards(): string[] {
    return [...this.#wards.keys()].sort();
  }

  /** Where a patient lies now, as the HIS says (ADT A01, A02, A03); undefined = in no ward. */
  async place(patientId: string, ward: string | undefined): Promise<void> {
    const id = patientId.trim();
    if (id === '') throw new FilmlessError('INVALID_REQUEST', 'patientId: missing');
    const before = [...this.#wards].filter(([name, patients]) => name !== ward && patients.includes(id));
    for (const [name] of before) await this.#changeWard(name, (patients) => patients.filter((one) => one !== id));
    if (ward !== undefined) await this.#changeWard(ward, (patients) => [...new Set([...patients, id])]);
  }

  #changeWard(ward: string, change: (patientIds: readonly string[]) => string[]): Promise<void> {
    return this.#change<WardDocument>(`${WARD}${keyOf(ward)}`, (before) => {
      const patientIds = change(before?.patientIds ?? []);
      return patientIds.length === 0 ? undefined : { ward, patientIds };
    });
  }

  async #change<T extends object>(id: string, change: (before: T | undefined) => T | undefined): Promise<void> {
    const work = async () => {
      const before = await this.#documents.get<T>(id);
      const after = change(before);
      if (after) await this.#documents.put(id, after, before?.rev);
      else if (before) await this.#documents.remove(id, before.rev);
      await this.load();
    };
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    await result;
  }
}

function isNamed({ users, roles }: RestrictedPatient, identity: Identity): boolean {
  // An AE title may be some user's name.
  const name = identity.kind === 'device' ? `device:${identity.id}` : (identity.onBehalfOf ?? identity.id);
  return users.includes(name) || identity.roles.some((role) => roles.includes(role));
}

/** Ids of documents are seen in logs of databases; they tell no patient. */
function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}
