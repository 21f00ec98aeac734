import { createHash } from 'node:crypto';
import type { InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import { type Disposable, disposable } from '../disposable.ts';
import type { IdentityOverlay, IdentityOverlays, PatientIdentifier } from './contract.ts';
import { namesAgree } from './names-agree.ts';
import { type PatientStore, sameIdentifier } from './patient-store.ts';

/** Identities of this many series are remembered. */
const MOST_REMEMBERED = 20_000;
const TAG = { name: '00100010', id: '00100020', issuer: '00100021', birthDate: '00100030', sex: '00100040' } as const;
const OTHER_IDS = '00101002';

type Header = { StudyInstanceUID: string; dataset: DicomJson };

/** What the register of persons says of images, remembered while nothing changes. */
export class PatientOverlays implements IdentityOverlays {
  readonly #patients: Pick<PatientStore, 'find' | 'assignment'>;
  readonly #known = new Map<string, IdentityOverlay | undefined>();
  readonly #listeners = new Set<Parameters<IdentityOverlays['onChange']>[0]>();
  #generation = 0;

  constructor(patients: Pick<PatientStore, 'find' | 'assignment'>) {
    this.#patients = patients;
  }

  async of(header: Header): Promise<IdentityOverlay | undefined> {
    const own = { id: textOf(header.dataset, TAG.id), issuer: textOf(header.dataset, TAG.issuer) };
    const key = JSON.stringify([
      header.StudyInstanceUID,
      own.id,
      own.issuer,
      ...[TAG.name, TAG.birthDate, TAG.sex].map((tag) => header.dataset[tag]?.Value?.[0]),
    ]);
    if (this.#known.has(key)) return this.#known.get(key);
    const generation = this.#generation;
    const overlay = await this.#make(header, own);
    if (generation === this.#generation) {
      if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
      this.#known.set(key, overlay);
    }
    return overlay;
  }

  async apply(record: InstanceRecord): Promise<InstanceRecord> {
    const overlay = await this.of(record);
    return overlay ? { ...record, dataset: { ...record.dataset, ...overlay.elements } } : record;
  }

  onChange(listener: Parameters<IdentityOverlays['onChange']>[0]): Disposable {
    const mine: typeof listener = (changed) => listener(changed);
    this.#listeners.add(mine);
    return disposable(() => {
      this.#listeners.delete(mine);
    });
  }

  /** The register has changed. */
  changed(changed: { patients: readonly PatientIdentifier[]; studies: readonly string[] }): void {
    this.#generation += 1;
    this.#known.clear();
    for (const listener of this.#listeners) listener(changed);
  }

  async #make({ StudyInstanceUID, dataset }: Header, own: PatientIdentifier): Promise<IdentityOverlay | undefined> {
    const assigned = await this.#patients.assignment(StudyInstanceUID);
    if (!assigned && own.id === '') return undefined;
    const person = await this.#patients.find(assigned ?? own);
    if (!person) return undefined;
    const wanted = assigned ?? own;
    const identifier = person.identifiers.find((one) => sameIdentifier(one, wanted)) ?? person.identifiers[0] ?? own;
    const { name, sex, birthDate } = person.demographics;
    const elements: DicomJson = {};
    const set = (tag: string, vr: string, value: string | undefined, before: string) => {
      if (value !== undefined && value !== before) elements[tag] = value === '' ? { vr } : { vr, Value: [value] };
    };
    set(TAG.id, 'LO', identifier.id, own.id);
    set(TAG.issuer, 'LO', identifier.issuer, own.issuer);
    set(TAG.birthDate, 'DA', birthDate, textOf(dataset, TAG.birthDate));
    set(TAG.sex, 'CS', sex, textOf(dataset, TAG.sex));
    const received = nameOf(dataset);
    const full = name === undefined ? received : completed(name, received);
    if (full !== received) elements[TAG.name] = { vr: 'PN', Value: [toName(full)] };
    if (identifier.id !== own.id && own.id !== '') elements[OTHER_IDS] = otherIds(dataset, own);
    if (Object.keys(elements).length === 0) return undefined;
    const version = createHash('sha256').update(JSON.stringify(elements)).digest('hex').slice(0, 16);
    return { elements, version };
  }
}

/** The identity the images came with, beside others they name. @dicom PS3.3 C.2.3 */
function otherIds(dataset: DicomJson, own: PatientIdentifier): DicomJson[string] {
  const item: DicomJson = {
    '00100020': { vr: 'LO', Value: [own.id] },
    ...(own.issuer === '' ? {} : { '00100021': { vr: 'LO', Value: [own.issuer] } }),
    '00100022': { vr: 'CS', Value: ['TEXT'] },
  };
  const others = (dataset[OTHER_IDS]?.Value ?? []) as DicomJson[];
  return { vr: 'SQ', Value: [...others, item] } as DicomJson[string];
}

function textOf(dataset: DicomJson, tag: string): string {
  const value = dataset[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : '';
}

const GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

function nameOf(dataset: DicomJson): string {
  const value = dataset[TAG.name]?.Value?.[0] as Partial<Record<(typeof GROUPS)[number], string>> | undefined;
  return GROUPS.map((group) => value?.[group] ?? '')
    .join('=')
    .replace(/=+$/, '');
}

/** A HIS that knows a name in Chinese alone takes no other writing of the same name away from the images. */
function completed(name: string, received: string): string {
  if (name === '' || !namesAgree(name, received)) return name;
  const [first = '', second = ''] = name.split('=');
  // Systems without component groups write Chinese into the first one. @dicom PS3.5 6.2.1
  const own = second === '' && /\p{Script=Han}/u.test(first) ? ['', first] : name.split('=');
  const others = received.split('=');
  return GROUPS.map((_, index) => own[index] || others[index] || '')
    .join('=')
    .replace(/=+$/, '');
}

function toName(name: string): Record<string, string> {
  const groups = name.split('=');
  return Object.fromEntries(GROUPS.flatMap((group, index) => (groups[index] ? [[group, groups[index]]] : [])));
}
