import type { Growth } from './ledger.ts';

export interface Forecast {
  /** Bytes a day, over the days that are known; undefined when there are too few. */
  bytesPerDay: number | undefined;
  /** Undefined when it does not grow, or nothing is known yet. */
  daysUntilFull: number | undefined;
}

/** Fewer days say nothing about how an archive grows. */
const MIN_DAYS = 3;
const DAY_MS = 86_400_000;

/** How a department or the disk grew, as a straight line through the days, and when `roomBytes` will be used up. */
export function forecast(samples: readonly Pick<Growth, 'day' | 'bytes'>[], roomBytes: number): Forecast {
  const points = samples.map(({ day, bytes }) => ({ x: Date.parse(`${day}T00:00:00Z`) / DAY_MS, y: bytes }));
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || last.x - first.x < MIN_DAYS) return { bytesPerDay: undefined, daysUntilFull: undefined };
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const bytesPerDay = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  if (roomBytes <= 0) return { bytesPerDay, daysUntilFull: 0 };
  return { bytesPerDay, daysUntilFull: bytesPerDay > 0 ? Math.floor(roomBytes / bytesPerDay) : undefined };
}
