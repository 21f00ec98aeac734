const PATTERN = /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,4}))?([+-]\d{4})?$/;

/** TS or DTM as ISO 8601, in UTC. Without a zone it is the hospital's own time, which is this machine's. Undefined when it is none, or has no day. */
export function isoOf(text: string): string | undefined {
  const match = PATTERN.exec(text.trim());
  if (!match?.[3]) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const zone = match[8];
  const local = zone === undefined;
  const date = local
    ? new Date(year, month - 1, day, hour, minute, second)
    : new Date(Date.UTC(year, month - 1, day, hour, minute, second) - zoneMs(zone));
  const real = local ? date.getDate() === day && date.getMonth() === month - 1 : day <= 31 && month >= 1 && month <= 12;
  return real && hour < 24 && minute < 60 && second < 60 && !Number.isNaN(date.getTime())
    ? date.toISOString()
    : undefined;
}

function zoneMs(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** DTM in this machine's time, with its zone. */
export function timestampOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return (
    `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}` +
    `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}${zone}`
  );
}

/** DA of a TS; undefined when it has no whole day, or none of the calendar. @dicom PS3.5 6.2 */
export function dayOf(text: string): string | undefined {
  const day = /^\d{8}/.exec(text.trim())?.[0];
  if (day === undefined) return undefined;
  const date = new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10).replaceAll('-', '') === day ? day : undefined;
}
