import { FhirError } from './outcome.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** DA as a FHIR date; undefined when it is none. */
export function fhirDate(da: string | undefined): string | undefined {
  const parts = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(da?.trim() ?? '');
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  const real = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && year > 0;
  return real ? `${parts[1]}-${parts[2]}-${parts[3]}` : undefined;
}

/**
 * DA and TM as a FHIR dateTime. FHIR wants a time zone with a time: DICOM's local time is taken as this node's (our choice), which stands in the
 * same hospital; without a whole time it is the date alone. @dicom PS3.3 C.12.1.1 (0008,0201)
 */
export function fhirDateTime(da: string | undefined, tm: string | undefined): string | undefined {
  const date = fhirDate(da);
  const time = /^(\d{2}):?(\d{2})(?::?(\d{2}))?/.exec(tm?.trim() ?? '');
  if (!date || !time) return date;
  const [hours, minutes, seconds] = [time[1], time[2], time[3] ?? '00'].map(Number) as [number, number, number];
  if (hours > 23 || minutes > 59) return date;
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const second = Math.min(seconds, 59);
  const offset = -new Date(year, month - 1, day, hours, minutes, second).getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${date}T${two(hours)}:${two(minutes)}:${two(second)}${zone}`;
}

/** An instant, or undefined when the text is none. */
export function fhirInstant(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

const VALUE =
  /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** A date search value: the moments it may mean, `from` included, `to` not; milliseconds since 1970. */
export interface DateCriterion {
  prefix: 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';
  from: number;
  to: number;
  /** The value names days, months or years, no time. */
  wholeDays: boolean;
}

/** @throws FhirError for a value that is no date, and for `ap`, which nobody can page through. */
export function parseDate(name: string, value: string): DateCriterion {
  const parts = VALUE.exec(value);
  const bad = () =>
    new FhirError(400, 'value', `${name}: not a date as FHIR has it, or a prefix that is not supported`);
  if (!parts || parts[1] === 'ap') throw bad();
  const [, prefix = 'eq', year = '', month, day, hours, minutes, seconds, , zone] = parts;
  const [m, d] = [Number(month ?? 1), Number(day ?? 1)];
  const local = (y: number, mo: number, da: number, h = 0, mi = 0, s = 0) =>
    new Date(y, mo - 1, da, h, mi, s).getTime();
  const at = new Date(Number(year), m - 1, d);
  if (at.getMonth() !== m - 1 || at.getDate() !== d || Number(year) < 1000) throw bad();
  if (hours === undefined) {
    const to = day
      ? local(Number(year), m, d + 1)
      : month
        ? local(Number(year), m + 1, 1)
        : local(Number(year) + 1, 1, 1);
    return { prefix: prefix as DateCriterion['prefix'], from: at.getTime(), to, wholeDays: true };
  }
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) throw bad();
  const from = zone
    ? Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds ?? '00'}${zone}`)
    : local(Number(year), m, d, Number(hours), Number(minutes), Number(seconds ?? 0));
  if (Number.isNaN(from)) throw bad();
  return { prefix: prefix as DateCriterion['prefix'], from, to: from + (seconds ? 1000 : 60_000), wholeDays: false };
}

/** Whether a moment fits. */
export function matchesDate(at: string | undefined, { prefix, from, to }: DateCriterion): boolean {
  const ms = momentOf(at);
  if (ms === undefined) return false;
  switch (prefix) {
    case 'eq':
      return ms >= from && ms < to;
    case 'ne':
      return ms < from || ms >= to;
    case 'gt':
    case 'sa':
      return ms >= to;
    case 'ge':
      return ms >= from;
    case 'lt':
    case 'eb':
      return ms < from;
    case 'le':
      return ms < to;
  }
}

/** A date alone begins at midnight here. */
function momentOf(text: string | undefined): number | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? '');
  const ms = day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])).getTime() : Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
