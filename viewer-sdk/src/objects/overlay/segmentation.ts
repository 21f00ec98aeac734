import { type SVGTemplateResult, svg } from 'lit';
import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { Frame, ImagePlane } from '../../dicom/frame.ts';
import { items, type JsonDataset, numbers, text } from '../../dicom/json.ts';
import { toVector } from '../../dicom/vector.ts';
import type { ImageReference, ObjectInstance } from '../../extension/contract.ts';
import { codeOf } from '../parts/code.ts';
import { itemsOf, numberOf, textOf } from '../parts/dataset.ts';
import { conceptName } from '../sr/terms.ts';
import { labColour, paletteColour } from './colour.ts';
import {
  type Affine,
  compose,
  distanceBetween,
  gridOf,
  gridToGrid,
  type PlaneGrid,
  reachMm,
  toMatrix,
} from './geometry.ts';
import type { LoadedOverlay, OverlayPart } from './loaded.ts';
import { type MaskPicture, paintMask } from './mask-picture.ts';
import { SegmentPixels } from './segment-pixels.ts';
import { OVERLAY_TAG, overlayItems, overlayText } from './tags.ts';

/** As many painted masks are kept. */
const MOST_PICTURES = 96;

/** Where one frame of the segmentation lies. */
export interface SegmentFrame {
  /** From 0. */
  readonly index: number;
  /** Undefined in label maps: every frame holds all segments. */
  readonly segment: number | undefined;
  readonly grid: PlaneGrid | undefined;
  readonly sources: readonly { readonly instance: string; readonly frame: number | undefined }[];
}

interface Painted {
  picture: MaskPicture | undefined;
  done: boolean;
}

/** A segmentation: binary, fractional or a label map. @dicom PS3.3 C.8.20 */
export class SegmentationOverlay implements LoadedOverlay {
  readonly id: string;
  readonly study: string;
  readonly label: string;
  readonly parts: readonly OverlayPart[];
  readonly #frames: readonly SegmentFrame[];
  readonly #pixels: SegmentPixels;
  readonly #isLabelMap: boolean;
  readonly #most: number;
  readonly #references: ReadonlyMap<string, string>;
  readonly #frameOfReference: string | undefined;
  readonly #painted = new Map<string, Painted>();
  #disposed = false;

  static async load(
    instance: ObjectInstance,
    client: DicomWebClient,
    locale: string,
    signal: AbortSignal,
  ): Promise<SegmentationOverlay> {
    return new SegmentationOverlay(instance, await SegmentPixels.load(instance, client, signal), locale);
  }

  constructor({ dataset, SOPInstanceUID, StudyInstanceUID }: ObjectInstance, pixels: SegmentPixels, locale: string) {
    this.id = SOPInstanceUID;
    this.study = StudyInstanceUID;
    this.label =
      textOf(dataset, 'ContentDescription') ??
      textOf(dataset, 'SeriesDescription') ??
      textOf(dataset, 'ContentLabel') ??
      '';
    this.#pixels = pixels;
    this.#isLabelMap = overlayText(dataset, OVERLAY_TAG.SegmentationType) === 'LABELMAP';
    const fractional = overlayText(dataset, OVERLAY_TAG.SegmentationType) === 'FRACTIONAL';
    this.#most = fractional ? Number(overlayText(dataset, OVERLAY_TAG.MaximumFractionalValue) ?? 255) || 255 : 1;
    this.#frames = readSegmentFrames(dataset, this.#isLabelMap);
    this.#references = seriesOfInstances(dataset);
    this.#frameOfReference = text(dataset, 'FrameOfReferenceUID');
    this.parts = overlayItems(dataset, OVERLAY_TAG.SegmentSequence).flatMap((segment, index): OverlayPart[] => {
      const value = overlayText(segment, OVERLAY_TAG.SegmentNumber);
      // Number 0 of a label map is the background.
      if (value === undefined || Number(value) === 0) return [];
      const type = codeOf(
        { ...segment, '0040A168': segment[OVERLAY_TAG.SegmentedPropertyTypeCodeSequence] ?? { vr: 'SQ' } },
        'ConceptCodeSequence',
      );
      const lab = (segment[OVERLAY_TAG.RecommendedDisplayCIELabValue]?.Value ?? []).map(Number);
      return [
        {
          key: value,
          label: overlayText(segment, OVERLAY_TAG.SegmentLabel) ?? conceptName(type, locale) ?? value,
          kind: conceptName(type, locale),
          colour: labColour(lab) ?? paletteColour(index),
        },
      ];
    });
  }

