import type { Audit, Logger } from '@filmless/core/plugin';
import type { HeldStudy, Holds } from './holds.ts';
import type { Ledger, StudyEntry } from './ledger.ts';

export interface Copy {
  sha256: string;
  place: string;
  verifiedAt: string;
}

interface RemovalOptions {
  ledger: Ledger;
  holds: Pick<Holds, 'isStudyHeld' | 'numbersOf'>;
  /** Copies outside this node that somebody vouches for; a place that cannot be asked gives none. */
  copies(sha256: readonly string[]): Promise<readonly Copy[]>;
  /** From everywhere on this node. */
  remove(sha256: string): Promise<void>;
  audit: Audit;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
  graceDays: number;
  keepAfterUndoDays: number;
  copiesNeeded: number;
  verifiedWithinDays: number;
}

const DAY_MS = 86_400_000;
/** Copies are looked at once more for so many blobs, right before these are removed. */
const TOGETHER = 20;

export type RemovalOutcome = 'removed' | 'too-early' | 'held' | 'too-few-copies' | 'not-marked';

/**
 * Deletion in two steps. A study is marked, and may be unmarked for a time of grace. Then its bytes are removed here, but only blobs of which at that
 * very moment enough other places hold a copy that was compared with its hash, and never while a legal hold stands. The record stays.
 */
export class Removal {
  readonly #options: RemovalOptions;

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  /** Step one. Nothing when it is marked already. */
  mark(study: { uid: string; department: string; instances: number; bytes: number }, by: string): void {
    const { ledger, now, graceDays } = this.#options;
    if (ledger.study(study.uid)?.state === 'marked') return;
    const at = now();
    ledger.setStudy({ ...study, state: 'marked', at: iso(at), until: iso(at + graceDays * DAY_MS), by, waiting: '' });
    this.#note('success', study.uid, 'marked for removal', by);
  }

  /** Takes the mark off. False when there is none. */
  undo(uid: string, by: string): boolean {
    const { ledger, now, keepAfterUndoDays } = this.#options;
    const entry = ledger.study(uid);
    if (entry?.state !== 'marked') return false;
    const at = now();
    ledger.setStudy({
      ...entry,
      state: 'kept',
      at: iso(at),
      until: iso(at + keepAfterUndoDays * DAY_MS),
      by,
      waiting: '',
    });
    return true;
  }

  /** A mark that the rules no longer want, or that a hold has overtaken. */
  drop(uid: string, why: string): void {
    if (this.#options.ledger.study(uid)?.state !== 'marked') return;
    this.#options.ledger.forgetStudy(uid);
    this.#note('success', uid, `mark taken off: ${why}`, 'system');
  }

  /** Step two. What was removed before it had to stop stays recorded as removed; the rest stays here. */
  async remove(study: HeldStudy, sha256: readonly string[], signal?: AbortSignal): Promise<RemovalOutcome> {
    const { ledger, holds, now } = this.#options;
    const uid = study.StudyInstanceUID;
    const numbers = await holds.numbersOf(study);
    const entry = ledger.study(uid);
    if (entry?.state !== 'marked') return 'not-marked';
    if (now() < Date.parse(entry.until)) return 'too-early';
    // All of the study must be safe before any of it goes.
    for (let at = 0; at < sha256.length; at += TOGETHER) {
      if (!(await this.#areSafe(sha256.slice(at, at + TOGETHER)))) return this.#wait(entry, 'too-few-copies');
    }
    for (let at = 0; at < sha256.length; at += TOGETHER) {
      signal?.throwIfAborted();
      const some = sha256.slice(at, at + TOGETHER);
      if (!(await this.#areSafe(some))) return this.#wait(entry, 'too-few-copies');
      for (const each of some) {
        if (holds.isStudyHeld(study, numbers)) {
          this.drop(uid, 'a legal hold stands');
          return 'held';
        }
        // Somebody may have taken the mark off meanwhile.
        if (ledger.study(uid)?.state !== 'marked') return 'not-marked';
        ledger.place(each, uid, 'removed', iso(now()));
        await this.#options.remove(each);
      }
    }
    ledger.setStudy({ ...entry, state: 'removed', at: iso(now()), until: '', waiting: '' });
    await this.#options.audit.recordDurably({
      action: 'change',
      outcome: 'success',
      actor: { kind: 'system', id: 'retention' },
      address: '',
      target: 'retention',
      studyInstanceUid: uid,
      detail: `removed here, ${sha256.length} instances; copies verified elsewhere; marked by ${entry.by}`,
    });
    return 'removed';
  }

  async #areSafe(sha256: readonly string[]): Promise<boolean> {
    const { copies, now, copiesNeeded, verifiedWithinDays } = this.#options;
    const places = new Map(sha256.map((each) => [each, new Set<string>()]));
    const found = await copies(sha256);
    const oldest = now() - verifiedWithinDays * DAY_MS;
    for (const copy of found) {
      const at = Date.parse(copy.verifiedAt);
      // A time that is not one, or in the future by more than clocks differ, proves nothing.
      if (at >= oldest && at <= now() + DAY_MS) places.get(copy.sha256)?.add(copy.place);
    }
    return [...places.values()].every(({ size }) => size >= copiesNeeded);
  }

  #wait(entry: StudyEntry, waiting: 'too-few-copies'): RemovalOutcome {
    this.#options.ledger.setStudy({ ...entry, waiting });
    this.#options.log.info({ waiting }, 'a marked study is not removed yet');
    return waiting;
  }

  #note(outcome: 'success', studyInstanceUid: string, detail: string, by: string): void {
    this.#options.audit.record({
      action: 'change',
      outcome,
      actor: { kind: 'system', id: 'retention' },
      address: '',
      target: 'retention',
      studyInstanceUid,
      detail: `${detail}; ${by}`,
    });
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
