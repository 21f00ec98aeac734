import type { DisplayWindow, Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { type ToneCurve, toneBounds, toneLevel } from '../../dicom/tone-curve.ts';
import type { ViewState } from '../../engine/contract.ts';
import type { ImagePoint } from '../../extension/contract.ts';
import { attributes, merge } from '../dicom-write/dataset.ts';
import { decimalString } from '../dicom-write/numbers.ts';
import { type WrittenInstance, writeInstance } from '../dicom-write/part10.ts';
import { workText } from '../texts.ts';
import { graphicAnnotation, LAYER, type LabelledAnnotation } from './graphic-annotation.ts';
import { srgbProfile } from './icc-profile.ts';
import { commonModules, type Origin, personNameOf, referencedSop } from './modules.ts';
import { displayedCorners, spatialTransformation } from './orientation.ts';

export const GRAYSCALE_PRESENTATION_STATE = '1.2.840.10008.5.1.4.1.1.11.1';
export const COLOR_PRESENTATION_STATE = '1.2.840.10008.5.1.4.1.1.11.2';
const SERIES_NUMBER = 9003;

/** How an image is looked at. */
export interface Presentation {
  readonly frame: Frame;
  readonly window: DisplayWindow;
  /** How values between the ends of the window become grey. */
  readonly tone: ToneCurve;
  readonly inverted: boolean;
  readonly screen: ViewState['screen'];
  /** Opposite corners of the part that is on the screen, in image pixels; the whole image when `undefined`. */
  readonly visible: readonly [ImagePoint, ImagePoint] | undefined;
  readonly annotations: readonly LabelledAnnotation[];
}

/** A value table cannot be written without its numbers. */
export class ModalityLutMissing extends Error {}

/**
 * A presentation state of images of one series: displayed area, window, turn, and what is drawn on them.
 * Colour images get a Color Softcopy Presentation State, which has an ICC profile in the place of window and inversion.
 * @param presentations of images that share window, inversion and turn: these stand once in the object, as the first has them
 * @throws RangeError without images, for images of several series, or for grey and coloured ones together
 * @throws ModalityLutMissing for images whose values go through a Modality LUT
 * @dicom PS3.3 A.33.1, A.33.2
 */
export function writePresentationState(
  source: JsonDataset,
  presentations: readonly Presentation[],
  label: string,
  origin: Origin,
): WrittenInstance {
  const [first] = presentations;
  const colored = first !== undefined && isColored(first.frame);
  const unlike = ({ frame }: Presentation): boolean =>
    frame.SeriesInstanceUID !== first?.frame.SeriesInstanceUID || isColored(frame) !== colored;
  if (!first || presentations.some(unlike)) throw new RangeError('a presentation state is of one series');
  if (first.frame.modalityLut) throw new ModalityLutMissing('images with a Modality LUT');
  const object = {
    SOPClassUID: colored ? COLOR_PRESENTATION_STATE : GRAYSCALE_PRESENTATION_STATE,
    Modality: 'PR',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: workText(origin.locale, 'series.presentation'),
  };
  const { dataset, time } = commonModules(source, object, origin);
  const instances = [...Map.groupBy(presentations, ({ frame }) => frame.SOPInstanceUID).values()];
  const graphics = presentations.map(graphicAnnotation).filter((item) => item !== undefined);
  const { degrees, flipped } = spatialTransformation(first.screen);
  return writeInstance(
    merge(
      dataset,
      attributes({
        Laterality: '',
        PresentationCreationDate: time.date,
        PresentationCreationTime: time.time,
        ContentLabel: 'FILMLESS',
        ContentDescription: label.slice(0, 64),
        ContentCreatorName: origin.author === '' ? '' : personNameOf(origin.author),
        ReferencedSeriesSequence: [
          attributes({
            SeriesInstanceUID: first.frame.SeriesInstanceUID,
            ReferencedImageSequence: instances.map((ofInstance) => referenceOf(ofInstance)),
          }),
        ],
        DisplayedAreaSelectionSequence: presentations.map(displayedArea),
        ImageRotation: degrees,
        ImageHorizontalFlip: flipped ? 'Y' : 'N',
        GraphicAnnotationSequence: graphics.length > 0 ? graphics : undefined,
        GraphicLayerSequence: graphics.length > 0 ? [layer()] : undefined,
      }),
      colored ? colorModules() : greyModules(first),
    ),
  );
}

const isColored = ({ pixels, palette }: Frame): boolean => pixels.samplesPerPixel >= 3 || palette !== undefined;

function referenceOf(ofInstance: readonly Presentation[]): JsonDataset {
  const [first] = ofInstance;
  if (!first) throw new RangeError('an instance without frames');
  const frames = ofInstance.map(({ frame }) => frame.frameNumber);
  const { frame } = first;
  return merge(
    referencedSop(frame),
    attributes({ ReferencedFrameNumber: frame.numberOfFrames > 1 ? frames : undefined }),
  );
}

/** @dicom PS3.3 C.10.4 */
function displayedArea({ frame, visible, screen }: Presentation): JsonDataset {
  const { rows, columns } = frame.pixels;
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(1, value));
  const [a, b] = visible ?? [
    [0, 0],
    [columns, rows],
  ];
  const area = {
    left: clamp(Math.floor(Math.min(a[0], b[0])) + 1, columns),
    right: clamp(Math.ceil(Math.max(a[0], b[0])), columns),
    top: clamp(Math.floor(Math.min(a[1], b[1])) + 1, rows),
    bottom: clamp(Math.ceil(Math.max(a[1], b[1])), rows),
  };
  const { topLeft, bottomRight } = displayedCorners(spatialTransformation(screen), area);
  const { spacing } = frame;
  return attributes({
    ReferencedImageSequence: [referencedSop(frame, frame.numberOfFrames > 1 ? frame.frameNumber : undefined)],
    DisplayedAreaTopLeftHandCorner: topLeft,
    DisplayedAreaBottomRightHandCorner: bottomRight,
    PresentationSizeMode: 'SCALE TO FIT',
    PresentationPixelSpacing: spacing && [decimalString(spacing.rowMm), decimalString(spacing.columnMm)],
    PresentationPixelAspectRatio: spacing ? undefined : aspectRatio(frame.pixelAspect),
  });
}

