import { z } from 'zod';
import type { DocumentStore } from '../catalogue/contract.ts';

const counts = { checked: z.number(), bytes: z.number(), repaired: z.number(), damaged: z.number() };

/** How far the running round is, and how the last one ended. */
const roundSchema = z.object({
  startedAt: z.string(),
  /** SOP Instance UID of the last instance that was looked at. */
  position: z.string(),
  ...counts,
  last: z.object({ startedAt: z.string(), finishedAt: z.string(), ...counts }).optional(),
  /** False once the round has ended, until the next one begins. */
  running: z.boolean(),
});
export type ScrubRound = z.infer<typeof roundSchema>;

const findingSchema = z.object({
  SOPInstanceUID: z.string(),
  sha256: z.string(),
  damage: z.enum(['missing', 'corrupt']),
  foundAt: z.string(),
  /** Absent while no source has good bytes. */
  repairedAt: z.string().optional(),
  /** Key of the source that had them. */
  repairedFrom: z.string().optional(),
});
export type ScrubFinding = z.infer<typeof findingSchema>;

const ROUND = 'scrub:round';
const FINDING = 'scrub:finding:';
/** Findings that a person is shown, and that are kept. */
const SHOWN = 1000;

/** What the scrub must not forget when the node stops. */
export class ScrubStore {
  readonly #documents: DocumentStore;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  async round(): Promise<ScrubRound | undefined> {
    return roundSchema.optional().parse(await this.#documents.get(ROUND));
  }

  async saveRound(round: ScrubRound): Promise<void> {
    await this.#put(ROUND, round);
  }

  /** One per blob: found again, it takes the place of the former. */
  async saveFinding(finding: ScrubFinding): Promise<void> {
    await this.#put(FINDING + finding.sha256, finding);
  }

  /** A blob that is whole again, however that came about. */
  async settleFinding(sha256: string): Promise<void> {
    const found = await this.#documents.get<ScrubFinding>(FINDING + sha256);
    if (found && found.repairedAt === undefined) await this.#documents.remove(FINDING + sha256, found.rev);
  }

  /** Those not repaired first, then the newest. */
  async findings(): Promise<ScrubFinding[]> {
    const all = await this.#documents.list<ScrubFinding>(FINDING, { limit: SHOWN });
    return all
      .map((each) => findingSchema.parse(each))
      .sort(
        (a, b) =>
          Number(a.repairedAt !== undefined) - Number(b.repairedAt !== undefined) || b.foundAt.localeCompare(a.foundAt),
      );
  }

  async openFindings(): Promise<Set<string>> {
    return new Set(
      (await this.findings()).filter(({ repairedAt }) => repairedAt === undefined).map((each) => each.sha256),
    );
  }

  async #put(id: string, document: object): Promise<void> {
    const before = await this.#documents.get(id);
    await this.#documents.put(id, document, before?.rev);
  }
}
