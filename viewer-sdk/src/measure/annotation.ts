import type { Frame } from '../dicom/frame.ts';
import type { ImagePoint } from '../extension/contract.ts';

/**
 * What is drawn on an image, and what its points mean:
 * `length` two ends · `angle` arm, vertex, arm · `cobb` two ends of one line, two of the other · `ellipse` the ends of one axis, then of
 * the other, as SCOORD has them · `rectangle` two opposite corners · `freehand` the corners of a closed line · `probe` one place ·
 * `arrow` the tip, then the tail · `text` the place that is spoken of.
 * @dicom PS3.3 C.18.6.1.2
 */
export type AnnotationKind =
  | 'length'
  | 'angle'
  | 'cobb'
  | 'ellipse'
  | 'rectangle'
  | 'freehand'
  | 'probe'
  | 'arrow'
  | 'text';

/** The fewest points that make an annotation of each kind; all but `freehand` have exactly as many. */
export const POINT_COUNT: Readonly<Record<AnnotationKind, number>> = {
  length: 2,
  angle: 3,
  cobb: 4,
  ellipse: 4,
  rectangle: 2,
  freehand: 3,
  probe: 1,
  arrow: 2,
  text: 1,
};

/** Something drawn on one frame. Never changed: another version with the same `id` replaces it. */
export interface Annotation {
  readonly id: string;
  readonly kind: AnnotationKind;
  /** Study Instance UID. */
  readonly study: string;
  /** Series Instance UID. */
  readonly series: string;
  /** SOP Instance UID. */
  readonly instance: string;
  /** From 1. */
  readonly frame: number;
  readonly frameOfReferenceUID?: string;
  /** In pixels of the frame; (0, 0) is the outer corner of the first one, as in DICOM's image relative coordinates. @dicom PS3.3 C.18.6.1.1 */
  readonly points: readonly ImagePoint[];
  /** The reader's own words: a label, or the text of `arrow` and `text`. */
  readonly text?: string;
  /** Where the text was moved to: its upper left corner on the screen lies at this place of the image. */
  readonly textAt?: ImagePoint;
  /** ISO 8601 with time zone. */
  readonly createdAt: string;
  readonly author?: string;
  /** Stays with the finding through versions, files and systems. @dicom PS3.16 TID 1501, (112040, DCM) */
  readonly trackingUID: string;
}

/** The millimetres of a pixel as a person stated them by a line of known length. */
export interface ManualCalibration {
  readonly study: string;
  readonly series: string;
  /** The instance it holds for; `undefined` for all of the series that have the same matrix. */
  readonly instance: string | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly rowMm: number;
  readonly columnMm: number;
  readonly createdAt: string;
  readonly author?: string;
}

/** Names a frame as annotations do. */
export interface FrameKey {
  readonly instance: string;
  readonly frame: number;
}

export function isOn(annotation: FrameKey, frame: Frame): boolean {
  return annotation.instance === frame.SOPInstanceUID && annotation.frame === frame.frameNumber;
}

/** Whether two descriptions are of one frame: a series that is read on is described anew. */
export function isSameFrame(one: Frame | undefined, other: Frame | undefined): boolean {
  return one?.SOPInstanceUID === other?.SOPInstanceUID && one?.frameNumber === other?.frameNumber;
}

/** A new annotation on a frame. */
export function createAnnotation(
  kind: AnnotationKind,
  frame: Frame,
  points: readonly ImagePoint[],
  more: Partial<Pick<Annotation, 'text' | 'textAt' | 'author' | 'trackingUID' | 'createdAt'>> = {},
): Annotation {
  const frameOfReferenceUID = frame.plane?.frameOfReferenceUID;
  const trackingUID = more.trackingUID ?? newUid();
  return {
    id: trackingUID,
    kind,
    study: frame.StudyInstanceUID,
    series: frame.SeriesInstanceUID,
    instance: frame.SOPInstanceUID,
    frame: frame.frameNumber,
    points,
    createdAt: new Date().toISOString(),
    ...(frameOfReferenceUID === undefined ? {} : { frameOfReferenceUID }),
    ...more,
    trackingUID,
  };
}

/** A UID made from a random UUID. Works on plain http, too, where `crypto.randomUUID` is missing. @dicom PS3.5 B.2 */
export function newUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return `2.25.${value}`;
}
