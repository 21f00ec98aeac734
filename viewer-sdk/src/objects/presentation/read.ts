import type { DisplayWindow, LutSource } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { ImageReference } from '../../extension/contract.ts';
import { labColour } from '../overlay/colour.ts';
import { itemsOf, numbersOf, personOf, textOf } from '../parts/dataset.ts';

/** Element tags of presentation states alone. @dicom PS3.3 C.10.4 to C.10.7, C.11.8 */
const TAG = {
  SoftcopyVOILUTSequence: '00283110',
  VOILUTSequence: '00283010',
  WindowCenter: '00281050',
  WindowWidth: '00281051',
  VOILUTFunction: '00281056',
  LUTDescriptor: '00283002',
  LUTData: '00283006',
  GraphicAnnotationSequence: '00700001',
  GraphicLayer: '00700002',
  BoundingBoxAnnotationUnits: '00700003',
  AnchorPointAnnotationUnits: '00700004',
  GraphicAnnotationUnits: '00700005',
  UnformattedTextValue: '00700006',
  TextObjectSequence: '00700008',
  GraphicObjectSequence: '00700009',
  BoundingBoxTopLeftHandCorner: '00700010',
  BoundingBoxBottomRightHandCorner: '00700011',
  BoundingBoxTextHorizontalJustification: '00700012',
  AnchorPoint: '00700014',
  AnchorPointVisibility: '00700015',
  GraphicFilled: '00700024',
  CompoundGraphicSequence: '00700209',
  CompoundGraphicInstanceID: '00700226',
  ImageHorizontalFlip: '00700041',
  ImageRotation: '00700042',
  DisplayedAreaTopLeftHandCorner: '00700052',
  DisplayedAreaBottomRightHandCorner: '00700053',
  DisplayedAreaSelectionSequence: '0070005A',
  GraphicLayerSequence: '00700060',
  GraphicLayerOrder: '00700062',
  GraphicLayerRecommendedDisplayGrayscaleValue: '00700066',
  GraphicLayerRecommendedDisplayCIELabValue: '00700401',
  TimezoneOffsetFromUTC: '00080201',
  PresentationCreationDate: '00700082',
  PresentationCreationTime: '00700083',
  PresentationSizeMode: '00700100',
  PresentationPixelMagnificationRatio: '00700103',
  PresentationLUTShape: '20500020',
} as const;
type Tag = (typeof TAG)[keyof typeof TAG];

const items = (dataset: JsonDataset | undefined, tag: Tag): readonly JsonDataset[] =>
  (dataset?.[tag]?.Value ?? []).filter((item): item is JsonDataset => typeof item === 'object' && item !== null);
const numbers = (dataset: JsonDataset | undefined, tag: Tag): number[] =>
  (dataset?.[tag]?.Value ?? []).map(Number).filter(Number.isFinite);
