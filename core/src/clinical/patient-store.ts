import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { DocumentStore } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { ClinicalIndex } from './clinical-index.ts';
import type {
  Demographics,
  Everyone,
  EveryoneSearch,
  Patient,
  PatientIdentifier,
  PatientSearch,
  Patients,
  StudyAssignment,
} from './contract.ts';
import {
  type Assignment,
  assignmentSchema,
  linkSchema,
  PATIENT_PREFIX,
  type PatientDocument,
  patientSchema,
} from './schema.ts';

export { PATIENT_PREFIX } from './schema.ts';

/** Somebody else changes the same person at the same moment: rare, and never so often. */
const MOST_TRIES = 10;
/** Merges into merges: a longer chain is a mistake. */
const LONGEST_CHAIN = 32;
const MOST_HISTORY = 200;
/** Links that are remembered: once made they never change. */
const MOST_LINKS = 20_000;
/** Leads from a person to those who were merged into him: asked for with every report. */
const MERGED_PREFIX = 'merged:';
export const ASSIGNMENT_PREFIX = 'assigned:';

export const trimmedIdentifier = ({ id, issuer }: PatientIdentifier): PatientIdentifier => ({
  id: id.trim(),
  issuer: issuer.trim(),
});
export const sameIdentifier = (one: PatientIdentifier, other: PatientIdentifier): boolean =>
  one.id === other.id && one.issuer === other.issuer;
const linkId = ({ id, issuer }: PatientIdentifier): string =>
  `id:${encodeURIComponent(issuer)}:${encodeURIComponent(id)}`;
const keyOf = ({ id, issuer }: PatientIdentifier): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, id]))
    .digest('hex')
    .slice(0, 32);

type Change = Patient['history'][number]['what'];
type Stored = PatientDocument & { rev: string };

/** The register of persons as documents: one for each, and a small one for each identifier that leads to it. */
export class PatientStore implements Patients {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #index: () => Pick<ClinicalIndex, 'persons' | 'everyone'>;
  #lastChange: Promise<unknown> = Promise.resolve();
  /** From an identifier's link to the key of its person's document. */
  readonly #links = new LRUCache<string, string>({ max: MOST_LINKS });

  /** `index`: where persons are searched; one of their own in memory when left out. */
  constructor(documents: DocumentStore, clock: Clock, index?: () => Pick<ClinicalIndex, 'persons' | 'everyone'>) {
    this.#documents = documents;
    this.#clock = clock;
    let own: ClinicalIndex | undefined;
    this.#index = index ?? (() => (own ??= new ClinicalIndex({ patients: documents })));
  }

