import type { Frame } from '../../dicom/frame.ts';
import { type JsonDataset, text } from '../../dicom/json.ts';
import type { Annotation } from '../../measure/annotation.ts';
import { CODE, type Code, codeItem, PRIVATE_SCHEME, procedureOf } from '../codes.ts';
import { writtenTime } from '../dates.ts';
import { attributes, merge } from '../dicom-write/dataset.ts';
import { type WrittenInstance, writeInstance } from '../dicom-write/part10.ts';
import { workText } from '../texts.ts';
import { calibrationGroup, type WrittenCalibration } from './calibration.ts';
import {
  codeOf,
  container,
  image,
  languageItem,
  observerItems,
  personName,
  spatialCoordinates,
  spatialCoordinates3D,
  templateOf,
  textOf,
  uidRef,
} from './content.ts';
import { isRegion, type Shape, shapesOf, toPatient } from './geometry.ts';
import { valueItems, type WritableMeasurement } from './measured-values.ts';
import {
  commonModules,
  hierarchicalReferences,
  type InstanceReference,
  type Origin,
  personNameOf,
  referencedRequest,
} from './modules.ts';

export const COMPREHENSIVE_SR = '1.2.840.10008.5.1.4.1.1.88.33';
export const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';
const SERIES_NUMBER = 9001;

/** An annotation with the frame it lies on and what was measured there. */
export interface MeasuredAnnotation {
  readonly annotation: Annotation;
  readonly frame: Frame;
  readonly measurement: WritableMeasurement;
}

/**
 * A measurement report of annotations of one study. In frames of a frame of reference, coordinates stand in the patient too
 * (Comprehensive 3D SR); those on the image are always there, and name the instance and frame they belong to.
 * @param source an image of the study, for patient and study
 * @param predecessors reports that this one takes the place of
 * @param calibrated scales that the reader set by a known length
 * @throws RangeError when an annotation lies on another instance than its frame, or on another study than the source
 * @dicom PS3.3 A.35.13, PS3.16 TID 1500
 */
export function writeMeasurementReport(
  source: JsonDataset,
  measured: readonly MeasuredAnnotation[],
  predecessors: readonly InstanceReference[],
  origin: Origin,
  calibrated: readonly WrittenCalibration[] = [],
): WrittenInstance {
  for (const { calibration, frame } of calibrated) {
    const { instance = frame.SOPInstanceUID } = calibration;
    if (calibration.series !== frame.SeriesInstanceUID || instance !== frame.SOPInstanceUID)
      throw new RangeError('a calibration of another image');
  }
  for (const { annotation, frame } of measured) {
    const same = annotation.instance === frame.SOPInstanceUID && annotation.frame === frame.frameNumber;
    if (!same || frame.StudyInstanceUID !== text(source, 'StudyInstanceUID'))
      throw new RangeError('an annotation of another image');
  }
  const spatial = measured.some(({ frame }) => toPatient([0, 0], frame) !== undefined);
  const object = {
    SOPClassUID: spatial ? COMPREHENSIVE_3D_SR : COMPREHENSIVE_SR,
    Modality: 'SR',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: workText(origin.locale, 'series.report'),
  };
  const { dataset, time } = commonModules(source, object, origin);
  const frames = [...measured, ...calibrated].map(({ frame }) => frame);
  const request = referencedRequest(source);
  return writeInstance(
    merge(
      dataset,
      attributes({
        ReferencedPerformedProcedureStepSequence: [],
        ContentDate: time.date,
        ContentTime: time.time,
        CompletionFlag: 'PARTIAL',
        VerificationFlag: 'UNVERIFIED',
        PerformedProcedureCodeSequence: [],
        ReferencedRequestSequence: request.length > 0 ? request : undefined,
        AuthorObserverSequence: origin.author === '' ? undefined : [authorItem(origin.author)],
        PredecessorDocumentsSequence: predecessors.length > 0 ? hierarchicalReferences(predecessors) : undefined,
        CurrentRequestedProcedureEvidenceSequence: frames.length > 0 ? hierarchicalReferences(frames) : undefined,
        CodingSchemeIdentificationSequence: [
          attributes({ CodingSchemeDesignator: PRIVATE_SCHEME, CodingSchemeName: 'Filmless viewer' }),
        ],
        ValueType: 'CONTAINER',
        ConceptNameCodeSequence: [codeItem(CODE.imagingMeasurementReport)],
        ContinuityOfContent: 'SEPARATE',
        ContentTemplateSequence: [templateOf('1500')],
        ContentSequence: [
          languageItem(origin.locale),
          ...observerItems(origin),
          codeOf('HAS CONCEPT MOD', CODE.procedureReported, procedureOf(text(source, 'Modality') ?? '')),
          ...(frames.length > 0 ? [imageLibrary(frames)] : []),
          container(CODE.imagingMeasurements, [
            ...measured.map((one, index) => group(one, index + 1, origin, time.offset)),
            ...calibrated.map((one, index) => calibrationGroup(one, index + 1, origin, time.offset)),
          ]),
        ],
      }),
    ),
  );
}

