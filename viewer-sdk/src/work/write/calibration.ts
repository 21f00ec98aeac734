import type { Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { type ManualCalibration, newUid } from '../../measure/annotation.ts';
import { CODE, type Code, PRIVATE_SCHEME } from '../codes.ts';
import { writtenTime } from '../dates.ts';
import { attributes, merge } from '../dicom-write/dataset.ts';
import { codeOf, container, image, numeric, personName, textOf, uidRef } from './content.ts';
import type { Origin } from './modules.ts';

const own = (value: string, meaning: string): Code => ({ value, scheme: PRIVATE_SCHEME, meaning });

/** How a person's calibration is kept: the standard has measurements by calipers, but no place for the calipers' own scale. */
export const CALIBRATION = {
  rowSpacing: own('row-spacing', 'Distance between rows'),
  columnSpacing: own('column-spacing', 'Distance between columns'),
  rows: own('rows', 'Rows'),
  columns: own('columns', 'Columns'),
  scope: own('scope', 'Holds for'),
  instance: own('instance', 'This image'),
  series: own('series', 'Images of this size in the series'),
  method: own('px-manual', 'Calibrated by the reader'),
} as const;

/** A calibration, with a frame of what it holds for. */
export interface WrittenCalibration {
  readonly calibration: ManualCalibration;
  readonly frame: Frame;
}

/** TID 1501: the scale that lengths on these images were measured by. */
export function calibrationGroup(
  { calibration, frame }: WrittenCalibration,
  ordinal: number,
  origin: Origin,
  offset: string,
): JsonDataset {
  const { author = '', rowMm, columnMm, rows, columns, instance, createdAt } = calibration;
  const content = container(
    CODE.measurementGroup,
    [
      textOf('HAS OBS CONTEXT', CODE.trackingIdentifier, `Filmless/calibration/${ordinal}`),
      uidRef('HAS OBS CONTEXT', CODE.trackingUniqueIdentifier, newUid()),
      ...(author === '' || author === origin.author
        ? []
        : [personName('HAS OBS CONTEXT', CODE.personObserverName, author)]),
      codeOf('HAS CONCEPT MOD', CODE.measurementMethod, CALIBRATION.method),
      codeOf('CONTAINS', CALIBRATION.scope, instance === undefined ? CALIBRATION.series : CALIBRATION.instance),
      image('CONTAINS', frame, undefined),
      numeric(CALIBRATION.rowSpacing, rowMm, 'mm', []),
      numeric(CALIBRATION.columnSpacing, columnMm, 'mm', []),
      numeric(CALIBRATION.rows, rows, '{pixels}', []),
      numeric(CALIBRATION.columns, columns, '{pixels}', []),
    ],
    '1501',
  );
  const made = writtenTime(new Date(createdAt), offset);
  return merge(content, attributes({ ObservationDateTime: `${made.date}${made.time}${made.offset}` }));
}
