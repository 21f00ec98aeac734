export interface Forecast {
  /** Bytes a day, on the average of the days that are known; undefined when there are too few. */
  bytesPerDay?: number;
  /** Undefined when nothing grows, or too little is known. */
  daysUntilFull?: number;
}

const DAY_MS = 86_400_000;
const MIN_DAYS = 3;

/** When a set is full, from what came on each of the last days. A day on which nothing came counts as well. */
export function forecast(
  growth: readonly { day: string; bytes: number }[],
  roomBytes: number,
  nowMs: number,
): Forecast {
  const first = growth[0];
  if (!first) return {};
  const days = Math.floor((nowMs - Date.parse(`${first.day}T00:00:00Z`)) / DAY_MS) + 1;
  if (days < MIN_DAYS) return {};
  const bytesPerDay = growth.reduce((sum, { bytes }) => sum + bytes, 0) / days;
  if (bytesPerDay <= 0) return { bytesPerDay };
  return { bytesPerDay, daysUntilFull: Math.max(0, Math.floor(roomBytes / bytesPerDay)) };
}
