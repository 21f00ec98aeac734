import { request } from './client.ts';
import { bool, list, num, record, str, type Wire } from './decode.ts';

/** How the check of all stored bytes goes. */
export interface ScrubReport {
  running: boolean;
  startedAt: string;
  checked: number;
  total: number;
  everyDays: number;
  repaired: number;
  damaged: number;
  last: { finishedAt: string; checked: number; bytes: number; repaired: number; damaged: number } | undefined;
  findings: {
    SOPInstanceUID: string;
    damage: string;
    foundAt: string;
    /** '' while no source has good bytes. */
    repairedAt: string;
    repairedFrom: string;
  }[];
}

export async function getScrub(signal?: AbortSignal): Promise<ScrubReport> {
  const item = record(await request('/api/maintenance/scrub', signal ? { signal } : {}));
  const round = record(item['round'] ?? {});
  return {
    running: bool(round['running']),
    startedAt: str(round['startedAt']),
    checked: num(round['checked']),
    total: num(item['total']),
    everyDays: num(item['everyDays']),
    repaired: num(round['repaired']),
    damaged: num(round['damaged']),
    last: round['last'] === undefined ? undefined : readLast(record(round['last'])),
    findings: list(item['findings'], (value) => {
      const finding = record(value);
      return {
        SOPInstanceUID: str(finding['SOPInstanceUID']),
        damage: str(finding['damage']),
        foundAt: str(finding['foundAt']),
        repairedAt: str(finding['repairedAt']),
        repairedFrom: str(finding['repairedFrom']),
      };
    }),
  };
}

function readLast(last: Wire) {
  return {
    finishedAt: str(last['finishedAt']),
    checked: num(last['checked']),
    bytes: num(last['bytes']),
    repaired: num(last['repaired']),
    damaged: num(last['damaged']),
  };
}

/** A check from the first instance on, now. */
export async function startScrub(): Promise<void> {
  await request('/api/maintenance/scrub/start', { method: 'POST' });
}
