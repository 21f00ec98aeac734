import type { JsonDataset } from '../../dicom/json.ts';
import type { ImageReference } from '../../extension/contract.ts';
import { itemsOf, textOf } from './dataset.ts';

/** Where an instance lies. */
export interface InstancePlace {
  readonly study: string;
  readonly series: string;
  readonly sopClass: string;
}

/** The instances that an object says it refers to, by SOP Instance UID. @dicom PS3.3 C.17.2.1 */
export function evidence(dataset: JsonDataset): ReadonlyMap<string, InstancePlace> {
  const places = new Map<string, InstancePlace>();
  for (const list of ['CurrentRequestedProcedureEvidenceSequence', 'PertinentOtherEvidenceSequence'] as const) {
    for (const study of itemsOf(dataset, list)) {
      for (const series of itemsOf(study, 'ReferencedSeriesSequence')) {
        for (const sop of itemsOf(series, 'ReferencedSOPSequence')) {
          const instance = textOf(sop, 'ReferencedSOPInstanceUID');
          if (!instance) continue;
          places.set(instance, {
            study: textOf(study, 'StudyInstanceUID') ?? '',
            series: textOf(series, 'SeriesInstanceUID') ?? '',
            sopClass: textOf(sop, 'ReferencedSOPClassUID') ?? '',
          });
        }
      }
    }
  }
  return places;
}

/** What `goTo` needs to show an instance; `undefined` when the object does not say where it lies. */
export function imageReference(
  places: ReadonlyMap<string, InstancePlace>,
  instance: string,
  frame?: number,
): ImageReference | undefined {
  const place = places.get(instance);
  if (!place || place.study === '' || place.series === '') return undefined;
  return { study: place.study, series: place.series, instance, ...(frame === undefined ? {} : { frame }) };
}
