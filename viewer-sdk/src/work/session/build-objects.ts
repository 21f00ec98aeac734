import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { type JsonDataset, text } from '../../dicom/json.ts';
import { ViewerError } from '../../errors.ts';
import { samePatient } from '../../session/identity.ts';
import type { WrittenInstance } from '../dicom-write/part10.ts';
import type { WrittenCalibration } from '../write/calibration.ts';
import {
  type KeyImage,
  type MeasuredAnnotation,
  type Origin,
  writeKeyObjects,
  writeMeasurementReport,
} from '../write/index.ts';
import type { FrameFinder } from './frame-finder.ts';
import type { Measurements } from './measurements.ts';
import type { Measured, StudyWork } from './study-work.ts';

export interface BuildTools {
  readonly client: DicomWebClient;
  readonly frames: FrameFinder;
  readonly measurements: Measurements;
  readonly origin: Origin;
  /** Data sets of kept objects, by SOP Instance UID. */
  readonly datasets: ReadonlyMap<string, JsonDataset>;
}

/**
 * The report that takes the place of the study's present ones.
 * @throws ViewerError when an image it refers to cannot be had, or is another patient's
 */
export async function buildReport(
  work: StudyWork,
  { annotations, calibrations }: Measured,
  tools: BuildTools,
): Promise<WrittenInstance> {
  const measured: MeasuredAnnotation[] = [];
  for (const annotation of annotations) {
    const frame = await tools.frames.find(tools.client, annotation);
    if (!frame) throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'frame');
    measured.push({ annotation, frame, measurement: tools.measurements.of(annotation, frame) });
  }
  const calibrated: WrittenCalibration[] = [];
  for (const calibration of calibrations) {
    const { study, series, instance } = calibration;
    const frame =
      instance === undefined
        ? await tools.frames.anyOfSeries(tools.client, study, series)
        : await tools.frames.find(tools.client, { study, series, instance, frame: 1 });
    if (!frame) throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'series');
    calibrated.push({ calibration, frame });
  }
  const source = measured[0]?.frame.dataset ?? sourceOf(work, tools);
  checkPatient(source, work);
  for (const { frame } of [...measured, ...calibrated]) checkPatient(frame.dataset, work);
  return writeMeasurementReport(source, measured, work.heads, tools.origin, calibrated);
}

/** The key object selection with the images that are marked now. */
export async function buildKeyObjects(work: StudyWork, tools: BuildTools): Promise<WrittenInstance> {
  const images: KeyImage[] = [];
  let source: JsonDataset | undefined;
  for (const { study, series, instance, frame } of work.marks) {
    const found = await tools.frames.find(tools.client, { study, series, instance, frame: frame ?? 1 });
    if (!found) throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'frame');
    checkPatient(found.dataset, work);
    source ??= found.dataset;
    const { SOPClassUID, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID } = found;
    images.push({ SOPClassUID, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID, frame });
  }
  return writeKeyObjects(source ?? sourceOf(work, tools), images, work.keyTitle, work.keyDescription, tools.origin);
}

/** For patient and study, where no annotation is left to take them from: an image of the study, or the report to be replaced. */
function sourceOf(work: StudyWork, { frames, datasets }: BuildTools): JsonDataset {
  const [head] = work.heads;
  const source = frames.anyOf(work.study)?.dataset ?? (head && datasets.get(head.SOPInstanceUID));
  if (!source) throw new ViewerError('VIEWER_STUDY_NOT_FOUND', 'no image of the study');
  return source;
}

/** Nothing is written under a name that the images do not bear. */
function checkPatient(source: JsonDataset, { patientId }: StudyWork): void {
  if (!samePatient(text(source, 'PatientID') ?? '', patientId)) throw new ViewerError('VIEWER_PATIENT_MISMATCH');
}
