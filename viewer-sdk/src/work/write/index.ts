/** The objects that a viewer writes: measurement reports, key object selections, presentation states. Pure: needs no page. */
export { KEY_OBJECT_SELECTION, type KeyImage, writeKeyObjects } from './key-objects.ts';
export {
  COMPREHENSIVE_3D_SR,
  COMPREHENSIVE_SR,
  type MeasuredAnnotation,
  writeMeasurementReport,
} from './measurement-report.ts';
export type { InstanceReference, Origin } from './modules.ts';
export {
  COLOR_PRESENTATION_STATE,
  GRAYSCALE_PRESENTATION_STATE,
  ModalityLutMissing,
  type Presentation,
  writePresentationState,
} from './presentation-state.ts';
