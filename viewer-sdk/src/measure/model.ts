/**
 * What the other parts of the viewer know of measuring: the annotations, where they are kept, and what they measure.
 * `annotationsOf(viewer.element)` is the store of a viewer, `measureAnnotation` the numbers with their UCUM units.
 */
export {
  type Annotation,
  type AnnotationKind,
  createAnnotation,
  type FrameKey,
  isOn,
  type ManualCalibration,
  newUid,
  POINT_COUNT,
} from './annotation.ts';
export { measureAnnotation, type PixelValues } from './measure-annotation.ts';
export { type AnnotationChange, AnnotationStore, annotationsOf, type ChangeCause } from './store.ts';
export type {
  AxisScale,
  Calibration,
  CalibrationKind,
  CalibrationNote,
  MeasuredValue,
  Measurement,
  UcumUnit,
  ValueName,
  WithheldReason,
} from './values.ts';
