import { statfs } from 'node:fs/promises';
import type { StorageUsage } from '@filmless/core/plugin';
import { type Forecast, forecast } from './forecast.ts';
import type { Ledger } from './ledger.ts';
import type { Policy } from './policy.ts';

/** Of the whole store; departments are never named so. */
export const WHOLE = '*';
const DAY_MS = 86_400_000;
/** What the line is drawn through. */
const WINDOW_DAYS = 60;
const SEED_DAYS = 30;
const GIB = 2 ** 30;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Adds up, study by study, how much each department takes up and what came on which of the last days. */
export class GrowthTally {
  readonly #departments = new Map<string, { bytes: number; came: Map<string, number> }>();
  readonly #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  add({ department, sizeBytes, receivedAt }: { department: string; sizeBytes: number; receivedAt: string }): void {
    const found = this.#departments.get(department) ?? { bytes: 0, came: new Map<string, number>() };
    this.#departments.set(department, found);
    found.bytes += sizeBytes;
    if (this.#nowMs - Date.parse(receivedAt) > SEED_DAYS * DAY_MS) return;
    const day = receivedAt.slice(0, 10);
    found.came.set(day, (found.came.get(day) ?? 0) + sizeBytes);
  }

  /** Notes today's figures. The first time the days before are worked out from what came, so that there is a forecast from the start. */
  record(ledger: Ledger, usedBytes: number): void {
    const isFirst = ledger.growthSince('').length === 0;
    for (let ago = isFirst ? SEED_DAYS : 0; ago >= 0; ago -= 1) {
      const day = dayOf(this.#nowMs - ago * DAY_MS);
      let allLater = 0;
      for (const [department, { bytes, came }] of this.#departments) {
        let later = 0;
        for (const [arrival, amount] of came) if (arrival > day) later += amount;
        allLater += later;
        ledger.recordGrowth({ day, department, bytes: bytes - later });
      }
      ledger.recordGrowth({ day, department: WHOLE, bytes: Math.max(0, usedBytes - allLater) });
    }
  }
}

export interface DepartmentOutlook extends Forecast {
  department: string;
  bytes: number;
  quotaBytes: number | undefined;
}

/** How full the disk is, each department with its quota, and when they will be full. */
export function outlook(ledger: Ledger, policies: readonly Policy[], usage: StorageUsage, nowMs: number) {
  const samples = ledger.growthSince(dayOf(nowMs - WINDOW_DAYS * DAY_MS));
  const of = (name: string) => samples.filter(({ department }) => department === name);
  const names = new Set([...samples.map(({ department }) => department), ...policies.map((each) => each.department)]);
  names.delete(WHOLE);
  const departments: DepartmentOutlook[] = [...names].sort().flatMap((department) => {
    const bytes = of(department).at(-1)?.bytes ?? 0;
    const quotaGiB = policies.find((policy) => policy.department === department)?.quotaGiB;
    const quotaBytes = quotaGiB === undefined ? undefined : quotaGiB * GIB;
    // The policy of all others is no department, unless studies came without one.
    if (department === '' && bytes === 0) return [];
    const room = quotaBytes === undefined ? Number.POSITIVE_INFINITY : quotaBytes - bytes;
    const { bytesPerDay, daysUntilFull } = forecast(of(department), room);
    return [
      {
        department,
        bytes,
        quotaBytes,
        bytesPerDay,
        daysUntilFull: quotaBytes === undefined ? undefined : daysUntilFull,
      },
    ];
  });
  const roomBytes = usage.freeBytes - usage.floorBytes;
  return { disk: { roomBytes, totalBytes: usage.totalBytes, ...forecast(of(WHOLE), roomBytes) }, departments };
}

/** Room on the large disk; undefined when it cannot be asked. */
export async function roomAt(directory: string): Promise<{ totalBytes: number; freeBytes: number } | undefined> {
  try {
    const { blocks, bavail, bsize } = await statfs(directory);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}