const text = (dataset: JsonDataset | undefined, tag: Tag): string | undefined => {
  const [value] = dataset?.[tag]?.Value ?? [];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

/** In pixels of the image, or in fractions of the displayed area as it lies on the screen. @dicom PS3.3 C.10.5.1.2 */
export type Units = 'PIXEL' | 'DISPLAY';
export type Point = readonly [x: number, y: number];

export interface Graphic {
  readonly type: 'POINT' | 'POLYLINE' | 'INTERPOLATED' | 'CIRCLE' | 'ELLIPSE';
  readonly units: Units;
  readonly points: readonly Point[];
  readonly filled: boolean;
}

export interface TextMark {
  readonly lines: readonly string[];
  readonly box:
    | { readonly units: Units; readonly from: Point; readonly to: Point; readonly align: 'start' | 'middle' | 'end' }
    | undefined;
  readonly anchor: { readonly units: Units; readonly at: Point; readonly visible: boolean } | undefined;
}

/** Which images a part of the state is for; all of the state's where it names none. */
interface Scoped {
  readonly images: ReadonlyMap<string, readonly number[]>;
}

export interface Annotation extends Scoped {
  readonly layer: string;
  readonly graphics: readonly Graphic[];
  readonly texts: readonly TextMark[];
  /** How many marks there are besides, of kinds that are not drawn. */
  readonly undrawn: number;
}

export interface Voi extends Scoped {
  readonly window: DisplayWindow | undefined;
  readonly sigmoid: boolean;
  readonly table: LutSource | undefined;
}

export interface DisplayedArea extends Scoped {
  /** Left, top, right and bottom edge, in image pixels. */
  readonly rectangle: readonly [left: number, top: number, right: number, bottom: number];
  readonly mode: string;
  /** For MAGNIFY: screen pixels for each image pixel. */
  readonly magnification: number | undefined;
}

export interface PresentationState {
  readonly uid: string;
  readonly dataset: JsonDataset;
  readonly study: string;
  readonly label: string;
  readonly creator: string;
  readonly date: string;
  readonly time: string;
  /** Their zone: ±HHMM. */
  readonly offset: string | undefined;
  /** Frames by SOP Instance UID; none means all of them. */
  readonly images: ReadonlyMap<string, readonly number[]>;
  readonly series: ReadonlyMap<string, string>;
  readonly isColour: boolean;
  readonly inverse: boolean | undefined;
  /** Quarter turns to the right, before mirroring. */
  readonly turns: number;
  readonly mirrored: boolean;
  readonly vois: readonly Voi[];
  readonly areas: readonly DisplayedArea[];
  readonly annotations: readonly Annotation[];
  /** By name: the order they are drawn in, and their colour. */
  readonly layers: ReadonlyMap<string, { readonly order: number; readonly colour: string | undefined }>;
}

/** Reads a softcopy presentation state. @dicom PS3.3 A.33 */
export function readPresentationState(dataset: JsonDataset): PresentationState {
  const references = itemsOf(dataset, 'ReferencedSeriesSequence');
  const inverse = text(dataset, TAG.PresentationLUTShape);
  return {
    uid: textOf(dataset, 'SOPInstanceUID') ?? '',
    dataset,
    study: textOf(dataset, 'StudyInstanceUID') ?? '',
    label:
      textOf(dataset, 'ContentDescription') ??
      textOf(dataset, 'ContentLabel') ??
      textOf(dataset, 'SeriesDescription') ??
      '',
    creator: personOf(dataset, 'ContentCreatorName') ?? '',
    date: text(dataset, TAG.PresentationCreationDate) ?? '',
    time: text(dataset, TAG.PresentationCreationTime) ?? '',
    offset: text(dataset, TAG.TimezoneOffsetFromUTC)?.trim(),
    images: new Map(references.flatMap((series) => [...imagesOf(series)])),
    series: new Map(
      references.flatMap((series) =>
        [...imagesOf(series).keys()].map((uid): [string, string] => [uid, textOf(series, 'SeriesInstanceUID') ?? '']),
      ),
    ),
    isColour: textOf(dataset, 'SOPClassUID') === '1.2.840.10008.5.1.4.1.1.11.2',
    inverse: inverse === undefined ? undefined : inverse === 'INVERSE',
    turns: ((Math.round((numbers(dataset, TAG.ImageRotation)[0] ?? 0) / 90) % 4) + 4) % 4,
    mirrored: text(dataset, TAG.ImageHorizontalFlip) === 'Y',
    vois: items(dataset, TAG.SoftcopyVOILUTSequence).map(readVoi),
    areas: items(dataset, TAG.DisplayedAreaSelectionSequence).flatMap((item) => readArea(item) ?? []),
    annotations: items(dataset, TAG.GraphicAnnotationSequence).map(readAnnotation),
    layers: new Map(items(dataset, TAG.GraphicLayerSequence).map(readLayer)),
  };
}

/** Whether a part of a state is for a frame. */
export function isFor({ images }: Scoped, instance: string, frame: number): boolean {
  if (images.size === 0) return true;
  const frames = images.get(instance);
  return frames !== undefined && (frames.length === 0 || frames.includes(frame));
}

/** An image of the state to begin with. */
export function firstImage({ study, images, series }: PresentationState): ImageReference | undefined {
  const [first] = images;
  const uid = first && series.get(first[0]);
  if (!first || !uid) return undefined;
  const [frame] = first[1];
  return { study, series: uid, instance: first[0], ...(frame === undefined ? {} : { frame }) };
}

const imagesOf = (item: JsonDataset): Map<string, readonly number[]> =>
  new Map(
    itemsOf(item, 'ReferencedImageSequence').flatMap((image): [string, readonly number[]][] => {
      const uid = textOf(image, 'ReferencedSOPInstanceUID');
      return uid ? [[uid, numbersOf(image, 'ReferencedFrameNumber')]] : [];
    }),
  );

function readVoi(item: JsonDataset): Voi {
  const [center] = numbers(item, TAG.WindowCenter);
  const [width] = numbers(item, TAG.WindowWidth);
  const lut = items(item, TAG.VOILUTSequence)[0];
  const data = lut?.[TAG.LUTData];
  const [entries, first, bits] = numbers(lut, TAG.LUTDescriptor);
  const isSigned = lut?.[TAG.LUTDescriptor]?.vr === 'SS';
  const firstMapped = first !== undefined && isSigned && first > 32_767 ? first - 65_536 : first;
  return {
    images: imagesOf(item),
    window: center !== undefined && width !== undefined && width > 0 ? { center, width } : undefined,
    sigmoid: text(item, TAG.VOILUTFunction) === 'SIGMOID',
    table:
      data && entries !== undefined && firstMapped !== undefined && bits !== undefined
        ? { descriptor: [entries === 0 ? 65_536 : entries, firstMapped, bits], data, segmented: false }
        : undefined,
  };
}

function readArea(item: JsonDataset): DisplayedArea | undefined {
  const [left, top] = numbers(item, TAG.DisplayedAreaTopLeftHandCorner);
  const [right, bottom] = numbers(item, TAG.DisplayedAreaBottomRightHandCorner);
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) return undefined;
  return {
    images: imagesOf(item),
    // Pixels are counted from 1; for turned images the corners are those of the turned image.
    rectangle: [Math.min(left, right) - 1, Math.min(top, bottom) - 1, Math.max(left, right), Math.max(top, bottom)],
    mode: text(item, TAG.PresentationSizeMode) ?? 'SCALE TO FIT',
    magnification: numbers(item, TAG.PresentationPixelMagnificationRatio)[0],
  };
}

