import type { AttachedDisks, Candidate } from './disks/attached-disks.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { DiskEntry } from './ledger/disk-table.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Owed } from './ledger/object-table.ts';
import type { Remembered } from './remembered.ts';

export interface DiskStatus
  extends Pick<
    DiskEntry,
    | 'id'
    | 'label'
    | 'set'
    | 'createdAt'
    | 'seenAt'
    | 'totalBytes'
    | 'freeBytes'
    | 'dicomdirAt'
    | 'writtenAt'
    | 'closedAt'
  > {
  isEncrypted: boolean;
  /** `safe`: may be pulled now. */
  state: 'attached' | 'closing' | 'safe' | 'away' | 'retired';
  root?: string;
  isFull: boolean;
  studies: number;
  objects: number;
  damaged: number;
}

export interface SetStatus extends Forecast {
  set: string;
  owed: Owed;
  /** How long the oldest thing has waited for this set, in seconds. */
  lagSeconds: number;
  isAttached: boolean;
  isFull: boolean;
}

export interface Status {
  lastCopyAt: string;
  /** Of the set that is furthest; undefined while there is no disk. */
  lagSeconds?: number;
  disks: DiskStatus[];
  sets: SetStatus[];
  /** What a person should put in next. Without a label: a new disk for the set. */
  next?: { set: string; label?: string; why: 'full' | 'rotate' | 'none-attached' };
  candidates: readonly Candidate[];
}

interface Parts {
  ledger: Ledger;
  disks: AttachedDisks;
  fullSets(): string[];
  keepFreeBytes: number;
  remembered: Remembered;
  now(): number;
}

const GROWTH_DAYS = 30;
const DAY_MS = 86_400_000;

/** How the backup stands. */
export function backupStatus(parts: Parts): Status {
  const { ledger, disks, now } = parts;
  const all = ledger.disks.all();
  const statuses = all.map((entry) => diskStatus(parts, entry));
  const full = parts.fullSets();
  const growth = ledger.objects.growthSince(new Date(now() - GROWTH_DAYS * DAY_MS).toISOString().slice(0, 10));
  const sets = ledger.disks.sets().map((set): SetStatus => {
    const own = statuses.filter((disk) => disk.set === set && disk.state !== 'retired');
    const owed = parts.remembered.get(`owed ${set}`, () => ledger.objects.owed(set));
    const roomBytes = own.reduce((sum, { freeBytes }) => sum + Math.max(0, freeBytes - parts.keepFreeBytes), 0);
    return {
      set,
      owed,
      lagSeconds: owed.oldest === '' ? 0 : Math.max(0, Math.round((now() - Date.parse(owed.oldest)) / 1000)),
      isAttached: own.some(({ state }) => state === 'attached'),
      isFull: full.includes(set),
      ...forecast(growth, roomBytes - owed.bytes, now()),
    };
  });
  const next = nextDisk(sets, statuses);
  const lag = sets.length > 0 ? Math.min(...sets.map(({ lagSeconds }) => lagSeconds)) : undefined;
  return {
    lastCopyAt:
      all
        .map(({ writtenAt }) => writtenAt)
        .sort()
        .at(-1) ?? '',
    ...(lag !== undefined && { lagSeconds: lag }),
    disks: statuses,
    sets,
    ...(next && { next }),
    candidates: disks.candidates(),
  };
}

function diskStatus({ ledger, disks, keepFreeBytes, remembered }: Parts, entry: DiskEntry): DiskStatus {
  const attached = disks.get(entry.id);
  const { id, label, set, createdAt, seenAt, totalBytes, freeBytes, dicomdirAt, writtenAt, closedAt } =
    attached?.entry ?? entry;
  const state = entry.retiredAt !== '' ? 'retired' : attached ? 'attached' : (disks.released(id) ?? 'away');
  return {
    ...{ id, label, set, createdAt, seenAt, totalBytes, freeBytes, dicomdirAt, writtenAt, closedAt },
    isEncrypted: entry.recipient !== '',
    state,
    ...(attached && { root: attached.root }),
    isFull: totalBytes > 0 && freeBytes <= keepFreeBytes,
    ...remembered.get(`on ${id}`, () => ledger.objects.onDisk(id)),
  };
}

/** The set that lacks most comes next: first one that cannot go on, then the one that has been away longest. */
function nextDisk(sets: readonly SetStatus[], disks: readonly DiskStatus[]): Status['next'] {
  const withRoom = (set: string) =>
    disks
      .filter((disk) => disk.set === set && !disk.isFull && (disk.state === 'away' || disk.state === 'safe'))
      .sort((one, other) => other.writtenAt.localeCompare(one.writtenAt))[0]?.label;
  const of = (set: string, why: 'full' | 'rotate' | 'none-attached'): Status['next'] => {
    const label = withRoom(set);
    return { set, why, ...(label !== undefined && { label }) };
  };
  const stuck = sets.find(({ isAttached, isFull }) => isAttached && isFull);
  if (stuck) return of(stuck.set, 'full');
  const away = sets.filter(({ isAttached }) => !isAttached).sort((one, other) => other.lagSeconds - one.lagSeconds);
  const [first] = away;
  if (!first) return undefined;
  return of(first.set, away.length === sets.length ? 'none-attached' : 'rotate');
}

export interface StudyPlaces {
  /** How many objects of the study are known here. */
  instances: number;
  disks: { label: string; set: string; state: DiskStatus['state']; instances: number }[];
}

/** Which disks hold a study, those that are there first. */
export function studyPlaces(ledger: Ledger, disks: AttachedDisks, StudyInstanceUID: string): StudyPlaces {
  const { instances, disks: found } = ledger.objects.studyOnDisks(StudyInstanceUID);
  const places = found.flatMap(({ disk, instances: count }) => {
    const entry = ledger.disks.get(disk);
    const state: DiskStatus['state'] = disks.get(disk) ? 'attached' : (disks.released(disk) ?? 'away');
    return entry ? [{ label: entry.label, set: entry.set, state, instances: count }] : [];
  });
  const isThere = ({ state }: (typeof places)[number]) => Number(state === 'attached');
  places.sort((one, other) => isThere(other) - isThere(one) || one.label.localeCompare(other.label));
  return { instances, disks: places };
}
