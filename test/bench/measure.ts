import { readFileSync } from 'node:fs';

/** Milliseconds that `work` took. */
export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export interface Comparison {
  what: string;
  /** Median, in milliseconds. */
  filmlessMs: number;
  /** Undefined where Orthanc is not installed. */
  orthancMs: number | undefined;
  runs: number;
  /** How many times Orthanc's rate is asked for. */
  wanted: number;
}

/** Runs both sides alternately, so that what else the machine does falls on both, and takes medians. */
export async function compare(
  what: string,
  wanted: number,
  runs: number,
  filmless: (run: number) => Promise<unknown>,
  orthanc: ((run: number) => Promise<unknown>) | undefined,
): Promise<Comparison> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    ours.push(await elapsedMs(() => filmless(run)));
    if (orthanc) theirs.push(await elapsedMs(() => orthanc(run)));
  }
  return { what, wanted, runs, filmlessMs: median(ours), orthancMs: orthanc ? median(theirs) : undefined };
}

export function printComparisons(comparisons: readonly Comparison[]): void {
  for (const { what, filmlessMs, orthancMs, runs, wanted } of comparisons) {
    const ours = `${filmlessMs.toFixed(0)} ms`.padStart(9);
    if (orthancMs === undefined) {
      console.log(`${what.padEnd(58)} ${ours}   (Orthanc is not installed; median of ${runs})`);
      continue;
    }
    const ratio = orthancMs / filmlessMs;
    const verdict = ratio >= wanted ? 'met' : 'NOT MET';
    console.log(
      `${what.padEnd(58)} ${ours}   Orthanc ${`${orthancMs.toFixed(0)} ms`.padStart(8)}   ${ratio.toFixed(2)} x (wanted ${wanted} x: ${verdict}; median of ${runs})`,
    );
  }
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Resident memory of a process in MiB, from Linux' tables. `peak` is the most it ever was. */
export function residentMiB(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * KIB) / MIB;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
