import { type SVGTemplateResult, svg } from 'lit';
import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { toVector, type Vector } from '../../dicom/vector.ts';
import type { ImageReference, ObjectInstance } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { paletteColour, rgbColour } from './colour.ts';
import { type Affine, gridOf, type PlaneGrid, project, reachMm } from './geometry.ts';
import type { LoadedOverlay, OverlayPart } from './loaded.ts';
import { OVERLAY_TAG, overlayItems, overlayNumbers, overlayText } from './tags.ts';

interface Contour {
  readonly points: readonly Vector[];
  readonly kind: 'closed' | 'open' | 'point';
  /** The image it was drawn on, where the file says so. */
  readonly instance: string | undefined;
}

/** A radiotherapy structure set: outlines in the patient, drawn on whatever image they pass. @dicom PS3.3 C.8.8.5, C.8.8.6 */
export class StructureSetOverlay implements LoadedOverlay {
  readonly id: string;
  readonly study: string;
  readonly label: string;
  readonly parts: readonly OverlayPart[];
  readonly #contours = new Map<string, readonly Contour[]>();
  readonly #series: ReadonlyMap<string, string>;
  readonly #framesOfReference: ReadonlySet<string>;

  static async load(
    instance: ObjectInstance,
    client: DicomWebClient,
    signal: AbortSignal,
  ): Promise<StructureSetOverlay> {
    const rois = overlayItems(instance.dataset, OVERLAY_TAG.ROIContourSequence);
    const data = new Map<JsonDataset, readonly number[]>();
    for (const contour of rois.flatMap((roi) => overlayItems(roi, OVERLAY_TAG.ContourSequence))) {
      const element = contour[OVERLAY_TAG.ContourData];
      if (element?.BulkDataURI === undefined) continue;
      const bytes = await client.binary(element, { signal });
      data.set(contour, new TextDecoder('latin1').decode(bytes).split('\\').map(Number));
    }
    return new StructureSetOverlay(instance, data);
  }