const authorItem = (author: string): JsonDataset =>
  attributes({
    ObserverType: 'PSN',
    PersonName: personNameOf(author),
    PersonIdentificationCodeSequence: [],
    InstitutionName: '',
    InstitutionCodeSequence: [],
  });

/** TID 1600: the images, by series. */
function imageLibrary(frames: readonly Frame[]): JsonDataset {
  const bySeries = Map.groupBy(frames, ({ SeriesInstanceUID }) => SeriesInstanceUID);
  return container(
    CODE.imageLibrary,
    [...bySeries.values()].map((ofSeries) => {
      const value = ofSeries[0]?.modality ?? '';
      const modality: Code = { value, scheme: 'DCM', meaning: MODALITIES[value] ?? value };
      const instances = [...new Map(ofSeries.map((frame) => [frame.SOPInstanceUID, frame])).values()];
      return container(CODE.imageLibraryGroup, [
        ...(value === '' ? [] : [codeOf('HAS ACQ CONTEXT', CODE.modality, modality)]),
        ...instances.map((frame) => image('CONTAINS', frame, undefined)),
      ]);
    }),
  );
}

/** @dicom PS3.16 CID 29 */
const MODALITIES: Readonly<Record<string, string>> = {
  CR: 'Computed Radiography',
  CT: 'Computed Tomography',
  DX: 'Digital Radiography',
  ES: 'Endoscopy',
  MG: 'Mammography',
  MR: 'Magnetic Resonance',
  NM: 'Nuclear Medicine',
  PT: 'Positron emission tomography',
  RF: 'Radiofluoroscopy',
  US: 'Ultrasound',
  XA: 'X-Ray Angiography',
  XC: 'External-camera Photography',
};

/** TID 1410 for a region, TID 1501 for everything else. */
function group(
  { annotation, frame, measurement }: MeasuredAnnotation,
  ordinal: number,
  origin: Origin,
  offset: string,
): JsonDataset {
  const reference = (): JsonDataset =>
    image('SELECTED FROM', frame, frame.numberOfFrames > 1 ? frame.frameNumber : undefined);
  const shapes = shapesOf(annotation);
  const onImage = (relationship: 'CONTAINS' | 'INFERRED FROM', concept?: Code): JsonDataset[] =>
    shapes.map(({ type, points }) => spatialCoordinates(relationship, type, points, reference(), concept));
  const region = isRegion(annotation);
  const values = valueItems(
    measurement,
    region ? () => [] : () => [...onImage('INFERRED FROM'), ...inPatient(shapes, frame)],
  );
  const label = annotation.text?.trim() ?? '';
  const author = annotation.author ?? '';
  const content = container(
    CODE.measurementGroup,
    [
      // The kind, so that this viewer draws it again as what it was; for people, a number.
      textOf('HAS OBS CONTEXT', CODE.trackingIdentifier, `Filmless/${annotation.kind}/${ordinal}`),
      uidRef('HAS OBS CONTEXT', CODE.trackingUniqueIdentifier, annotation.trackingUID),
      ...(author === '' || author === origin.author
        ? []
        : [personName('HAS OBS CONTEXT', CODE.personObserverName, author)]),
      ...(label === ''
        ? []
        : [codeOf('CONTAINS', CODE.finding, freeText(label)), textOf('CONTAINS', CODE.comment, label)]),
      ...(region || values.length === 0 ? onImage('CONTAINS', CODE.imageRegion) : []),
      ...values,
      ...(annotation.textAt
        ? [spatialCoordinates('CONTAINS', 'POINT', [annotation.textAt], reference(), CODE.textPlace)]
        : []),
    ],
    region ? '1410' : '1501',
  );
  const made = writtenTime(new Date(annotation.createdAt), offset);
  return merge(content, attributes({ ObservationDateTime: `${made.date}${made.time}${made.offset}` }));
}

/** A label in the reader's own words, where the template wants a code. A meaning has 64 characters at most; the comment has all. */
const freeText = (label: string): Code => ({
  value: 'free-text',
  scheme: PRIVATE_SCHEME,
  meaning: label.replaceAll(/[\\\s]+/g, ' ').slice(0, 64),
});

function inPatient(shapes: readonly Shape[], frame: Frame): JsonDataset[] {
  const uid = frame.plane?.frameOfReferenceUID;
  if (uid === undefined) return [];
  return shapes.flatMap(({ type, points }) => {
    const places = points.map((point) => toPatient(point, frame)).filter((place) => place !== undefined);
    if (places.length !== points.length || (type !== 'POINT' && type !== 'POLYLINE')) return [];
    return [spatialCoordinates3D('INFERRED FROM', type, places, uid)];
  });
}
