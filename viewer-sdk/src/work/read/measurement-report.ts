import type { JsonDataset } from '../../dicom/json.ts';
import type { ImagePoint, ImageReference } from '../../extension/contract.ts';
import { type Annotation, type AnnotationKind, type ManualCalibration, POINT_COUNT } from '../../measure/annotation.ts';

import { evidence, type InstancePlace, imageReference } from '../../objects/parts/references.ts';
import { type ContentItem, readTree } from '../../objects/sr/tree.ts';
import { CODE, type Code, sameCode } from '../codes.ts';
import { CALIBRATION } from '../write/calibration.ts';
import { type ObjectHeader, predecessorsOf, readHeader } from './header.ts';
import { type RecordedMeasurement, type RecordedValue, recordedMeasurement, recordedValue } from './recorded-values.ts';
import { below, type Region, regionsOf } from './regions.ts';

/** One measurement group: what was measured, and where. */
export interface ReadGroup {
  readonly trackingUID: string;
  readonly label: string;
  readonly values: readonly RecordedValue[];
  /** Where it was measured; `undefined` when the report does not say. */
  readonly reference: ImageReference | undefined;
  /** The shapes it draws on images, in this study or another. */
  readonly regions: readonly Region[];
  /** For groups that this viewer wrote: what it drew, and what it measured then. */
  readonly annotation: Annotation | undefined;
  readonly measurement: RecordedMeasurement | undefined;
}

/** A measurement report as it is listed. */
export interface ReadReport extends ObjectHeader {
  readonly type: 'report';
  readonly title: string;
  readonly groups: readonly ReadGroup[];
  /** Scales that a reader set by a known length. */
  readonly calibrations: readonly ManualCalibration[];
  /** Groups of ours that cannot be drawn again: the images or the points they name are not what they should be. */
  readonly unreadable: number;
  /** SOP Instance UIDs of the reports that this one takes the place of. */
  readonly predecessors: readonly string[];
}

const CALIBRATION_PREFIX = 'Filmless/calibration/';
const OURS = /^Filmless\/([a-z]+)\/\d+$/;

/**
 * Reads an imaging measurement report; `undefined` for structured reports of other kinds.
 * @dicom PS3.16 TID 1500
 */
export function readMeasurementReport(dataset: JsonDataset): ReadReport | undefined {
  const root = readTree(dataset);
  if (!sameCode(root.concept, CODE.imagingMeasurementReport)) return undefined;
  const header = readHeader(dataset);
  if (!header) return undefined;
  const author = childrenOf(root, CODE.personObserverName).map(nameOf).find(Boolean) ?? header.author;
  const places = evidence(dataset);
  const all = findGroups(root);
  const scales = all.filter((group) => trackingOf(group).startsWith(CALIBRATION_PREFIX));
  const groups = all.filter((group) => !scales.includes(group));
  const read = groups.map((group) => readGroup(group, root, places, { ...header, author }));
  return {
    ...header,
    author,
    type: 'report',
    title: root.concept?.meaning ?? '',
    groups: read,
    calibrations: scales.map((group) => readCalibration(group, places, author)).filter((one) => one !== undefined),
    unreadable: groups.filter((group, index) => OURS.test(trackingOf(group)) && !read[index]?.annotation).length,
    predecessors: predecessorsOf(dataset),
  };
}

/** Groups stand below "Imaging Measurements"; other systems nest them deeper. */
const findGroups = (item: ContentItem): ContentItem[] =>
  item.children.flatMap((child) => (sameCode(child.concept, CODE.measurementGroup) ? [child] : findGroups(child)));

const childrenOf = ({ children }: ContentItem, concept: Code): ContentItem[] =>
  children.filter((child) => sameCode(child.concept, concept));

const nameOf = ({ value }: ContentItem): string => ('text' in value ? value.text : '');
const trackingOf = (group: ContentItem): string => childrenOf(group, CODE.trackingIdentifier).map(nameOf)[0] ?? '';

function readGroup(
  group: ContentItem,
  root: ContentItem,
  places: ReadonlyMap<string, InstancePlace>,
  header: ObjectHeader & { author: string },
): ReadGroup {
  const trackingUID = childrenOf(group, CODE.trackingUniqueIdentifier).map(nameOf)[0] ?? '';
  const comment = childrenOf(group, CODE.comment).map(nameOf)[0];
  const finding = childrenOf(group, CODE.finding)
    .map(({ value }) => (value.type === 'CODE' ? (value.code?.meaning ?? '') : nameOf({ value } as ContentItem)))
    .find(Boolean);
  const numbers = group.children.filter(({ value }) => value.type === 'NUM');
  const values = numbers.map(recordedValue).filter((value) => value !== undefined);
  const images = below(group).flatMap(({ value }) => (value.type === 'IMAGE' ? [value] : []));
  const [image] = images;
  const reference = image && imageReference(places, image.instance, image.frames[0]);
  const oneImage = images.every(
    ({ instance, frames }) => instance === image?.instance && frames[0] === image.frames[0] && frames.length < 2,
  );
  const kind = OURS.exec(trackingOf(group))?.[1];
  const annotation =
    kind !== undefined && reference && oneImage && trackingUID !== '' && reference.study === header.StudyInstanceUID
      ? toAnnotation(group, kind, reference, {
          trackingUID,
          text: comment,
          author: childrenOf(group, CODE.personObserverName).map(nameOf)[0] ?? header.author,
          createdAt: group.observed ?? '',
        })
      : undefined;
  return {
    trackingUID,
    label: comment ?? finding ?? (kind === undefined ? trackingOf(group) : ''),
    values,
    reference,
    regions: regionsOf(group, root),
    annotation,
    measurement: annotation && recordedMeasurement(numbers),
  };
}