const unitsOf = (value: string | undefined): Units => (value === 'DISPLAY' ? 'DISPLAY' : 'PIXEL');

function pairs(values: readonly number[]): Point[] {
  return Array.from(
    { length: Math.floor(values.length / 2) },
    (_, index): Point => [values[index * 2] ?? 0, values[index * 2 + 1] ?? 0],
  );
}

const TYPES = new Set(['POINT', 'POLYLINE', 'INTERPOLATED', 'CIRCLE', 'ELLIPSE']);

function readAnnotation(item: JsonDataset): Annotation {
  const objects = items(item, TAG.GraphicObjectSequence);
  const graphics = objects.flatMap((graphic): Graphic[] => {
    const type = textOf(graphic, 'GraphicType') ?? '';
    if (!TYPES.has(type)) return [];
    return [
      {
        type: type as Graphic['type'],
        units: unitsOf(text(graphic, TAG.GraphicAnnotationUnits)),
        points: pairs(numbersOf(graphic, 'GraphicData')),
        filled: text(graphic, TAG.GraphicFilled) === 'Y',
      },
    ];
  });
  // A ruler, an axis and the like stand there a second time, as the lines and texts that they are made of, under the same number.
  const made = new Set(
    [...objects, ...items(item, TAG.TextObjectSequence)].map((part) => text(part, TAG.CompoundGraphicInstanceID)),
  );
  const compounds = items(item, TAG.CompoundGraphicSequence).map((one) => text(one, TAG.CompoundGraphicInstanceID));
  const unmade = compounds.filter((id) => id === undefined || !made.has(id));
  return {
    images: imagesOf(item),
    layer: text(item, TAG.GraphicLayer) ?? '',
    graphics,
    undrawn: objects.length - graphics.length + unmade.length,
    texts: items(item, TAG.TextObjectSequence).map((mark): TextMark => {
      const [from] = pairs(numbers(mark, TAG.BoundingBoxTopLeftHandCorner));
      const [to] = pairs(numbers(mark, TAG.BoundingBoxBottomRightHandCorner));
      const [at] = pairs(numbers(mark, TAG.AnchorPoint));
      const align = text(mark, TAG.BoundingBoxTextHorizontalJustification);
      return {
        lines: (text(mark, TAG.UnformattedTextValue) ?? '').split(/\r\n?|\n/),
        box:
          from && to
            ? {
                units: unitsOf(text(mark, TAG.BoundingBoxAnnotationUnits)),
                from,
                to,
                align: align === 'CENTER' ? 'middle' : align === 'RIGHT' ? 'end' : 'start',
              }
            : undefined,
        anchor: at
          ? {
              units: unitsOf(text(mark, TAG.AnchorPointAnnotationUnits)),
              at,
              visible: text(mark, TAG.AnchorPointVisibility) !== 'N',
            }
          : undefined,
      };
    }),
  };
}

function readLayer(item: JsonDataset): [string, { order: number; colour: string | undefined }] {
  const grey = numbers(item, TAG.GraphicLayerRecommendedDisplayGrayscaleValue)[0];
  const level =
    grey === undefined
      ? undefined
      : Math.round(grey / 257)
          .toString(16)
          .padStart(2, '0');
  return [
    text(item, TAG.GraphicLayer) ?? '',
    {
      order: numbers(item, TAG.GraphicLayerOrder)[0] ?? 0,
      colour:
        labColour(numbers(item, TAG.GraphicLayerRecommendedDisplayCIELabValue)) ??
        (level ? `#${level.repeat(3)}` : undefined),
    },
  ];
}
