const pad = (value: number) => String(value).padStart(2, '0');

/** `2026-01-02` of a DA; as it came when it is not one. @dicom PS3.5 6.2 */
export function formatDa(da: string): string {
  return /^\d{8}$/.test(da) ? `${da.slice(0, 4)}-${da.slice(4, 6)}-${da.slice(6)}` : da;
}

/** `10:11` of a TM. */
export function formatTm(tm: string): string {
  return /^\d{4}/.test(tm) ? `${tm.slice(0, 2)}:${tm.slice(2, 4)}` : '';
}

/** `2026-01-02 10:11` of DA and TM. */
export function formatDaTm(da: string, tm: string): string {
  return `${formatDa(da)} ${formatTm(tm)}`.trim();
}

/** `2026-01-02 10:11` in this computer's time zone, of an ISO instant. */
export function formatInstant(iso: string): string {
  const date = new Date(iso);
  return iso === '' || Number.isNaN(date.getTime())
    ? ''
    : `${formatDay(date)} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** `2026-01-02` */
export function formatDay(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** DA of a local date. */
export function toDa(date: Date): string {
  return formatDay(date).replaceAll('-', '');
}

export function addDays(date: Date, days: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}