function toAnnotation(
  group: ContentItem,
  kind: string,
  reference: ImageReference,
  more: { trackingUID: string; text: string | undefined; author: string; createdAt: string },
): Annotation | undefined {
  if (!isKind(kind)) return undefined;
  const points = pointsOf(group, kind);
  const textAt = childrenOf(group, CODE.textPlace).flatMap(coordinates)[0]?.[0];
  const exact = kind === 'freehand' ? points.length >= POINT_COUNT.freehand : points.length === POINT_COUNT[kind];
  if (!exact || !points.flat().every((value) => Number.isFinite(value))) return undefined;
  const { study, series, instance, frame = 1 } = reference;
  return {
    id: more.trackingUID,
    trackingUID: more.trackingUID,
    kind,
    study,
    series,
    instance,
    frame,
    points,
    createdAt: isoOf(more.createdAt),
    ...(more.text === undefined ? {} : { text: more.text }),
    ...(more.author === '' ? {} : { author: more.author }),
    ...(textAt === undefined ? {} : { textAt }),
  };
}

const isKind = (kind: string): kind is AnnotationKind => Object.hasOwn(POINT_COUNT, kind);

const coordinates = ({ value }: ContentItem): (readonly ImagePoint[])[] =>
  value.type === 'SCOORD' ? [value.points.map(([x = Number.NaN, y = Number.NaN]): ImagePoint => [x, y])] : [];

/** The shapes of a group, as they were written: beside the first number, or as a region of their own. */
function pointsOf(group: ContentItem, kind: AnnotationKind): readonly ImagePoint[] {
  const regions = childrenOf(group, CODE.imageRegion).flatMap(coordinates);
  const number = group.children.find(({ value }) => value.type === 'NUM');
  const shapes = regions.length > 0 ? regions : (number?.children ?? []).flatMap(coordinates);
  const [first = []] = shapes;
  if (kind === 'cobb') return shapes.flat();
  // Closed lines come back to where they began.
  if (kind === 'freehand') return first.slice(0, -1);
  if (kind === 'rectangle')
    return first.length === 5 ? [first[0], first[2]].filter((point) => point !== undefined) : [];
  return first;
}

function readCalibration(
  group: ContentItem,
  places: ReadonlyMap<string, InstancePlace>,
  author: string,
): ManualCalibration | undefined {
  const number = (concept: Code): number => {
    const value = group.children.find((child) => sameCode(child.concept, concept))?.value;
    return value?.type === 'NUM' ? Number(value.values[0]?.number) : Number.NaN;
  };
  const [rowMm, columnMm] = [number(CALIBRATION.rowSpacing), number(CALIBRATION.columnSpacing)];
  const [rows, columns] = [number(CALIBRATION.rows), number(CALIBRATION.columns)];
  const image = group.children.find(({ value }) => value.type === 'IMAGE')?.value;
  const reference = image?.type === 'IMAGE' ? imageReference(places, image.instance) : undefined;
  const scope = group.children.find(({ concept }) => sameCode(concept, CALIBRATION.scope))?.value;
  // A scale that is not whole is none: lengths would be wrong.
  if (!reference || scope?.type !== 'CODE' || ![rowMm, columnMm, rows, columns].every((value) => value > 0))
    return undefined;
  const whole = sameCode(scope.code, CALIBRATION.series);
  if (!whole && !sameCode(scope.code, CALIBRATION.instance)) return undefined;
  const by = childrenOf(group, CODE.personObserverName).map(nameOf)[0] ?? author;
  return {
    study: reference.study,
    series: reference.series,
    instance: whole ? undefined : reference.instance,
    rows,
    columns,
    rowMm,
    columnMm,
    createdAt: isoOf(group.observed ?? ''),
    ...(by === '' ? {} : { author: by }),
  };
}

/** DT as ISO 8601. @dicom PS3.5 6.2 */
function isoOf(value: string): string {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?([+-]\d{2})(\d{2})$/.exec(value);
  if (!match) return new Date(0).toISOString();
  const [, year, month, day, hour, minute, second, zone, zoneMinutes] = match;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}:${zoneMinutes}`).toISOString();
}
