import { firstString, type InstanceRecord, type Order, type QueryIndex } from '@filmless/core/plugin';
import type { Holdings } from './holdings.ts';

/** Earlier studies that are brought nearer for one patient. */
const MOST_STUDIES = 20;
/** A study that comes image by image is one arrival. */
const AGAIN_MS = 10 * 60_000;
const MOST_PATIENTS = 10_000;

interface Options {
  query: Pick<QueryIndex, 'studies'>;
  holdings: Pick<Holdings, 'want'>;
  /** There is something to fetch. */
  wake(): void;
  /** Milliseconds of this process. */
  now?: () => number;
}

/** The earlier studies of patients who are expected or are being examined come nearer before somebody asks for them. */
export class Prefetch {
  readonly #options: Options;
  readonly #arrivedAt = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** An order was placed, or its patient has arrived. */
  async ordered(orders: readonly Pick<Order, 'patient'>[]): Promise<void> {
    for (const patientId of new Set(orders.map(({ patient }) => patient.id))) await this.#priors(patientId, new Set());
  }

  /** Images of a patient come in: those of before will be looked at beside them. */
  async stored(records: readonly Pick<InstanceRecord, 'dataset' | 'StudyInstanceUID'>[]): Promise<void> {
    const now = this.#options.now?.() ?? performance.now();
    const arrived = new Map<string, Set<string>>();
    for (const { dataset, StudyInstanceUID } of records) {
      const patientId = firstString(dataset, 'PatientID');
      if (patientId === undefined || patientId === '') continue;
      arrived.set(patientId, (arrived.get(patientId) ?? new Set()).add(StudyInstanceUID));
    }
    for (const [patientId, studies] of arrived) {
      const last = this.#arrivedAt.get(patientId);
      if (last !== undefined && now - last < AGAIN_MS) continue;
      if (this.#arrivedAt.size >= MOST_PATIENTS) this.#arrivedAt.clear();
      this.#arrivedAt.set(patientId, now);
      await this.#priors(patientId, studies);
    }
  }

  async #priors(patientId: string, except: ReadonlySet<string>): Promise<void> {
    const { query, holdings, wake } = this.#options;
    const { items } = await query.studies({
      patientId,
      orderBy: '-StudyDate',
      limit: MOST_STUDIES,
      offset: 0,
      scope: { kind: 'all' },
    });
    for (const { StudyInstanceUID } of items) {
      if (!except.has(StudyInstanceUID)) holdings.want(StudyInstanceUID, 'hint');
    }
    wake();
  }
}
