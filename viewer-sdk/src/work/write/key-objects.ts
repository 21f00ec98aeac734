import type { JsonDataset } from '../../dicom/json.ts';
import { CODE, codeItem, KEY_OBJECT_TITLES, type KeyObjectTitle } from '../codes.ts';
import { attributes, merge } from '../dicom-write/dataset.ts';
import { type WrittenInstance, writeInstance } from '../dicom-write/part10.ts';
import { workText } from '../texts.ts';
import { image, languageItem, observerItems, templateOf, textOf } from './content.ts';
import {
  commonModules,
  hierarchicalReferences,
  type InstanceReference,
  type Origin,
  referencedRequest,
} from './modules.ts';

export const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';
const SERIES_NUMBER = 9002;

/** An image that is marked. */
export interface KeyImage extends InstanceReference {
  /** From 1; `undefined` for the whole of an instance. */
  readonly frame: number | undefined;
}

/**
 * A key object selection of images of one study.
 * @throws RangeError without images
 * @dicom PS3.3 A.35.4, PS3.16 TID 2010
 */
export function writeKeyObjects(
  source: JsonDataset,
  images: readonly KeyImage[],
  title: KeyObjectTitle,
  description: string,
  origin: Origin,
): WrittenInstance {
  if (images.length === 0) throw new RangeError('a key object selection without images');
  const object = {
    SOPClassUID: KEY_OBJECT_SELECTION,
    Modality: 'KO',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: workText(origin.locale, 'series.keys'),
  };
  const { dataset, time } = commonModules(source, object, origin);
  const request = referencedRequest(source);
  return writeInstance(
    merge(
      dataset,
      attributes({
        ReferencedPerformedProcedureStepSequence: [],
        ContentDate: time.date,
        ContentTime: time.time,
        ReferencedRequestSequence: request.length > 0 ? request : undefined,
        CurrentRequestedProcedureEvidenceSequence: hierarchicalReferences(images),
        ValueType: 'CONTAINER',
        ConceptNameCodeSequence: [codeItem(KEY_OBJECT_TITLES[title])],
        ContinuityOfContent: 'SEPARATE',
        ContentTemplateSequence: [templateOf('2010')],
        ContentSequence: [
          languageItem(origin.locale),
          ...observerItems(origin),
          ...(description.trim() === '' ? [] : [textOf('CONTAINS', CODE.keyObjectDescription, description.trim())]),
          ...images.map((key) => image('CONTAINS', key, key.frame)),
        ],
      }),
    ),
  );
}
