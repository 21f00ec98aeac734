import type { InstanceRecord } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import type { AccessScope } from '../security/contract.ts';

export interface StudyEvent {
  StudyInstanceUID: string;
  /** ISO, when the change was seen. */
  at: string;
}

interface Subscriber {
  /** As it is when something happens: it may have changed since the stream was opened. */
  scope: () => AccessScope;
  listener: (event: StudyEvent) => void;
}

/** Whether a scope covers a study; asked of the index, so that a stream shows what a search would. */
type IsVisible = (StudyInstanceUID: string, scope: AccessScope) => Promise<boolean>;

const EVERY_MS = 500;

/** Tells who listens that a study changed: the first change at once, then at most twice a second a study. */
export class StudyEvents implements Disposable {
  readonly #clock: Clock;
  readonly #isVisible: IsVisible;
  readonly #subscribers = new Set<Subscriber>();
  /** Studies told of less than half a second ago, and whether they changed since. */
  readonly #resting = new Map<string, { timer: Disposable; changed: boolean }>();

  constructor(clock: Clock, isVisible: IsVisible) {
    this.#clock = clock;
    this.#isVisible = isVisible;
  }

  announce(records: readonly Pick<InstanceRecord, 'StudyInstanceUID'>[]): void {
    for (const StudyInstanceUID of new Set(records.map((record) => record.StudyInstanceUID))) {
      const resting = this.#resting.get(StudyInstanceUID);
      if (resting) resting.changed = true;
      else this.#tell(StudyInstanceUID);
    }
  }

  /** Only of what the scope covers. */
  subscribe(scope: () => AccessScope, listener: (event: StudyEvent) => void): Disposable {
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

  #tell(StudyInstanceUID: string): void {
    this.#resting.set(StudyInstanceUID, {
      timer: this.#clock.after(EVERY_MS, () => {
        const changed = this.#resting.get(StudyInstanceUID)?.changed;
        this.#resting.delete(StudyInstanceUID);
        if (changed) this.#tell(StudyInstanceUID);
      }),
      changed: false,
    });
    const event = { StudyInstanceUID, at: new Date(this.#clock.now()).toISOString() };
    for (const subscriber of this.#subscribers) void this.#tellOne(subscriber, event);
  }

  async #tellOne(subscriber: Subscriber, event: StudyEvent): Promise<void> {
    const scope = subscriber.scope();
    if (scope.kind === 'none') return;
    // An index that cannot answer now hides the event; the next change, or the next look at the list, shows it.
    const visible = scope.kind === 'all' || (await this.#isVisible(event.StudyInstanceUID, scope).catch(() => false));
    if (visible && this.#subscribers.has(subscriber)) subscriber.listener(event);
  }
}
