import type { DocumentStore } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import { FilmlessError } from '../errors.ts';
import { ClinicalIndex } from './clinical-index.ts';
import type { Order, OrderSearch, OrderStatus, Orders, PatientIdentifier } from './contract.ts';
import { trimmedIdentifier } from './patient-store.ts';
import { ORDER_PREFIX, orderSchema } from './schema.ts';

export { ORDER_PREFIX } from './schema.ts';

const MOST_TRIES = 10;
const MOST_HISTORY = 200;

const part = encodeURIComponent;
const orderId = (system: string, placerNumber: string): string =>
  `${ORDER_PREFIX}${part(system)}:${part(placerNumber)}`;
const accessionId = (accessionNumber: string): string => `accession:${part(accessionNumber)}`;
const patientPrefix = ({ id, issuer }: PatientIdentifier): string => `patient:${part(issuer)}:${part(id)}:`;

type Given = Partial<Order> & Pick<Order, 'system' | 'placerNumber' | 'patient'>;

/** Orders as documents, and small ones that lead to them from accession number and patient. */
export class OrderStore implements Orders {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #index: () => Pick<ClinicalIndex, 'orders'>;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** `index`: where orders are searched; one of their own in memory when left out. */
  constructor(documents: DocumentStore, clock: Clock, index?: () => Pick<ClinicalIndex, 'orders'>) {
    this.#documents = documents;
    this.#clock = clock;
    let own: ClinicalIndex | undefined;
    this.#index = index ?? (() => (own ??= new ClinicalIndex({ orders: documents })));
  }

  async get(system: string, placerNumber: string): Promise<Order | undefined> {
    return (await this.#stored(orderId(system.trim(), placerNumber.trim())))?.order;
  }

  async byAccession(accessionNumber: string): Promise<Order | undefined> {
    const link = await this.#documents.get<{ order: string }>(accessionId(accessionNumber.trim()));
    return link && (await this.#stored(link.order))?.order;
  }

  async ofPatient(patient: PatientIdentifier): Promise<Order[]> {
    const prefix = patientPrefix(trimmedIdentifier(patient));
    const links = await this.#documents.list<{ order: string }>(prefix);
    const found = await Promise.all(links.map(({ order }) => this.#stored(order)));
    return found.flatMap((one) => (one ? [one.order] : [])).sort((a, b) => b.orderedAt.localeCompare(a.orderedAt));
  }

  async place(given: Given, by: string): Promise<Order> {
    const [system, placerNumber] = [given.system.trim(), given.placerNumber.trim()];
    const patient = trimmedIdentifier(given.patient);
    if (placerNumber === '' || patient.id === '')
      throw new FilmlessError('INVALID_REQUEST', 'an order needs its number and a patient');
    return this.#changing(async () => {
      const id = orderId(system, placerNumber);
      const before = await this.#stored(id);
      if (before && (before.order.patient.id !== patient.id || before.order.patient.issuer !== patient.issuer))
        throw new FilmlessError('INVALID_REQUEST', 'the order belongs to another patient');
      const at = new Date(this.#clock.now()).toISOString();
      const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const base: Order = before?.order ?? emptyOrder(system, placerNumber, patient, at);
      const { history: _, ...changes } = fields as Partial<Order>;
      const next: Order = {
        ...base,
        ...changes,
        system,
        placerNumber,
        patient,
        accessionNumber: (given.accessionNumber ?? base.accessionNumber).trim(),
      };
      if (before && isSame(before.order, next)) return before.order;
      return this.#save(id, next, before?.rev, { at, by, status: next.status, detail: before ? 'changed' : 'placed' });
    });
  }

  async setStatus(system: string, placerNumber: string, status: OrderStatus, by: string, detail = ''): Promise<Order> {
    return this.#changing(async () => {
      const id = orderId(system.trim(), placerNumber.trim());
      const before = await this.#stored(id);
      if (!before) throw new FilmlessError('NOT_FOUND', 'there is no such order');
      if (before.order.status === status) return before.order;
      const at = new Date(this.#clock.now()).toISOString();
      return this.#save(id, { ...before.order, status }, before.rev, { at, by, status, detail });
    });
  }

  async search(request: OrderSearch): Promise<{ total: number; items: Order[] }> {
    const { total, keys } = await this.#index().orders(request);
    const found = await Promise.all(keys.map((key) => this.#stored(key)));
    return { total, items: found.flatMap((one) => (one ? [one.order] : [])) };
  }

  async #stored(id: string): Promise<{ order: Order; rev: string } | undefined> {
    const found = await this.#documents.get(id);
    return found && { order: orderSchema.parse(found), rev: found.rev };
  }

  async #save(id: string, order: Order, rev: string | undefined, entry: Order['history'][number]): Promise<Order> {
    const document: Order = { ...order, history: [...order.history, entry].slice(-MOST_HISTORY) };
    await this.#link(patientPrefix(order.patient) + part(id), id, order.patient);
    if (order.accessionNumber !== '') await this.#link(accessionId(order.accessionNumber), id, order.patient);
    await this.#documents.put(id, document, rev);
    return document;
  }

  /** An accession number leads to the first of its orders; one of another patient would bring his images to it. */
  async #link(link: string, order: string, patient: PatientIdentifier): Promise<void> {
    const found = await this.#documents.get<{ order: string }>(link);
    const other = found && found.order !== order ? await this.#stored(found.order) : undefined;
    if (other && other.order.patient.id !== patient.id)
      throw new FilmlessError('INVALID_REQUEST', 'the accession number belongs to another patient');
    if (!found) await this.#documents.put(link, { order });
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
        if (FilmlessError.from(error).code !== 'CONFLICT' || tries >= MOST_TRIES) throw error;
      }
    }
  }
}

function emptyOrder(system: string, placerNumber: string, patient: PatientIdentifier, orderedAt: string): Order {
  return {
    placerNumber,
    system,
    fillerNumber: '',
    accessionNumber: '',
    patient,
    status: 'ordered',
    procedure: { code: '', scheme: '', text: '' },
    modality: '',
    bodyPart: '',
    priority: 'routine',
    reason: '',
    requestedBy: '',
    requestingDepartment: '',
    orderedAt,
    studyInstanceUids: [],
    history: [],
  };
}

function isSame({ history: _1, ...one }: Order, { history: _2, ...other }: Order): boolean {
  const entries = (order: object) => JSON.stringify(Object.entries(order).sort(([a], [b]) => (a < b ? -1 : 1)));
  return entries(one) === entries(other);
}
