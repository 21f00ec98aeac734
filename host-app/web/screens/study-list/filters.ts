import type { StudyOrder, StudyQuery } from '../../api/studies.ts';
import { addDays, toDa } from '../../format/dates.ts';

export const DATE_PRESETS = ['all', 'today', 'yesterday', 'week', 'month', 'range'] as const;
export type DatePreset = (typeof DATE_PRESETS)[number];

/** Everything that decides which studies are listed, and in which order. Lives in the page's address. */
export interface StudyFilters {
  text: string;
  date: DatePreset;
  /** `2026-01-02`, for `range`; empty is open. */
  from: string;
  to: string;
  modalities: readonly string[];
  departments: readonly string[];
  patientName: string;
  patientId: string;
  accession: string;
  order: StudyOrder;
}

export const ORDERS: readonly StudyOrder[] = [
  '-StudyDate',
  'StudyDate',
  'PatientName',
  '-PatientName',
  'receivedAt',
  '-receivedAt',
];

export const NO_FILTERS: StudyFilters = {
  text: '',
  date: 'all',
  from: '',
  to: '',
  modalities: [],
  departments: [],
  patientName: '',
  patientId: '',
  accession: '',
  order: '-StudyDate',
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** From the page's address; what is not understood is left out. */
export function parseFilters(query: URLSearchParams): StudyFilters {
  const day = (name: string) => (DAY.test(query.get(name) ?? '') ? (query.get(name) ?? '') : '');
  const many = (name: string) => [...new Set(query.getAll(name).filter((value) => value !== ''))];
  const from = day('from');
  const to = day('to');
  return {
    text: query.get('text') ?? '',
    date: DATE_PRESETS.find((preset) => preset === query.get('date')) ?? (from || to ? 'range' : 'all'),
    from,
    to,
    modalities: many('modality'),
    departments: many('department'),
    patientName: query.get('name') ?? '',
    patientId: query.get('patient') ?? '',
    accession: query.get('accession') ?? '',
    order: ORDERS.find((order) => order === query.get('order')) ?? NO_FILTERS.order,
  };
}

/** Path and query of the list with these filters; what is default is left out. */
export function listPath(filters: StudyFilters): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string) => {
    if (value.trim() !== '') query.append(name, value.trim());
  };
  put('text', filters.text);
  if (filters.date !== 'all') put('date', filters.date);
  if (filters.date === 'range') {
    put('from', filters.from);
    put('to', filters.to);
  }
  for (const modality of filters.modalities) put('modality', modality);
  for (const department of filters.departments) put('department', department);
  put('name', filters.patientName);
  put('patient', filters.patientId);
  put('accession', filters.accession);
  if (filters.order !== NO_FILTERS.order) put('order', filters.order);
  const text = query.toString();
  return text === '' ? '/studies' : `/studies?${text}`;
}

/** DA range of a preset, `undefined` for all days. @dicom PS3.4 C.2.2.2.5 */
export function studyDateRange(filters: Pick<StudyFilters, 'date' | 'from' | 'to'>, today: Date): string | undefined {
  const span = (from: Date, to: Date) => `${toDa(from)}-${toDa(to)}`;
  switch (filters.date) {
    case 'today':
      return toDa(today);
    case 'yesterday':
      return toDa(addDays(today, -1));
    case 'week':
      return span(addDays(today, -6), today);
    case 'month':
      return span(addDays(today, -29), today);
    case 'range': {
      const from = filters.from.replaceAll('-', '');
      const to = filters.to.replaceAll('-', '');
      return from === '' && to === '' ? undefined : `${from}-${to}`;
    }
    default:
      return undefined;
  }
}

export function toQuery(filters: StudyFilters, today: Date): StudyQuery {
  const query: StudyQuery = { orderBy: filters.order };
  const put = (
    key: 'text' | 'patientName' | 'patientId' | 'accessionNumber' | 'modalities' | 'departments',
    value: string,
  ) => {
    if (value.trim() !== '') query[key] = value.trim();
  };
  put('text', filters.text);
  put('patientName', filters.patientName);
  put('patientId', filters.patientId);
  put('accessionNumber', filters.accession);
  put('modalities', filters.modalities.join(','));
  put('departments', filters.departments.join(','));
  const range = studyDateRange(filters, today);
  if (range !== undefined) query.studyDate = range;
  return query;
}

/** True when anything but the order narrows the list. */
export function isFiltered(filters: StudyFilters): boolean {
  return listPath({ ...filters, order: NO_FILTERS.order }) !== '/studies';
}

export function advancedCount(filters: StudyFilters): number {
  return [filters.patientName, filters.patientId, filters.accession].filter((value) => value !== '').length;
}

export function rangeIsReversed(filters: StudyFilters): boolean {
  return filters.date === 'range' && filters.from !== '' && filters.to !== '' && filters.to < filters.from;
}
