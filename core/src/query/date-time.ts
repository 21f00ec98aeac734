/**
 * DA, TM and DT as strings that sort like the moments they name. A value of less precision is the interval it covers:
 * `1030` is every moment of that minute (our choice where PS3.4 C.2.2.2.5 leaves it open).
 */
export interface Interval {
  /** Inclusive; '' = open. */
  readonly from: string;
  /** Inclusive; '' = open. */
  readonly to: string;
}

const DATE = /^(\d{4})\.?(0[1-9]|1[0-2])\.?(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3])(?::?([0-5]\d)(?::?([0-5]\d|60)(?:\.(\d{1,6}))?)?)?$/;
const DATE_TIME = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?)?)?)?)?([+-]\d{4})?$/;

/** `YYYYMMDD`; the form with dots of ACR-NEMA is read too. undefined when it is no date. @dicom PS3.5 6.2 */
export function parseDate(text: string): string | undefined {
  const found = DATE.exec(text);
  return found ? `${found[1]}${found[2]}${found[3]}` : undefined;
}

/** `HHMMSSffffff` of the first and the last moment the text covers. */
export function parseTime(text: string): Interval | undefined {
  const found = TIME.exec(text);
  if (!found) return undefined;
  const [, hours = '', minutes, seconds, fraction = ''] = found;
  return {
    from: hours + (minutes ?? '00') + (seconds ?? '00') + fraction.padEnd(6, '0'),
    to: hours + (minutes ?? '59') + (seconds ?? '59') + fraction.padEnd(6, '9'),
  };
}

/** First and last moment a DT covers, in UTC where it has an offset and as written where it has none. */
export function parseDateTime(text: string): Interval | undefined {
  const found = DATE_TIME.exec(text);
  if (!found) return undefined;
  const [, year = '', month, day, hours, minutes, seconds, fraction = '', offset] = found;
  const lastDay = String(new Date(Date.UTC(Number(year), Number(month ?? '12'), 0)).getUTCDate());
  const from = `${year}${month ?? '01'}${day ?? '01'}${hours ?? '00'}${minutes ?? '00'}${seconds ?? '00'}`;
  const to = `${year}${month ?? '12'}${day ?? lastDay}${hours ?? '23'}${minutes ?? '59'}${seconds ?? '59'}`;
  const first = toUtc(from, offset);
  const last = toUtc(to, offset);
  if (first === undefined || last === undefined) return undefined;
  return { from: first + fraction.padEnd(6, '0'), to: last + fraction.padEnd(6, '9') };
}

function toUtc(moment: string, offset: string | undefined): string | undefined {
  const part = (start: number, end: number) => Number(moment.slice(start, end));
  if (part(4, 6) < 1 || part(4, 6) > 12 || part(6, 8) < 1 || part(6, 8) > 31) return undefined;
  if (part(8, 10) > 23 || part(10, 12) > 59 || part(12, 14) > 60) return undefined;
  if (offset === undefined) return moment;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5));
  const shift = offset.startsWith('-') ? minutes : -minutes;
  const utc = new Date(
    Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12) + shift, part(12, 14)),
  );
  return utc.toISOString().replace(/[-:T]/g, '').slice(0, 14);
}

/** A matching key of DA, TM or DT: one value or a range `a-b`, `a-`, `-b`. undefined when it is neither. @dicom PS3.4 C.2.2.2.5 */
export function parseRange(vr: 'DA' | 'TM' | 'DT', text: string): Interval | undefined {
  const one = parseOne(vr, text);
  if (one) return one;
  // A DT may hold hyphens of its own (offsets), so every hyphen is tried as the one of the range.
  for (let at = text.indexOf('-'); at >= 0; at = text.indexOf('-', at + 1)) {
    const before = text.slice(0, at).trim();
    const after = text.slice(at + 1).trim();
    if (before === '' && after === '') return undefined;
    const from = before === '' ? { from: '', to: '' } : parseOne(vr, before);
    const to = after === '' ? { from: '', to: '' } : parseOne(vr, after);
    if (from && to) return { from: from.from, to: to.to };
  }
  return undefined;
}

function parseOne(vr: 'DA' | 'TM' | 'DT', text: string): Interval | undefined {
  if (vr === 'TM') return parseTime(text);
  if (vr === 'DT') return parseDateTime(text);
  const date = parseDate(text);
  return date === undefined ? undefined : { from: date, to: date };
}

/** Whether two intervals have a moment in common. */
export function overlaps(a: Interval, b: Interval): boolean {
  return (a.from === '' || b.to === '' || a.from <= b.to) && (b.from === '' || a.to === '' || b.from <= a.to);
}
