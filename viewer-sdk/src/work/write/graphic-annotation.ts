import type { Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { ImagePoint } from '../../extension/contract.ts';
import type { Annotation } from '../../measure/annotation.ts';
import { type Attributes, attributes } from '../dicom-write/dataset.ts';
import { rectangleCorners } from './geometry.ts';
import { referencedSop } from './modules.ts';

/** All graphics lie on one layer. */
export const LAYER = 'MEASUREMENTS';

/** An annotation with the text that stands beside it on the screen. */
export interface LabelledAnnotation {
  readonly annotation: Annotation;
  /** Lines of the label: the reader's words and the numbers. */
  readonly label: readonly string[];
}

export interface Graphic {
  readonly type: 'POINT' | 'POLYLINE' | 'ELLIPSE' | 'CIRCLE';
  readonly points: readonly ImagePoint[];
}

const ARROW_HEAD_RADIANS = Math.PI / 7;

/**
 * What is drawn on one frame, in pixels of the image. Arrows are lines with a head: that every reader of presentation states draws, unlike
 * compound graphics.
 * @dicom PS3.3 C.10.5
 */
export function graphicAnnotation({
  frame,
  annotations,
}: {
  readonly frame: Frame;
  readonly annotations: readonly LabelledAnnotation[];
}): JsonDataset | undefined {
  if (annotations.length === 0) return undefined;
  const graphics = annotations.flatMap(({ annotation }) => graphicsOf(annotation, frame));
  const texts = annotations.flatMap(({ annotation, label }) => textOf(annotation, label));
  return attributes({
    ReferencedImageSequence: [referencedSop(frame, frame.numberOfFrames > 1 ? frame.frameNumber : undefined)],
    GraphicLayer: LAYER,
    GraphicObjectSequence: graphics.length > 0 ? graphics.map(graphicObject) : undefined,
    TextObjectSequence: texts.length > 0 ? texts.map((text) => attributes(text)) : undefined,
  });
}

const graphicObject = ({ type, points }: Graphic): JsonDataset =>
  attributes({
    GraphicAnnotationUnits: 'PIXEL',
    GraphicDimensions: 2,
    NumberOfGraphicPoints: points.length,
    GraphicData: points.flat(),
    GraphicType: type,
    GraphicFilled: type === 'ELLIPSE' || type === 'CIRCLE' ? 'N' : undefined,
  });

/** The lines an annotation is drawn with. */
export function graphicsOf({ kind, points }: Annotation, frame: Frame): Graphic[] {
  const [a, b, c, d] = points;
  if (!a) return [];
  switch (kind) {
    case 'text':
      return [];
    case 'probe':
      return [{ type: 'POINT', points: [a] }];
    case 'arrow':
      return b
        ? [
            { type: 'POLYLINE', points: [b, a] },
            { type: 'POLYLINE', points: arrowHead(a, b, frame) },
          ]
        : [];
    case 'cobb':
      return b && c && d
        ? [
            { type: 'POLYLINE', points: [a, b] },
            { type: 'POLYLINE', points: [c, d] },
          ]
        : [];
    case 'ellipse':
      return [{ type: 'ELLIPSE', points }];
    case 'rectangle':
      return [{ type: 'POLYLINE', points: rectangleCorners(points) }];
    case 'freehand':
      return [{ type: 'POLYLINE', points: [...points, a] }];
    default:
      return [{ type: 'POLYLINE', points }];
  }
}

function arrowHead(tip: ImagePoint, tail: ImagePoint, { pixels }: Frame): readonly ImagePoint[] {
  const direction = Math.atan2(tail[1] - tip[1], tail[0] - tip[0]);
  const length = Math.min(
    Math.hypot(tail[0] - tip[0], tail[1] - tip[1]) / 3,
    Math.max(pixels.rows, pixels.columns) / 40,
  );
  const end = (turn: number): ImagePoint => [
    tip[0] + length * Math.cos(direction + turn),
    tip[1] + length * Math.sin(direction + turn),
  ];
  return [end(ARROW_HEAD_RADIANS), tip, end(-ARROW_HEAD_RADIANS)];
}

/** Where an annotation's text is anchored. */
export const textAnchor = ({ kind, points, textAt }: Annotation): ImagePoint | undefined =>
  textAt ?? (kind === 'arrow' ? points[1] : points.at(-1));

function textOf(annotation: Annotation, label: readonly string[]): Attributes[] {
  const anchor = textAnchor(annotation);
  const text = label.join('\r\n').trim();
  if (!anchor || text === '') return [];
  return [
    {
      AnchorPointAnnotationUnits: 'PIXEL',
      UnformattedTextValue: text.slice(0, 1024),
      AnchorPoint: anchor,
      AnchorPointVisibility: annotation.textAt ? 'Y' : 'N',
    },
  ];
}
