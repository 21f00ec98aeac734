/** DICOM DA as 2026-01-02; what is not a date is returned as it is. @dicom PS3.5 6.2 */
export function formatDate(value: string | undefined): string {
  if (!value) return '';
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value);
  return match ? `${match[1]}-${match[2]}-${match[3]}` : value;
}

/** DICOM TM as 10:11 (or 10:11:12). @dicom PS3.5 6.2 */
export function formatTime(value: string | undefined, withSeconds = false): string {
  if (!value) return '';
  const match = /^(\d{2}):?(\d{2})?:?(\d{2})?/.exec(value);
  if (!match) return value;
  const [, hours, minutes = '00', seconds = '00'] = match;
  return withSeconds ? `${hours}:${minutes}:${seconds}` : `${hours}:${minutes}`;
}

/** DICOM AS ("045Y") as number and unit letter (D, W, M, Y). @dicom PS3.5 6.2 */
export function parseAge(value: string | undefined): { count: number; unit: 'D' | 'W' | 'M' | 'Y' } | undefined {
  const match = /^(\d{1,3})([DWMY])$/.exec(value ?? '');
  return match ? { count: Number(match[1]), unit: match[2] as 'D' | 'W' | 'M' | 'Y' } : undefined;
}

/** The age on the day of the study, from the two dates, where the file gives none. */
export function ageBetween(
  birthDate: string | undefined,
  studyDate: string | undefined,
): { count: number; unit: 'D' | 'M' | 'Y' } | undefined {
  const birth = toDay(birthDate);
  const day = toDay(studyDate);
  if (!birth || !day) return undefined;
  let months = (day.year - birth.year) * 12 + day.month - birth.month;
  if (day.day < birth.day) months -= 1;
  if (months < 0) return undefined;
  if (months >= 24) return { count: Math.floor(months / 12), unit: 'Y' };
  if (months >= 1) return { count: months, unit: 'M' };
  const days = Math.round(
    (Date.UTC(day.year, day.month - 1, day.day) - Date.UTC(birth.year, birth.month - 1, birth.day)) / 86_400_000,
  );
  return days >= 0 ? { count: days, unit: 'D' } : undefined;
}

function toDay(value: string | undefined): { year: number; month: number; day: number } | undefined {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value ?? '');
  return match ? { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) } : undefined;
}

/** A number for the screen: at most `digits` decimals, no trailing zeros. */
export function formatNumber(value: number, digits = 1): string {
  return String(Number(value.toFixed(digits)));
}

/** A size for the screen. */
export function formatBytes(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  if (sizeBytes < 1024 ** 2) return `${formatNumber(sizeBytes / 1024)} KiB`;
  return `${formatNumber(sizeBytes / 1024 ** 2)} MiB`;
}
