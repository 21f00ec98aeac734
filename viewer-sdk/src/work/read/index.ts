import type { JsonDataset } from '../../dicom/json.ts';
import { type ReadKeyObjects, readKeyObjects } from './key-objects.ts';
import { type ReadGroup, type ReadReport, readMeasurementReport } from './measurement-report.ts';
import { type ReadPresentation, readPresentation } from './presentation-state.ts';

export { byTime, newestVersions } from './header.ts';
export type { RecordedMeasurement } from './recorded-values.ts';
export type { ReadGroup, ReadKeyObjects, ReadPresentation, ReadReport };

/** Work that is kept in the archive, whoever made it. */
export type KeptObject = ReadReport | ReadKeyObjects | ReadPresentation;

/** Modalities of the series that such work lies in. */
export const KEPT_MODALITIES: ReadonlySet<string> = new Set(['SR', 'KO', 'PR']);

/** Reads an object of a series; `undefined` for what is none of these. */
export const readKept = (dataset: JsonDataset): KeptObject | undefined =>
  readMeasurementReport(dataset) ?? readKeyObjects(dataset) ?? readPresentation(dataset);