  async find(identifier: PatientIdentifier): Promise<Patient | undefined> {
    const found = await this.#own(trimmedIdentifier(identifier));
    return found && toPatient(await this.#now(found));
  }

  async get(key: string): Promise<Patient | undefined> {
    const found = await this.#byKey(key);
    return found && toPatient(found);
  }

  async mergedInto(key: string): Promise<Patient[]> {
    const prefix = `${MERGED_PREFIX}${key}:`;
    const links = await this.#documents.list(prefix);
    const found = await Promise.all(links.map(({ id }) => this.#byKey(id.slice(prefix.length))));
    // A link stays when its merge is taken back.
    return found.flatMap((one) => (one?.mergedInto === key ? [toPatient(one)] : []));
  }

  async assignments(): Promise<StudyAssignment[]> {
    const all = await this.#documents.list(ASSIGNMENT_PREFIX);
    return all
      .flatMap((document) => {
        const { StudyInstanceUID, to, history } = assignmentSchema.parse(document);
        const { at = '', by = '' } = history.at(-1) ?? {};
        return to === null ? [] : [{ StudyInstanceUID, to, at, by }];
      })
      .sort((a, b) => b.at.localeCompare(a.at));
  }

  async assignment(StudyInstanceUID: string): Promise<PatientIdentifier | undefined> {
    const found = await this.#documents.get(ASSIGNMENT_PREFIX + StudyInstanceUID);
    return found ? (assignmentSchema.parse(found).to ?? undefined) : undefined;
  }

  async register(
    identifiers: readonly PatientIdentifier[],
    demographics: Demographics,
    by: string,
    location?: Patient['location'],
  ): Promise<Patient> {
    const given = identifiers.map(trimmedIdentifier).filter(({ id }) => id !== '');
    const [first] = given;
    if (!first) throw new FilmlessError('INVALID_REQUEST', 'a patient needs an identifier');
    return this.#changing(async () => {
      const known = (await Promise.all(given.map((one) => this.#own(one)))).find((one) => one !== undefined);
      const before = known && (await this.#now(known));
      const added = given.filter((one) => !before?.identifiers.some((other) => sameIdentifier(one, other)));
      for (const one of added) {
        // An identifier that is somebody else's stays his: only a merge moves it.
        const owner = await this.#own(one);
        if (owner && owner.key !== before?.key)
          throw new FilmlessError('CONFLICT', 'an identifier belongs to another person');
      }
      const next: PatientDocument = {
        key: before?.key ?? keyOf(first),
        identifiers: [...(before?.identifiers ?? []), ...added],
        demographics: { ...before?.demographics, ...demographics },
        ...((location ?? before?.location) ? { location: location ?? before?.location } : {}),
        status: 'active',
        history: before?.history ?? [],
        touched: [],
      };
      if (before && isSame(before, next)) return toPatient(before);
      const touched = [...next.identifiers];
      return this.#save(next, before, before ? 'updated' : 'registered', by, changesOf(before, next), touched);
    });
  }

  async merge(from: PatientIdentifier, into: PatientIdentifier, by: string): Promise<Patient> {
    const [source, target] = [trimmedIdentifier(from), trimmedIdentifier(into)];
    if (source.id === '' || target.id === '' || sameIdentifier(source, target))
      throw new FilmlessError('INVALID_REQUEST', 'a merge needs two identifiers');
    // Either may be known from images alone.
    for (const one of [source, target]) if (!(await this.#own(one))) await this.register([one], {}, by);
    return this.#changing(async () => {
      const [lost, kept] = [await this.#required(source), await this.#now(await this.#required(target))];
      if (lost.status === 'merged' && lost.mergedInto === kept.key) return toPatient(kept);
      if ((await this.#now(lost)).key === kept.key) {
        if (lost.key === kept.key) throw new FilmlessError('CONFLICT', 'the two are one person already');
        return toPatient(kept);
      }
      if (lost.status === 'merged') throw new FilmlessError('CONFLICT', 'it was merged into another person before');
      const next: PatientDocument = { ...lost, status: 'merged', mergedInto: kept.key };
      // The way to it first: one that leads nowhere yet does no harm.
      const link = `${MERGED_PREFIX}${kept.key}:${lost.key}`;
      if (!(await this.#documents.get(link))) await this.#documents.put(link, {});
      await this.#save(next, lost, 'merged', by, kept.key, [...lost.identifiers, ...kept.identifiers]);
      return toPatient(kept);
    });
  }

  async unmerge(from: PatientIdentifier, by: string): Promise<Patient> {
    return this.#changing(async () => {
      const lost = await this.#required(trimmedIdentifier(from));
      if (lost.status !== 'merged') throw new FilmlessError('CONFLICT', 'it is not merged');
      const kept = await this.#now(lost);
      const { mergedInto = '', ...rest } = lost;
      const next: PatientDocument = { ...rest, status: 'active' };
      return this.#save(next, lost, 'unmerged', by, mergedInto, [...lost.identifiers, ...kept.identifiers]);
    });
  }

  async assignStudy(StudyInstanceUID: string, to: PatientIdentifier | undefined, by: string): Promise<void> {
    await this.#changing(async () => {
      const id = ASSIGNMENT_PREFIX + StudyInstanceUID;
      const found = await this.#documents.get(id);
      const before = found && assignmentSchema.parse(found);
      const target = to && trimmedIdentifier(to);
      if (target && !(await this.#own(target)))
        throw new FilmlessError('NOT_FOUND', 'there is no such person in the register');
      const at = new Date(this.#clock.now()).toISOString();
      const next: Assignment = {
        StudyInstanceUID,
        to: target ?? null,
        history: [...(before?.history ?? []), { at, by, to: target ?? null }].slice(-MOST_HISTORY),
      };
      await this.#documents.put(id, next, found?.rev);
    });
  }

  async search(request: PatientSearch): Promise<{ total: number; items: Patient[] }> {
    const { total, keys } = await this.#index().persons(request);
    const found = await Promise.all(keys.map((key) => this.get(key)));
    return { total, items: found.filter((one) => one !== undefined) };
  }

  everyone(request: EveryoneSearch): Promise<Everyone> {
    return this.#index().everyone(request);
  }

  onChange(listener: () => void): Disposable {
    return this.#documents.onChange(listener);
  }

  /** The person whose document the identifier leads to, merged or not. */
  async #own(identifier: PatientIdentifier): Promise<Stored | undefined> {
    const key = await this.#keyAt(linkId(identifier));
    return key === undefined ? undefined : this.#byKey(key);
  }

  async #keyAt(link: string): Promise<string | undefined> {
    const remembered = this.#links.get(link);
    if (remembered !== undefined) return remembered;
    const found = await this.#documents.get(link);
    if (!found) return undefined;
    const { key } = linkSchema.parse(found);
    this.#links.set(link, key);
    return key;
  }

  async #required(identifier: PatientIdentifier): Promise<Stored> {
    const found = await this.#own(identifier);
    if (!found) throw new FilmlessError('NOT_FOUND', 'there is no such person in the register');
    return found;
  }

  async #byKey(key: string): Promise<Stored | undefined> {
    const found = await this.#documents.get(PATIENT_PREFIX + key);
    return found && { ...patientSchema.parse(found), rev: found.rev };
  }

  /** Whose it is now: the end of its merges. */
  async #now(patient: Stored): Promise<Stored> {
    let current = patient;
    for (let step = 0; current.mergedInto !== undefined && step < LONGEST_CHAIN; step += 1) {
      const next = await this.#byKey(current.mergedInto);
      if (!next) break;
      current = next;
    }
    return current;
  }

  async #save(
    next: PatientDocument,
    before: Stored | undefined,
    what: Change,
    by: string,
    detail: string,
    touched: readonly PatientIdentifier[],
  ): Promise<Patient> {
    const at = new Date(this.#clock.now()).toISOString();
    const { rev: _, ...plain } = next as Partial<Stored> & PatientDocument;
    const document: PatientDocument = {
      ...plain,
      history: [...next.history, { at, by, what, detail }].slice(-MOST_HISTORY),
      touched: [...touched],
    };
    // The ways to it first: one that leads nowhere yet does no harm.
    for (const link of document.identifiers.map(linkId))
      if ((await this.#keyAt(link)) === undefined) await this.#documents.put(link, { key: document.key });
    await this.#documents.put(PATIENT_PREFIX + document.key, document, before?.rev);
    return toPatient(document);
  }

  /** One change after another; reads again and tries again when another node was quicker. */
  #changing<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.#lastChange.then(() => this.#tryOften(change));
    this.#lastChange = mine.catch(() => undefined);
    return mine;
  }

  async #tryOften<T>(change: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await change();
      } catch (error) {
        const { code, detail } = FilmlessError.from(error);
        // A conflict of ours has words of its own; one of the database is about revisions.
        if (code !== 'CONFLICT' || !isRevisionConflict(detail) || tries >= MOST_TRIES) throw error;
      }
    }
  }
}

function isRevisionConflict(detail: string | undefined): boolean {
  return !['an identifier belongs', 'the two are one', 'it was merged', 'it is not merged'].some((own) =>
    detail?.startsWith(own),
  );
}

function toPatient({ touched: _, ...document }: PatientDocument & { rev?: string }): Patient {
  const { rev: _rev, ...patient } = document;
  return patient as Patient;
}

/** Which facts changed, without their values. */
function changesOf(before: PatientDocument | undefined, next: PatientDocument): string {
  if (!before) return '';
  const { demographics: was, location: lay } = before;
  const { demographics: is, location: lies } = next;
  return [
    ...(['name', 'sex', 'birthDate'] as const).filter((fact) => was[fact] !== is[fact]),
    ...(before.identifiers.length === next.identifiers.length ? [] : ['identifiers']),
    ...(JSON.stringify(lay) === JSON.stringify(lies) ? [] : ['location']),
  ].join(' ');
}

function isSame(one: PatientDocument, other: PatientDocument): boolean {
  const what = ({ identifiers, demographics, location, status }: PatientDocument) =>
    JSON.stringify([
      identifiers,
      demographics.name,
      demographics.sex,
      demographics.birthDate,
      location?.ward,
      location?.room,
      location?.bed,
      status,
    ]);
  return what(one) === what(other);
}
