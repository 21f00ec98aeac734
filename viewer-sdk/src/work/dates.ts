import { formatDate, formatTime } from '../dicom/format.ts';

/** A point of time as DICOM's DA, TM and Timezone Offset From UTC write it. */
export interface WrittenTime {
  readonly date: string;
  readonly time: string;
  /** ±HHMM */
  readonly offset: string;
}

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A point of time in a zone: all dates and times of a data set are in its one zone, so that of the images is kept where they name it.
 * @param offset the images' Timezone Offset From UTC; the browser's zone without it
 * @dicom PS3.3 C.12.1.1.8
 */
export function writtenTime(at: Date, offset?: string): WrittenTime {
  const given = /^([+-])(\d{2})(\d{2})$/.exec(offset ?? '');
  const minutes = given
    ? (given[1] === '-' ? -1 : 1) * (Number(given[2]) * 60 + Number(given[3]))
    : -at.getTimezoneOffset();
  const local = new Date(at.getTime() + minutes * 60_000);
  const absolute = Math.abs(minutes);
  return {
    date: `${local.getUTCFullYear()}${two(local.getUTCMonth() + 1)}${two(local.getUTCDate())}`,
    time: `${two(local.getUTCHours())}${two(local.getUTCMinutes())}${two(local.getUTCSeconds())}`,
    // "-0000" is not allowed.
    offset: `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}${two(absolute % 60)}`,
  };
}

/** An ISO time as the user's clock has it: 2026-01-02 10:11. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** DA and TM as the user's clock has them where their zone is known, as they are written otherwise. */
export function shownTime(date: string, time: string, offset: string | undefined): string {
  const zone = /^([+-]\d{2})(\d{2})$/.exec(offset ?? '');
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  const clock = /^(\d{2})(\d{2})/.exec(time);
  const local =
    zone && day && clock ? localTime(`${day[1]}-${day[2]}-${day[3]}T${clock[1]}:${clock[2]}${zone[1]}:${zone[2]}`) : '';
  return local || `${formatDate(date)} ${formatTime(time)}`.trim();
}
