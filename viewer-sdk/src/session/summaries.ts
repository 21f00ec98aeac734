import { type JsonDataset, number, text, texts } from '../dicom/json.ts';
import { isImageModality } from '../dicom/series-kind.ts';

/** A study as the search describes it. */
export interface StudySummary {
  readonly StudyInstanceUID: string;
  readonly patientId: string;
  readonly accessionNumber: string;
  readonly date: string;
  readonly time: string;
  readonly description: string;
  readonly modalities: readonly string[];
  /** The search's answer, for the banner while no image is on the screen. */
  readonly dataset: JsonDataset;
}

/** A series as the search describes it. */
export interface SeriesSummary {
  readonly SeriesInstanceUID: string;
  readonly number: number | undefined;
  readonly modality: string;
  readonly description: string;
  readonly instanceCount: number | undefined;
  /** Expected from the modality; the instances' own data sets have the last word. */
  readonly image: boolean;
}

export function readStudy(dataset: JsonDataset): StudySummary | undefined {
  const uid = text(dataset, 'StudyInstanceUID');
  if (!uid) return undefined;
  return {
    StudyInstanceUID: uid,
    patientId: text(dataset, 'PatientID') ?? '',
    accessionNumber: text(dataset, 'AccessionNumber') ?? '',
    date: text(dataset, 'StudyDate') ?? '',
    time: text(dataset, 'StudyTime') ?? '',
    description: text(dataset, 'StudyDescription') ?? '',
    modalities: texts(dataset, 'ModalitiesInStudy'),
    dataset,
  };
}

export function readSeries(dataset: JsonDataset): SeriesSummary | undefined {
  const uid = text(dataset, 'SeriesInstanceUID');
  if (!uid) return undefined;
  const modality = text(dataset, 'Modality') ?? '';
  return {
    SeriesInstanceUID: uid,
    number: number(dataset, 'SeriesNumber'),
    modality,
    description: text(dataset, 'SeriesDescription') ?? '',
    instanceCount: number(dataset, 'NumberOfSeriesRelatedInstances'),
    image: isImageModality(modality),
  };
}

/** Newest first; studies without a date last. */
export function compareStudies(a: StudySummary, b: StudySummary): number {
  return (
    b.date.localeCompare(a.date) || b.time.localeCompare(a.time) || a.StudyInstanceUID.localeCompare(b.StudyInstanceUID)
  );
}

/** Pictures first, then by number. */
export function compareSeries(a: SeriesSummary, b: SeriesSummary): number {
  return (
    Number(b.image) - Number(a.image) ||
    (a.number ?? Number.MAX_SAFE_INTEGER) - (b.number ?? Number.MAX_SAFE_INTEGER) ||
    a.SeriesInstanceUID.localeCompare(b.SeriesInstanceUID, 'en', { numeric: true })
  );
}

/** Each UID once: an archive that lists one twice means one. */
export function distinct<T>(entries: readonly T[], uid: (entry: T) => string): T[] {
  return [...new Map(entries.map((entry) => [uid(entry), entry])).values()];
}
