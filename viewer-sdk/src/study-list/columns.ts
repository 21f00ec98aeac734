import { ageBetween, formatDate, formatTime, parseAge } from '../dicom/format.ts';
import { personName, text } from '../dicom/json.ts';
import type { StudySummary } from '../session/summaries.ts';
import type { StudyListText } from './texts.ts';

type Text = (key: StudyListText, parameters?: Readonly<Record<string, string | number>>) => string;

interface Column {
  /** As a track of the grid. */
  readonly width: string;
  readonly value: (study: StudySummary, t: Text) => string;
  readonly end?: true;
}

/** All columns, by the names that the `columns` attribute takes. */
export const COLUMNS = {
  date: { width: '124px', value: ({ date, time }) => [formatDate(date), formatTime(time)].filter(Boolean).join(' ') },
  name: { width: 'minmax(72px, 1fr)', value: ({ dataset }) => personName(dataset, 'PatientName') ?? '' },
  sex: { width: '44px', value: ({ dataset }, t) => sexText(text(dataset, 'PatientSex'), t) },
  age: { width: '56px', value: ageText },
  patientId: { width: 'minmax(84px, 1fr)', value: ({ patientId }) => patientId },
  accession: { width: 'minmax(96px, 1fr)', value: ({ accessionNumber }) => accessionNumber },
  modality: { width: '60px', value: ({ modalities }) => modalities.join('/') },
  description: { width: 'minmax(120px, 2fr)', value: ({ description }) => description },
  department: {
    width: 'minmax(72px, 1fr)',
    value: ({ dataset }) => text(dataset, 'InstitutionalDepartmentName') ?? '',
  },
  referring: {
    width: 'minmax(72px, 1fr)',
    value: ({ dataset }) => personName(dataset, 'ReferringPhysicianName') ?? '',
  },
  images: { width: '64px', value: ({ dataset }) => text(dataset, 'NumberOfStudyRelatedInstances') ?? '', end: true },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof COLUMNS;

const DEFAULT: readonly ColumnName[] = [
  'date',
  'name',
  'sex',
  'age',
  'patientId',
  'accession',
  'modality',
  'description',
  'department',
  'images',
];
const OF_PATIENT: ReadonlySet<ColumnName> = new Set(['name', 'sex', 'age', 'patientId']);

/** The columns an attribute names; ours where it names none, without those that one patient makes the same in every row. */
export function columnsOf(names: string, onePatient: boolean): ColumnName[] {
  const named = names.split(/[\s,]+/).filter((name): name is ColumnName => Object.hasOwn(COLUMNS, name));
  return named.length > 0 ? named : DEFAULT.filter((name) => !onePatient || !OF_PATIENT.has(name));
}

export function column(name: ColumnName): Column {
  return COLUMNS[name];
}

function sexText(sex: string | undefined, t: Text): string {
  return sex === 'M' || sex === 'F' || sex === 'O' ? t(`sex.${sex}`) : '';
}

function ageText({ dataset, date }: StudySummary, t: Text): string {
  const age = parseAge(text(dataset, 'PatientAge')) ?? ageBetween(text(dataset, 'PatientBirthDate'), date);
  return age ? t(`age.${age.unit}`, { count: age.count }) : '';
}
