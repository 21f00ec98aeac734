import type { InstanceRecord } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import { firstString } from '../dicom/index.ts';
import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import type { AccessScope } from '../security/contract.ts';

export interface StudyEvent {
  StudyInstanceUID: string;
  /** ISO, when the change was seen. */
  at: string;
}

interface Change {
  StudyInstanceUID: string;
  patientIds: ReadonlySet<string>;
}

interface Subscriber {
  scope: AccessScope;
  listener: (event: StudyEvent) => void;
}

const EVERY_MS = 500;

/** Tells who listens that a study changed: the first change at once, then at most twice a second a study. */
export class StudyEvents implements Disposable {
  readonly #clock: Clock;
  readonly #subscribers = new Set<Subscriber>();
  /** Studies told of less than half a second ago, and what came since. */
  readonly #resting = new Map<string, { timer: Disposable; patientIds: Set<string> | undefined }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(records: readonly InstanceRecord[]): void {
    const byStudy = new Map<string, Set<string>>();
    for (const { StudyInstanceUID, dataset } of records) {
      const patientIds = byStudy.get(StudyInstanceUID) ?? new Set();
      patientIds.add(firstString(dataset, 'PatientID') ?? '');
      byStudy.set(StudyInstanceUID, patientIds);
    }
    for (const [StudyInstanceUID, patientIds] of byStudy) {
      const resting = this.#resting.get(StudyInstanceUID);
      if (resting) resting.patientIds = new Set([...(resting.patientIds ?? []), ...patientIds]);
      else this.#tell({ StudyInstanceUID, patientIds });
    }
  }

  /** Only of what the scope covers. */
  subscribe(scope: AccessScope, listener: (event: StudyEvent) => void): Disposable {
    const subscriber = { scope, listener };
    this.#subscribers.add(subscriber);
    return disposable(() => {
      this.#subscribers.delete(subscriber);
    });
  }

  dispose(): void {
    for (const { timer } of this.#resting.values()) void timer.dispose();
    this.#resting.clear();
    this.#subscribers.clear();
  }

  #tell(change: Change): void {
    const { StudyInstanceUID } = change;
    this.#resting.set(StudyInstanceUID, {
      timer: this.#clock.after(EVERY_MS, () => {
        const patientIds = this.#resting.get(StudyInstanceUID)?.patientIds;
        this.#resting.delete(StudyInstanceUID);
        if (patientIds) this.#tell({ StudyInstanceUID, patientIds });
      }),
      patientIds: undefined,
    });
    const event = { StudyInstanceUID, at: new Date(this.#clock.now()).toISOString() };
    for (const { scope, listener } of this.#subscribers) if (covers(scope, change)) listener(event);
  }
}

function covers(scope: AccessScope, { StudyInstanceUID, patientIds }: Change): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'studies':
      return scope.studyInstanceUids.includes(StudyInstanceUID);
    case 'patient':
      return patientIds.has(scope.patientId);
  }
}
