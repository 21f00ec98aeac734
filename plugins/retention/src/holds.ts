import { randomUUID } from 'node:crypto';
import { type DocumentStore, FilmlessError, identifiersOf, type Patients } from '@filmless/core/plugin';
import { z } from 'zod';

export const newHoldSchema = z
  .strictObject({
    StudyInstanceUID: z
      .string()
      .regex(/^[0-9.]{1,64}$/)
      .optional(),
    patientId: z.string().trim().min(1).max(64).optional(),
    issuerOfPatientId: z.string().trim().max(64).default(''),
    reason: z.string().trim().min(1).max(500),
  })
  .refine((hold) => (hold.StudyInstanceUID === undefined) !== (hold.patientId === undefined), {
    message: 'name a study or a patient',
  });
export type NewHold = z.infer<typeof newHoldSchema>;

const holdSchema = z.object({
  id: z.string(),
  StudyInstanceUID: z.string().optional(),
  patientId: z.string().optional(),
  issuerOfPatientId: z.string().default(''),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  releasedBy: z.string().optional(),
  releasedAt: z.string().optional(),
  releaseReason: z.string().optional(),
});
export type Hold = z.infer<typeof holdSchema>;

const PREFIX = 'hold:';
const MANY = 10_000;

/**
 * Legal holds: as long as one stands, its images stay as they are. They are in memory too, so that it can be asked right before each removal
 * without anything happening in between.
 */
export class Holds {
  readonly #documents: DocumentStore;
  readonly #patients: Pick<Patients, 'find' | 'mergedInto'>;
  readonly #holds = new Map<string, Hold>();

  private constructor(documents: DocumentStore, patients: Pick<Patients, 'find' | 'mergedInto'>) {
    this.#documents = documents;
    this.#patients = patients;
  }

  static async open(documents: DocumentStore, patients: Pick<Patients, 'find' | 'mergedInto'>): Promise<Holds> {
    const holds = new Holds(documents, patients);
    for (const document of await documents.list(PREFIX, { limit: MANY })) {
      const hold = holdSchema.parse({ ...document, id: document.id.slice(PREFIX.length) });
      holds.#holds.set(hold.id, hold);
    }
    return holds;
  }

  /** Those that stand first, then the newest. */
  list(): Hold[] {
    return [...this.#holds.values()].sort(
      (a, b) => Number(a.releasedAt !== undefined) - Number(b.releasedAt !== undefined) || b.at.localeCompare(a.at),
    );
  }

  /** Holds at once; durable when it resolves. */
  async place(hold: NewHold, by: string, at: string): Promise<Hold> {
    const { StudyInstanceUID, patientId, issuerOfPatientId, reason } = hold;
    const placed: Hold = {
      id: randomUUID(),
      ...(StudyInstanceUID !== undefined && { StudyInstanceUID }),
      ...(patientId !== undefined && { patientId }),
      issuerOfPatientId,
      reason,
      by,
      at,
    };
    this.#holds.set(placed.id, placed);
    try {
      await this.#documents.put(PREFIX + placed.id, placed);
    } catch (error) {
      this.#holds.delete(placed.id);
      throw error;
    }
    return placed;
  }

  /** NOT_FOUND, CONFLICT when it was released before. */
  async release(id: string, by: string, at: string, releaseReason: string): Promise<Hold> {
    const stored = await this.#documents.get(PREFIX + id);
    if (!stored) throw new FilmlessError('NOT_FOUND', 'There is no such hold');
    const hold = holdSchema.parse({ ...stored, id });
    if (hold.releasedAt !== undefined) throw new FilmlessError('CONFLICT', 'The hold was released before');
    const released: Hold = { ...hold, releasedBy: by, releasedAt: at, releaseReason };
    await this.#documents.put(PREFIX + id, released, stored.rev);
    this.#holds.set(id, released);
    return released;
  }

  /** Whether a hold stands on the study or on its patient, under whatever number. Ask again with {@link isStudyHeld} right before an act. */
  async isHeld(study: HeldStudy): Promise<boolean> {
    return this.isStudyHeld(study, await this.numbersOf(study));
  }

  /** All numbers of the study's patient: a hold on any of them holds the study. */
  async numbersOf({ PatientID, IssuerOfPatientID }: HeldStudy): Promise<ReadonlySet<string>> {
    if (PatientID === '') return new Set();
    const all = await identifiersOf(this.#patients, { id: PatientID, issuer: IssuerOfPatientID });
    return new Set([PatientID, ...all.map(({ id }) => id)]);
  }

  /** At once, for numbers that were looked up before. The issuer is left aside: rather one hold too many. */
  isStudyHeld({ StudyInstanceUID }: HeldStudy, numbers: ReadonlySet<string>): boolean {
    for (const hold of this.#holds.values()) {
      if (hold.releasedAt !== undefined) continue;
      if (hold.StudyInstanceUID === StudyInstanceUID) return true;
      if (hold.patientId !== undefined && numbers.has(hold.patientId)) return true;
    }
    return false;
  }
}

export interface HeldStudy {
  StudyInstanceUID: string;
  PatientID: string;
  IssuerOfPatientID: string;
}
