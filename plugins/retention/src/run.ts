import { FilmlessError, type InstanceRecord, type PluginContext, type StudyRow } from '@filmless/core/plugin';
import { GrowthTally } from './growth.ts';
import type { Ledger } from './ledger.ts';
import type { Places } from './places.ts';
import type { Policies } from './policies.ts';
import type { Removal } from './removal.ts';
import type { Survey, Surveyed } from './survey.ts';

export interface RunParts {
  context: Pick<PluginContext, 'query' | 'catalogue' | 'storage' | 'log'>;
  policies: Policies;
  survey: Survey;
  places: Places;
  removal: Removal;
  ledger: Ledger;
  now(): number;
}

export interface RunSummary {
  startedAt: string;
  finishedAt: string;
  studies: number;
  compressed: number;
  tiered: number;
  /** Bytes that the store has more room by. */
  freedBytes: number;
  marked: number;
  removed: number;
  waiting: number;
  failed: number;
  /** Damaged files on the compact shelf or the large disk. */
  damaged: number;
}

/** One pass over the archive: does what the rules want. May be broken off and run again: each step stands for itself. */
export async function runRetention(
  parts: RunParts,
  progress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<RunSummary> {
  const { context, policies, survey, now } = parts;
  const summary: RunSummary = {
    startedAt: new Date(now()).toISOString(),
    finishedAt: '',
    studies: 0,
    compressed: 0,
    tiered: 0,
    freedBytes: 0,
    marked: 0,
    removed: 0,
    waiting: 0,
    failed: 0,
    damaged: 0,
  };
  const { studies: total } = await context.query.totals();
  const tally = new GrowthTally(now());
  for await (const surveyed of survey.all(await policies.list(), signal)) {
    try {
      await handle(parts, surveyed, summary, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code } = FilmlessError.from(error);
      // A full or broken disk would fail for every study.
      if (code.startsWith('STORAGE_') || code === 'UNAVAILABLE') throw error;
      summary.failed += 1;
      context.log.error({ code, err: error }, 'a study could not be moved or removed; it stays where it is');
    }
    summary.studies += 1;
    if (!isAway(parts.ledger, surveyed.study)) tally.add(surveyed.study);
    progress(summary.studies, total);
  }
  tally.record(parts.ledger, (await context.storage.usage()).usedByBlobsBytes);
  summary.damaged = await parts.places.check(signal);
  summary.finishedAt = new Date(now()).toISOString();
  await policies.saveRun(summary);
  return summary;
}

/** In these states nothing is left to do. */
const DONE: Record<'compress' | 'tier', readonly string[]> = {
  compress: ['compressed', 'tiered', 'removed'],
  tier: ['tiered', 'removed'],
};

/** Whether its bytes are not in the fast store. */
const isAway = (ledger: Ledger, { StudyInstanceUID }: StudyRow): boolean =>
  ['tiered', 'removed'].includes(ledger.study(StudyInstanceUID)?.state ?? '');

async function handle(
  parts: RunParts,
  { study, wanted }: Surveyed,
  summary: RunSummary,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, removal } = parts;
  const uid = study.StudyInstanceUID;
  const entry = ledger.study(uid);
  if (wanted !== 'remove') removal.drop(uid, wanted === 'held' ? 'a legal hold stands' : 'the rules no longer want it');
  switch (wanted) {
    case 'compress':
    case 'tier': {
      const state = wanted === 'compress' ? 'compressed' : 'tiered';
      if (entry?.instances === study.instanceCount && DONE[wanted].includes(entry.state)) return;
      const records = await recordsOf(parts, uid);
      const moved = await (wanted === 'compress'
        ? parts.places.compress(records, signal)
        : parts.places.toTier(records, signal));
      ledger.setStudy({
        ...base(study),
        state,
        at: new Date(parts.now()).toISOString(),
        until: '',
        by: 'rules',
        waiting: '',
      });
      summary[state] += moved.instances > 0 ? 1 : 0;
      summary.freedBytes += wanted === 'compress' ? moved.beforeBytes - moved.afterBytes : moved.beforeBytes;
      return;
    }
    case 'remove':
      return markOrRemove(parts, study, summary, signal);
    default:
      return;
  }
}

async function markOrRemove(parts: RunParts, study: StudyRow, summary: RunSummary, signal: AbortSignal): Promise<void> {
  const { ledger, removal, context } = parts;
  const uid = study.StudyInstanceUID;
  const entry = ledger.study(uid);
  const records = await recordsOf(parts, uid);
  if (entry?.state === 'removed') {
    const first = records[0];
    if (entry.instances === study.instanceCount && first && !(await context.storage.has(first.sha256))) return;
    // It was opened again: it stays for a while, as if it had just come.
    if (entry.instances === study.instanceCount) {
      ledger.setStudy({ ...entry, state: 'back', at: new Date(parts.now()).toISOString() });
      return;
    }
  }
  if (entry?.state !== 'marked') {
    removal.mark(base(study), 'rules');
    summary.marked += 1;
    return;
  }
  const outcome = await removal.remove(
    study,
    records.map(({ sha256 }) => sha256),
    signal,
  );
  if (outcome === 'removed') {
    summary.removed += 1;
    summary.freedBytes += study.sizeBytes;
  } else if (outcome === 'too-few-copies') summary.waiting += 1;
}

const base = (study: StudyRow) => ({
  uid: study.StudyInstanceUID,
  department: study.department,
  instances: study.instanceCount,
  bytes: study.sizeBytes,
});

async function recordsOf({ context }: RunParts, StudyInstanceUID: string): Promise<InstanceRecord[]> {
  const found = await context.query.instances({ StudyInstanceUID, scope: { kind: 'all' } });
  const records = await context.catalogue.getMany(found.map(({ SOPInstanceUID }) => SOPInstanceUID));
  return records.filter((record) => record !== undefined);
}
