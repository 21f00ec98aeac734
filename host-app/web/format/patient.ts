import type { StudyRow } from '../api/studies.ts';
import { t } from '../i18n/index.ts';

/** A birth date that makes somebody older is a mistake: no age is better than a wrong one. */
const OLDEST_YEARS = 130;

type PatientFields = Pick<
  StudyRow,
  'PatientName' | 'PatientNameIdeographic' | 'PatientSex' | 'PatientAge' | 'PatientBirthDate' | 'StudyDate'
>;

/** A PN component group for reading: `ZHANG^WEI` → `ZHANG WEI`. @dicom PS3.5 6.2.1 */
export function readableName(group: string): string {
  return (
    group
      .split('=')[0]
      ?.split('^')
      .filter((part) => part.trim() !== '')
      .join(' ') ?? ''
  );
}

/** Ideographic first, as the staff reads it; `other` is the second writing, if there is one. */
export function patientName(row: Pick<StudyRow, 'PatientName' | 'PatientNameIdeographic'>): {
  main: string;
  other: string;
} {
  const ideographic = row.PatientNameIdeographic.split('^').join('').trim();
  const alphabetic = readableName(row.PatientName);
  if (ideographic !== '') return { main: ideographic, other: alphabetic === ideographic ? '' : alphabetic };
  return { main: alphabetic, other: '' };
}

export function sexLabel(sex: string): string {
  if (sex === 'M') return t.common.male;
  if (sex === 'F') return t.common.female;
  return sex === '' ? '' : t.common.otherSex;
}

/** Age at the exam: the device's own value, else from the dates; empty when neither is known. @dicom PS3.5 6.2 (AS) */
export function ageLabel(row: Pick<PatientFields, 'PatientAge' | 'PatientBirthDate' | 'StudyDate'>): string {
  const match = /^(\d{3})([DWMY])$/.exec(row.PatientAge);
  if (match) {
    const value = Number(match[1]);
    const unit = match[2];
    return unit === 'Y'
      ? t.common.ageYears(value)
      : unit === 'M'
        ? t.common.ageMonths(value)
        : unit === 'W'
          ? t.common.ageWeeks(value)
          : t.common.ageDays(value);
  }
  const days = daysBetween(row.PatientBirthDate, row.StudyDate);
  if (days === undefined) return '';
  const years = fullYears(row.PatientBirthDate, row.StudyDate);
  if (years > OLDEST_YEARS) return '';
  if (years >= 2) return t.common.ageYears(years);
  return days >= 31 ? t.common.ageMonths(Math.floor(days / 30.44)) : t.common.ageDays(days);
}

/** For a column of a list, as short as the language allows. */
export function sexAgeShort(row: PatientFields): string {
  const { PatientSex } = row;
  const sex =
    PatientSex === 'M'
      ? t.common.maleShort
      : PatientSex === 'F'
        ? t.common.femaleShort
        : PatientSex === ''
          ? ''
          : t.common.otherSexShort;
  return [sex, ageLabel(row)].filter((part) => part !== '').join(' / ');
}

export function sexAge(row: PatientFields): string {
  return [sexLabel(row.PatientSex), ageLabel(row)].filter((part) => part !== '').join(' / ');
}

function utc(da: string): number | undefined {
  return /^\d{8}$/.test(da)
    ? Date.UTC(Number(da.slice(0, 4)), Number(da.slice(4, 6)) - 1, Number(da.slice(6)))
    : undefined;
}

function daysBetween(birthDa: string, studyDa: string): number | undefined {
  const birth = utc(birthDa);
  const study = utc(studyDa);
  return birth === undefined || study === undefined || study < birth
    ? undefined
    : Math.floor((study - birth) / 86_400_000);
}

function fullYears(birthDa: string, studyDa: string): number {
  const years = Number(studyDa.slice(0, 4)) - Number(birthDa.slice(0, 4));
  return studyDa.slice(4) < birthDa.slice(4) ? years - 1 : years;
}
