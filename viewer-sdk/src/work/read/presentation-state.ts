import type { JsonDataset } from '../../dicom/json.ts';
import type { ImageReference } from '../../extension/contract.ts';
import { itemsOf, numbersOf, textOf } from '../../objects/parts/dataset.ts';
import { type ObjectHeader, readHeader } from './header.ts';

/** A presentation state as it is listed. */
export interface ReadPresentation extends ObjectHeader {
  readonly type: 'presentation';
  readonly label: string;
  readonly images: readonly ImageReference[];
}

const PRESENTATION_STATES = '1.2.840.10008.5.1.4.1.1.11.';

/** @dicom PS3.3 C.11.11 */
export function readPresentation(dataset: JsonDataset): ReadPresentation | undefined {
  const header = readHeader(dataset);
  if (!header?.SOPClassUID.startsWith(PRESENTATION_STATES)) return undefined;
  const images = itemsOf(dataset, 'ReferencedSeriesSequence').flatMap((series) =>
    itemsOf(series, 'ReferencedImageSequence').flatMap((image): ImageReference[] => {
      const instance = textOf(image, 'ReferencedSOPInstanceUID');
      const uid = textOf(series, 'SeriesInstanceUID');
      if (!instance || !uid) return [];
      const [frame] = numbersOf(image, 'ReferencedFrameNumber');
      return [{ study: header.StudyInstanceUID, series: uid, instance, ...(frame === undefined ? {} : { frame }) }];
    }),
  );
  const label = textOf(dataset, 'ContentDescription') ?? textOf(dataset, 'ContentLabel') ?? '';
  return { ...header, type: 'presentation', label, images };
}