  middle(part?: OverlayPart): ImageReference | undefined {
    const own = this.#frames.filter(({ segment }) => !part || segment === undefined || segment === Number(part.key));
    const filled = own.filter(({ index }) => {
      const pixels = this.#pixels.frame(index);
      return part && this.#isLabelMap ? pixels.includes(Number(part.key)) : pixels.some((value) => value > 0);
    });
    const chosen = filled[Math.floor(filled.length / 2)] ?? own[0];
    const source = chosen?.sources.find(({ instance }) => this.#references.has(instance)) ?? chosen?.sources[0];
    const instance = source?.instance ?? [...this.#references.keys()][0];
    const series = instance && this.#references.get(instance);
    if (!instance || !series) return undefined;
    return { study: this.study, series, instance, ...(source?.frame === undefined ? {} : { frame: source.frame }) };
  }

  draw(frame: Frame, part: OverlayPart, toScreen: Affine, changed: () => void): SVGTemplateResult | undefined {
    const own = this.#frames.find(
      (candidate) =>
        (candidate.segment === undefined || candidate.segment === Number(part.key)) && this.#liesOn(candidate, frame),
    );
    if (!own) return undefined;
    const picture = this.#picture(own.index, part, changed);
    if (!picture) return undefined;
    const matrix = compose(toScreen, this.#toImage(own, frame));
    return svg`<image href=${picture.url} x=${picture.x} y=${picture.y} width=${picture.width} height=${picture.height}
      transform=${toMatrix(matrix)} preserveAspectRatio="none" image-rendering="pixelated" />`;
  }

  dispose(): void {
    this.#disposed = true;
    for (const { picture } of this.#painted.values()) if (picture) URL.revokeObjectURL(picture.url);
    this.#painted.clear();
  }

  #liesOn({ sources, grid }: SegmentFrame, frame: Frame): boolean {
    if (
      sources.some(
        (source) =>
          source.instance === frame.SOPInstanceUID && (source.frame ?? frame.frameNumber) === frame.frameNumber,
      )
    )
      return true;
    const other = gridOf(frame);
    if (!grid || !other || sources.some(({ instance }) => instance === frame.SOPInstanceUID)) return false;
    if (!this.#frameOfReference || other.plane.frameOfReferenceUID !== this.#frameOfReference) return false;
    const distance = distanceBetween(grid, other);
    return distance !== undefined && distance < reachMm(frame);
  }

  #toImage({ grid }: SegmentFrame, frame: Frame): Affine {
    const other = gridOf(frame);
    if (grid && other) return gridToGrid(grid, other);
    // Made from this very image, which says nothing of the patient: pixel on pixel.
    const { columns, rows } = frame.pixels;
    return { a: columns / this.#pixels.columns, b: 0, c: 0, d: rows / this.#pixels.rows, e: 0, f: 0 };
  }

  #picture(index: number, part: OverlayPart, changed: () => void): MaskPicture | undefined {
    const key = `${index}/${part.key}`;
    const known = this.#painted.get(key);
    if (known) return known.picture;
    const painted: Painted = { picture: undefined, done: false };
    this.#painted.set(key, painted);
    for (const [oldest, { picture, done }] of this.#painted) {
      if (this.#painted.size <= MOST_PICTURES) break;
      if (!done) continue;
      this.#painted.delete(oldest);
      if (picture) URL.revokeObjectURL(picture.url);
    }
    const pixels = this.#pixels.frame(index);
    const wanted = Number(part.key);
    const level = this.#isLabelMap
      ? (at: number) => (pixels[at] === wanted ? 1 : 0)
      : (at: number) => Math.min(1, (pixels[at] ?? 0) / this.#most);
    void paintMask(level, this.#pixels.columns, this.#pixels.rows, part.colour).then((picture) => {
      painted.done = true;
      if (this.#disposed || this.#painted.get(key) !== painted) {
        if (picture) URL.revokeObjectURL(picture.url);
        return;
      }
      painted.picture = picture;
      if (picture) changed();
    });
    return undefined;
  }
}

/** Reads which segment each frame shows, and where. @dicom PS3.3 C.7.6.16, C.8.20.3 */
export function readSegmentFrames(dataset: JsonDataset, isLabelMap: boolean): SegmentFrame[] {
  const shared = items(dataset, 'SharedFunctionalGroupsSequence')[0];
  const own = items(dataset, 'PerFrameFunctionalGroupsSequence');
  const count = Math.max(own.length, numberOf(dataset, 'NumberOfFrames') ?? 1);
  return Array.from({ length: count }, (_, index): SegmentFrame => {
    const groups = [own[index], shared];
    const macro = (keyword: Parameters<typeof items>[1]) =>
      groups.map((group) => items(group, keyword)[0]).find((item) => item !== undefined);
    const identification = groups
      .map((group) => overlayItems(group, OVERLAY_TAG.SegmentIdentificationSequence)[0])
      .find((item) => item !== undefined);
    const segment = overlayText(identification, OVERLAY_TAG.ReferencedSegmentNumber);
    const sources = groups
      .flatMap((group) => itemsOf(group, 'DerivationImageSequence'))
      .flatMap((derivation) => itemsOf(derivation, 'SourceImageSequence'))
      .flatMap((source) => {
        const instance = textOf(source, 'ReferencedSOPInstanceUID');
        return instance ? [{ instance, frame: numberOf(source, 'ReferencedFrameNumber') }] : [];
      });
    return {
      index,
      segment: isLabelMap || segment === undefined ? undefined : Number(segment),
      grid: readGrid(
        macro('PlanePositionSequence'),
        macro('PlaneOrientationSequence'),
        macro('PixelMeasuresSequence'),
        dataset,
      ),
      sources,
    };
  });
}

function readGrid(
  positions: JsonDataset | undefined,
  orientations: JsonDataset | undefined,
  measures: JsonDataset | undefined,
  dataset: JsonDataset,
): PlaneGrid | undefined {
  const position = toVector(numbers(positions, 'ImagePositionPatient'));
  const cosines = numbers(orientations, 'ImageOrientationPatient');
  const row = toVector(cosines);
  const column = toVector(cosines, 3);
  const [rowMm, columnMm] = numbers(measures, 'PixelSpacing');
  if (!position || !row || !column || !rowMm || !columnMm) return undefined;
  const plane: ImagePlane = { position, row, column, frameOfReferenceUID: text(dataset, 'FrameOfReferenceUID') };
  return { plane, rowMm, columnMm };
}

/** The series of every instance that an object says it was made from. @dicom PS3.3 C.12.2 */
export function seriesOfInstances(dataset: JsonDataset): Map<string, string> {
  const series = new Map<string, string>();
  for (const item of itemsOf(dataset, 'ReferencedSeriesSequence')) {
    const uid = textOf(item, 'SeriesInstanceUID');
    for (const list of ['ReferencedInstanceSequence', 'ReferencedImageSequence'] as const)
      for (const reference of itemsOf(item, list)) {
        const instance = textOf(reference, 'ReferencedSOPInstanceUID');
        if (uid && instance) series.set(instance, uid);
      }
  }
  return series;
}