/** Vertical over horizontal size, in whole numbers. @dicom PS3.3 C.7.6.3.1.7 */
function aspectRatio(widthOverHeight: number): readonly [number, number] {
  if (Math.abs(widthOverHeight - 1) < 1e-6) return [1, 1];
  return [10_000, Math.max(1, Math.round(widthOverHeight * 10_000))];
}

function greyModules({ frame, window, tone, inverted }: Presentation): JsonDataset {
  const dark = inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1');
  return attributes({
    RescaleIntercept: frame.rescale && decimalString(frame.rescale.intercept),
    RescaleSlope: frame.rescale && decimalString(frame.rescale.slope),
    RescaleType: frame.rescale && (frame.rescale.type ?? 'US'),
    SoftcopyVOILUTSequence: [valueTransformation(window, tone)],
    PresentationLUTShape: dark ? 'INVERSE' : 'IDENTITY',
  });
}

/** A table for more values than this does not fit; the window is written alone then. */
const MOST_ENTRIES = 32_767;

/** The window, or for curves that DICOM has no name for, a table of their levels. @dicom PS3.3 C.11.8 */
function valueTransformation(window: DisplayWindow, tone: ToneCurve): JsonDataset {
  const named = tone.shape === 'LINEAR' || tone.shape === 'LINEAR_EXACT' || tone.shape === 'SIGMOID';
  const bounds = toneBounds(window, tone);
  const [lower, upper] = [Math.floor(bounds.lower), Math.ceil(bounds.upper)];
  const count = upper - lower + 1;
  if (!named && count <= MOST_ENTRIES) {
    const vr = lower < 0 ? 'SS' : 'US';
    const levels = Uint16Array.from({ length: count }, (_, index) => toneLevel(lower + index, window, tone) * 65_535);
    return attributes({
      VOILUTSequence: [
        merge({ '00283002': { vr, Value: [count, lower, 16] } }, { '00283006': { vr: 'US', Value: [...levels] } }),
      ],
    });
  }
  return attributes({
    WindowCenter: decimalString(window.center),
    WindowWidth: decimalString(window.width),
    VOILUTFunction: named && tone.shape !== 'LINEAR' ? tone.shape : undefined,
  });
}

const colorModules = (): JsonDataset => {
  const profile = srgbProfile();
  const binary = Array.from(profile, (byte) => String.fromCharCode(byte)).join('');
  return merge({ '00282000': { vr: 'OB', InlineBinary: btoa(binary) } }, attributes({ ColorSpace: 'SRGB' }));
};

const layer = (): JsonDataset =>
  attributes({
    GraphicLayer: LAYER,
    GraphicLayerOrder: 1,
    GraphicLayerRecommendedDisplayGrayscaleValue: 65_535,
    GraphicLayerDescription: 'Measurements and texts',
  });
