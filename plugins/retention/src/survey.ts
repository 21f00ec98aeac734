import type { Audit, QueryIndex, StudyRow } from '@filmless/core/plugin';
import type { Holds } from './holds.ts';
import type { Ledger } from './ledger.ts';
import { type Action, decide, type Policy, policyFor, type StudyFacts } from './policy.ts';

interface Options {
  query: Pick<QueryIndex, 'studies'>;
  ledger: Ledger;
  holds: Holds;
  audit: Audit;
  now(): number;
  stayOnlineDays: number;
  hasTier: boolean;
}

export interface Surveyed {
  study: StudyRow;
  /** `held`: whatever the rules say, a legal hold stands. */
  wanted: Action | 'held';
}

type Figures = { studies: number; bytes: number };
export type DryRun = Record<Action | 'held', Figures> & {
  departments: Record<string, Record<Action | 'held', Figures>>;
};

const DAY_MS = 86_400_000;
const PAGE = 500;

/** Goes through all studies and says what the rules want with each. */
export class Survey {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async *all(policies: readonly Policy[], signal?: AbortSignal): AsyncGenerator<Surveyed> {
    for (let offset = 0; ; offset += PAGE) {
      signal?.throwIfAborted();
      // Oldest first: what comes meanwhile is at the end.
      const { items } = await this.#options.query.studies({
        orderBy: 'receivedAt',
        limit: PAGE,
        offset,
        scope: { kind: 'all' },
      });
      for (const study of items) yield { study, wanted: await this.#wanted(policies, study) };
      if (items.length < PAGE) return;
    }
  }

  /** What the policies would do, in studies and bytes; nothing is changed. What is where they want it already is counted as well. */
  async dryRun(policies: readonly Policy[], signal?: AbortSignal): Promise<DryRun> {
    const totals = emptyFigures();
    const departments: DryRun['departments'] = {};
    for await (const { study, wanted } of this.all(policies, signal)) {
      departments[study.department] ??= emptyFigures();
      for (const figures of [totals, departments[study.department]]) {
        if (!figures) continue;
        figures[wanted].studies += 1;
        figures[wanted].bytes += study.sizeBytes;
      }
    }
    return { ...totals, departments };
  }

  async #wanted(policies: readonly Policy[], study: StudyRow): Promise<Action | 'held'> {
    const { holds, now, stayOnlineDays, hasTier, ledger } = this.#options;
    if (await holds.isHeld(study)) return 'held';
    const facts = this.#facts(study);
    if (now() - facts.receivedAtMs < stayOnlineDays * DAY_MS) return 'online';
    const entry = ledger.study(study.StudyInstanceUID);
    if (entry?.state === 'back' && now() - Date.parse(entry.at) < stayOnlineDays * DAY_MS) return 'online';
    const action = decide(policyFor(policies, study.department), facts, now());
    if (action === 'tier' && !hasTier) return 'online';
    const isKept = entry?.state === 'kept' && now() < Date.parse(entry.until);
    return action === 'remove' && isKept ? 'online' : action;
  }

  #facts(study: StudyRow): StudyFacts {
    const receivedAtMs = Date.parse(study.receivedAt);
    const opened = this.#options.audit.lastOpened?.(study.StudyInstanceUID);
    return {
      StudyInstanceUID: study.StudyInstanceUID,
      department: study.department,
      modalities: study.modalities,
      sizeBytes: study.sizeBytes,
      acquiredAtMs: dateOf(study.StudyDate) ?? receivedAtMs,
      receivedAtMs,
      openedAtMs: opened === undefined ? undefined : Date.parse(opened),
    };
  }
}

/** Of a DA value. @dicom PS3.5 6.2 */
function dateOf(date: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  const ms = parts ? Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function emptyFigures(): Record<Action | 'held', Figures> {
  const none = (): Figures => ({ studies: 0, bytes: 0 });
  return { online: none(), compress: none(), tier: none(), remove: none(), held: none() };
}
