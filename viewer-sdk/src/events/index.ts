/** The events of the viewer's elements: one class each, bubbling and composed. */

export { FilmlessReferenceEvent, type ReferenceDetail } from '../report/reference-event.ts';
export { type ErrorDetail, FilmlessErrorEvent } from './error.ts';
export { FilmlessFirstImageEvent, type FirstImageDetail } from './first-image.ts';
export { FilmlessImageChangeEvent, type ImageChangeDetail } from './image-change.ts';
export { FilmlessMeasurementEvent, type MeasurementDetail } from './measurement.ts';
export { FilmlessStudyChooseEvent, FilmlessStudyCompareEvent, type StudyChooseDetail } from './study-choose.ts';
export { FilmlessStudyOpenEvent, type StudyOpenDetail } from './study-open.ts';

import type { FilmlessErrorEvent } from './error.ts';
import type { FilmlessFirstImageEvent } from './first-image.ts';
import type { FilmlessImageChangeEvent } from './image-change.ts';
import type { FilmlessMeasurementEvent } from './measurement.ts';
import type { FilmlessStudyChooseEvent, FilmlessStudyCompareEvent } from './study-choose.ts';
import type { FilmlessStudyOpenEvent } from './study-open.ts';

declare global {
  interface HTMLElementEventMap {
    'filmless-first-image': FilmlessFirstImageEvent;
    'filmless-study-choose': FilmlessStudyChooseEvent;
    'filmless-study-compare': FilmlessStudyCompareEvent;
    'filmless-study-open': FilmlessStudyOpenEvent;
    'filmless-image-change': FilmlessImageChangeEvent;
    'filmless-error': FilmlessErrorEvent;
    'filmless-measurement': FilmlessMeasurementEvent;
  }
}