  /** @param data numbers of contours that are too long to stand in the metadata */
  constructor(
    { dataset, SOPInstanceUID, StudyInstanceUID }: ObjectInstance,
    data: ReadonlyMap<JsonDataset, readonly number[]> = new Map(),
  ) {
    this.id = SOPInstanceUID;
    this.study = StudyInstanceUID;
    this.label = overlayText(dataset, OVERLAY_TAG.StructureSetLabel) ?? textOf(dataset, 'SeriesDescription') ?? '';
    const references = overlayItems(dataset, OVERLAY_TAG.ReferencedFrameOfReferenceSequence);
    this.#framesOfReference = new Set(references.flatMap((item) => textOf(item, 'FrameOfReferenceUID') ?? []));
    this.#series = new Map(
      references
        .flatMap((item) => overlayItems(item, OVERLAY_TAG.RTReferencedStudySequence))
        .flatMap((item) => overlayItems(item, OVERLAY_TAG.RTReferencedSeriesSequence))
        .flatMap((series) =>
          overlayItems(series, OVERLAY_TAG.ContourImageSequence).map((image): [string, string] => [
            textOf(image, 'ReferencedSOPInstanceUID') ?? '',
            textOf(series, 'SeriesInstanceUID') ?? '',
          ]),
        ),
    );
    const outlines = overlayItems(dataset, OVERLAY_TAG.ROIContourSequence);
    this.parts = overlayItems(dataset, OVERLAY_TAG.StructureSetROISequence).flatMap((roi, index) => {
      const key = overlayText(roi, OVERLAY_TAG.ROINumber);
      const outline = outlines.find((item) => overlayText(item, OVERLAY_TAG.ReferencedROINumber) === key);
      const contours = overlayItems(outline, OVERLAY_TAG.ContourSequence).flatMap(
        (item) => readContour(item, data) ?? [],
      );
      if (key === undefined || contours.length === 0) return [];
      this.#contours.set(key, contours);
      return [
        {
          key,
          label: overlayText(roi, OVERLAY_TAG.ROIName) ?? key,
          kind: '',
          colour: rgbColour(overlayNumbers(outline, OVERLAY_TAG.ROIDisplayColor)) ?? paletteColour(index),
        },
      ];
    });
  }

  middle(part?: OverlayPart): ImageReference | undefined {
    const contours = part ? (this.#contours.get(part.key) ?? []) : [...this.#contours.values()].flat();
    const known = contours
      .filter(({ instance }) => instance !== undefined && this.#series.has(instance))
      .sort((a, b) => (a.points[0]?.[2] ?? 0) - (b.points[0]?.[2] ?? 0));
    const instance = known[Math.floor(known.length / 2)]?.instance ?? (part ? undefined : [...this.#series.keys()][0]);
    const series = instance && this.#series.get(instance);
    return instance && series ? { study: this.study, series, instance } : undefined;
  }

  draw(frame: Frame, part: OverlayPart, toScreen: Affine): SVGTemplateResult | undefined {
    const grid = gridOf(frame);
    const contours = this.#contours.get(part.key);
    if (!grid || !contours || !this.#framesOfReference.has(grid.plane.frameOfReferenceUID ?? '')) return undefined;
    let [closed, lines] = ['', ''];
    for (const contour of contours) {
      const placed = contour.points.map((point) => project(point, grid));
      const lies = placed.every(({ distance }) => Math.abs(distance) <= reachMm(frame));
      if (!lies) {
        // Seen from the side: where the outline passes the plane, its inside does too.
        if (contour.kind === 'closed') lines += crossings(contour.points, grid, toScreen);
        continue;
      }
      const path = placed.map(({ x, y }) => screen(x, y, toScreen)).join('L');
      if (contour.kind === 'closed') closed += `M${path}Z`;
      else if (contour.kind === 'open') lines += `M${path}`;
      else for (const { x, y } of placed) lines += cross(x, y, toScreen);
    }
    if (closed === '' && lines === '') return undefined;
    return svg`<path d=${closed} fill=${part.colour} fill-opacity="0.25" fill-rule="evenodd" stroke=${part.colour} stroke-width="1.5" />
      <path d=${lines} fill="none" stroke=${part.colour} stroke-width="2" />`;
  }

  dispose(): void {
    this.#contours.clear();
  }
}

function readContour(item: JsonDataset, data: ReadonlyMap<JsonDataset, readonly number[]>): Contour | undefined {
  const numbers = data.get(item) ?? overlayNumbers(item, OVERLAY_TAG.ContourData);
  const points = Array.from({ length: Math.floor(numbers.length / 3) }, (_, index) =>
    toVector(numbers, index * 3),
  ).filter((point) => point !== undefined);
  if (points.length === 0) return undefined;
  const type = overlayText(item, OVERLAY_TAG.ContourGeometricType) ?? '';
  return {
    points,
    kind: type === 'POINT' || points.length === 1 ? 'point' : type.startsWith('OPEN') ? 'open' : 'closed',
    instance: textOf(itemsOfImages(item)[0], 'ReferencedSOPInstanceUID'),
  };
}

const itemsOfImages = (contour: JsonDataset): readonly JsonDataset[] =>
  overlayItems(contour, OVERLAY_TAG.ContourImageSequence);

/** Pieces of the plane's line that lie inside a closed outline which crosses it. */
export function crossings(points: readonly Vector[], grid: PlaneGrid, toScreen: Affine): string {
  const hits: { x: number; y: number }[] = [];
  points.forEach((point, index) => {
    const next = points[(index + 1) % points.length];
    if (!next) return;
    const [from, to] = [project(point, grid), project(next, grid)];
    if (from.distance >= 0 === to.distance >= 0) return;
    const share = from.distance / (from.distance - to.distance);
    hits.push({ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share });
  });
  const [first] = hits;
  if (!first) return '';
  // Along the line, every second piece is inside.
  const far = hits.reduce((most, hit) =>
    Math.hypot(hit.x - first.x, hit.y - first.y) > Math.hypot(most.x - first.x, most.y - first.y) ? hit : most,
  );
  const along = ({ x, y }: { x: number; y: number }) =>
    (x - first.x) * (far.x - first.x) + (y - first.y) * (far.y - first.y);
  hits.sort((a, b) => along(a) - along(b));
  let path = '';
  for (let index = 0; index + 1 < hits.length; index += 2) {
    const [a, b] = [hits[index], hits[index + 1]];
    if (a && b) path += `M${screen(a.x, a.y, toScreen)}L${screen(b.x, b.y, toScreen)}`;
  }
  return path;
}

const screen = (x: number, y: number, { a, b, c, d, e, f }: Affine): string =>
  `${(a * x + c * y + e).toFixed(1)} ${(b * x + d * y + f).toFixed(1)}`;

function cross(x: number, y: number, toScreen: Affine): string {
  const [px, py] = screen(x, y, toScreen).split(' ').map(Number);
  return px === undefined || py === undefined ? '' : `M${px - 5} ${py}h10M${px} ${py - 5}v10`;
}
