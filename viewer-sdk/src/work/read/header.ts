import { type JsonDataset, text } from '../../dicom/json.ts';
import { itemsOf, personOf, textOf } from '../../objects/parts/dataset.ts';

/** What every kept object says of itself. */
export interface ObjectHeader {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly patientId: string;
  /** Whether this viewer wrote it, here or elsewhere. */
  readonly ours: boolean;
  /** The system's name, for those of others. */
  readonly manufacturer: string;
  readonly author: string;
  /** DA and TM of the content, in the object's own time zone. */
  readonly date: string;
  readonly time: string;
  /** That zone, where it is named: ±HHMM. */
  readonly offset?: string;
}

export const MANUFACTURER = 'Filmless';
const AUTHOR_OBSERVER_SEQUENCE = '0040A078';
const PREDECESSOR_DOCUMENTS_SEQUENCE = '0040A360';
const TIMEZONE_OFFSET_FROM_UTC = '00080201';
const PRESENTATION_CREATION_DATE = '00700082';
const PRESENTATION_CREATION_TIME = '00700083';

/** `undefined` for what has no identity. */
export function readHeader(dataset: JsonDataset): ObjectHeader | undefined {
  const [SOPClassUID, SOPInstanceUID] = [text(dataset, 'SOPClassUID'), text(dataset, 'SOPInstanceUID')];
  const [StudyInstanceUID, SeriesInstanceUID] = [text(dataset, 'StudyInstanceUID'), text(dataset, 'SeriesInstanceUID')];
  if (!SOPClassUID || !SOPInstanceUID || !StudyInstanceUID || !SeriesInstanceUID) return undefined;
  const manufacturer = text(dataset, 'Manufacturer') ?? '';
  const [observer] = sequence(dataset, AUTHOR_OBSERVER_SEQUENCE);
  const offset = value(dataset, TIMEZONE_OFFSET_FROM_UTC).trim();
  return {
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
    SeriesInstanceUID,
    patientId: text(dataset, 'PatientID') ?? '',
    ours: manufacturer === MANUFACTURER,
    manufacturer,
    author: personOf(observer, 'PersonName') ?? personOf(dataset, 'ContentCreatorName') ?? '',
    date: text(dataset, 'ContentDate') ?? value(dataset, PRESENTATION_CREATION_DATE),
    time: text(dataset, 'ContentTime') ?? value(dataset, PRESENTATION_CREATION_TIME),
    ...(offset ? { offset } : {}),
  };
}

const value = (dataset: JsonDataset, tag: string): string => {
  const first = dataset[tag]?.Value?.[0];
  return typeof first === 'string' ? first : '';
};

const sequence = (dataset: JsonDataset, tag: string): JsonDataset[] =>
  (dataset[tag]?.Value ?? []).filter((item): item is JsonDataset => typeof item === 'object' && item !== null);

/** @dicom PS3.3 C.17.2 */
export function predecessorsOf(dataset: JsonDataset): string[] {
  return sequence(dataset, PREDECESSOR_DOCUMENTS_SEQUENCE)
    .flatMap((study) => itemsOf(study, 'ReferencedSeriesSequence'))
    .flatMap((series) => itemsOf(series, 'ReferencedSOPSequence'))
    .map((sop) => textOf(sop, 'ReferencedSOPInstanceUID'))
    .filter((uid) => uid !== undefined);
}

/** Latest last. */
export const byTime = (a: ObjectHeader, b: ObjectHeader): number =>
  `${a.date}${a.time}`.localeCompare(`${b.date}${b.time}`);

/** Those of which there is no later version. */
export function newestVersions<T extends { readonly SOPInstanceUID: string; readonly predecessors: readonly string[] }>(
  reports: readonly T[],
): T[] {
  const replaced = new Set(reports.flatMap(({ predecessors }) => predecessors));
  return reports.filter(({ SOPInstanceUID }) => !replaced.has(SOPInstanceUID));
}
