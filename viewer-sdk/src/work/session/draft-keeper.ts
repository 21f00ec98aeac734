import type { Draft, DraftOwner, DraftStore } from '../store/drafts.ts';
import type { WritableMeasurement } from '../write/measured-values.ts';
import type { Measurements } from './measurements.ts';
import type { Measured, StudyWork } from './study-work.ts';

/** Changes that follow each other closely are one draft. */
const PAUSE_MS = 300;

/** Writes the drafts of one viewer, one for each study, a moment after each change. */
export class DraftKeeper {
  readonly #store: DraftStore;
  readonly #failed: () => void;
  readonly #id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  readonly #waiting = new Map<string, Draft>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  failing = false;

  constructor(store: DraftStore, failed: () => void) {
    this.#store = store;
    this.#failed = failed;
  }

  /** What is here now: taken at once, as the study may be closed before it is written. */
  keep(work: StudyWork, { annotations, calibrations }: Measured, measurements: Measurements, owner: DraftOwner): void {
    const known = annotations.map((one) => [one.trackingUID, measurements.known(one)] as const);
    this.#waiting.set(work.study, {
      ...owner,
      id: this.#idOf(work),
      patientId: work.patientId,
      savedAt: new Date().toISOString(),
      annotations,
      calibrations,
      measurements: Object.fromEntries(
        known.filter((entry): entry is readonly [string, WritableMeasurement] => entry[1] !== undefined),
      ),
      deleted: work.deleted(annotations),
      keyImages: work.marksChanged ? work.marks : undefined,
      keyTitle: work.keyTitle,
      keyDescription: work.keyDescription,
    });
    this.#timer ??= setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Everything of the study is in the archive. */
  forget(work: StudyWork): void {
    this.#waiting.delete(work.study);
    this.#run(() => this.#store.remove(this.#idOf(work)));
  }

  /** Writes what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const draft of this.#waiting.values()) this.#run(() => this.#store.put(draft));
    this.#waiting.clear();
  }

  /** Resolves when everything asked for so far is written. */
  settled(): Promise<void> {
    this.flush();
    return this.#writing;
  }

  discard(draft: Draft): Promise<void> {
    this.#run(() => this.#store.remove(draft.id));
    return this.#writing;
  }

  /** Drafts of earlier openings. */
  async of(owner: DraftOwner): Promise<Draft[]> {
    try {
      return (await this.#store.of(owner)).filter(({ id }) => !id.startsWith(this.#id));
    } catch {
      this.failing = true;
      return [];
    }
  }

  #idOf({ study }: StudyWork): string {
    return `${this.#id}/${study}`;
  }

  #run(action: () => Promise<void>): void {
    this.#writing = this.#writing.then(action).catch(() => {
      if (this.failing) return;
      this.failing = true;
      this.#failed();
    });
  }
}
