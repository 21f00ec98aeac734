import { nothing, type SVGTemplateResult, svg } from 'lit';
import { shutterPath, shutters } from '../../dicom/shutter.ts';
import type { ViewState } from '../../engine/contract.ts';
import type { Annotation as LiveAnnotation } from '../../measure/annotation.ts';
import { toMatrix } from '../overlay/geometry.ts';
import { screenBox } from './apply.ts';
import { withoutLive } from './live.ts';
import {
  type Annotation,
  type Graphic,
  isFor,
  type Point,
  type PresentationState,
  type TextMark,
  type Units,
} from './read.ts';

const LINE_PX = 17;
const COLOUR = 'var(--filmless-overlay-accent)';

/** Places points of either unit on the screen. */
export type Place = (units: Units, point: Point) => Point;

/** Shutters and annotations of a state over a frame, in CSS pixels. @param live measurements that stand on the frame already */
export function drawState(
  state: PresentationState,
  view: ViewState,
  live: readonly LiveAnnotation[] = [],
): SVGTemplateResult | undefined {
  const { frame, toScreen } = view;
  const { SOPInstanceUID: instance, frameNumber } = frame;
  if (!isFor(state, instance, frameNumber)) return undefined;
  const { columns, rows } = frame.pixels;
  const area = state.areas.find((part) => isFor(part, instance, frameNumber))?.rectangle ?? [0, 0, columns, rows];
  const [left, top, right, bottom] = screenBox(area, view);
  const place: Place = (units, [x, y]) =>
    units === 'DISPLAY'
      ? [left + x * (right - left), top + y * (bottom - top)]
      : [toScreen.a * x + toScreen.c * y + toScreen.e, toScreen.b * x + toScreen.d * y + toScreen.f];
  const closed = shutters({ ...frame, dataset: state.dataset, frameNumber: 1 });
  const order = ({ layer }: Annotation) => state.layers.get(layer)?.order ?? 0;
  const annotations = state.annotations
    .filter((annotation) => isFor(annotation, instance, frameNumber))
    .sort((a, b) => order(a) - order(b))
    .map((annotation) => withoutLive(annotation, live, frame));
  return svg`
    ${closed.map((shape) => svg`<path class="shutter" d=${shutterPath(shape, columns, rows)} transform=${toMatrix(toScreen)} fill-rule="evenodd" fill="var(--filmless-image-background)" />`)}
    ${annotations.map((annotation) => {
      const colour = visible(state.layers.get(annotation.layer)?.colour);
      return drawMarks(annotation, place, colour);
    })}`;
}

/** Lines and texts in one colour. */
export const drawMarks = (
  { graphics, texts }: Pick<Annotation, 'graphics' | 'texts'>,
  place: Place,
  colour: string,
): SVGTemplateResult => svg`<g class="annotation" stroke=${colour} fill="none" stroke-width="1.5">
  ${graphics.map((graphic) => drawGraphic(graphic, place, colour))}
  ${texts.map((mark) => drawText(mark, place, colour))}
</g>`;

/** Grey layers would not be told from the image: they get the colour of all marks. */
const visible = (colour: string | undefined): string => (colour && !/^#(..)\1\1$/.test(colour) ? colour : COLOUR);

function drawGraphic(
  { type, units, points, filled }: Graphic,
  place: Place,
  colour: string,
): SVGTemplateResult | typeof nothing {
  const placed = points.map((point) => place(units, point));
  const fill = filled ? colour : 'none';
  const [first, second, third, fourth] = placed;
  if (!first) return nothing;
  switch (type) {
    case 'POINT':
      return svg`<path d="M${first[0] - 5} ${first[1]}h10M${first[0]} ${first[1] - 5}v10" />`;
    case 'CIRCLE': {
      if (!second) return nothing;
      // Pixels that are not square make an ellipse of it; its own axes are those of the image.
      return svg`<circle cx=${first[0]} cy=${first[1]} r=${Math.hypot(second[0] - first[0], second[1] - first[1])} fill=${fill} />`;
    }
    case 'ELLIPSE': {
      if (!second || !third || !fourth) return nothing;
      const [cx, cy] = [(first[0] + second[0]) / 2, (first[1] + second[1]) / 2];
      const angle = (Math.atan2(second[1] - first[1], second[0] - first[0]) * 180) / Math.PI;
      const rx = Math.hypot(second[0] - first[0], second[1] - first[1]) / 2;
      const ry = Math.hypot(fourth[0] - third[0], fourth[1] - third[1]) / 2;
      return svg`<ellipse cx=${cx} cy=${cy} rx=${rx} ry=${ry} transform="rotate(${angle} ${cx} ${cy})" fill=${fill} />`;
    }
    default: {
      const path = type === 'INTERPOLATED' ? smoothPath(placed) : `M${placed.map(([x, y]) => `${x} ${y}`).join('L')}`;
      return svg`<path d=${path} fill=${fill} />`;
    }
  }
}

/** A curve through all points. */
export function smoothPath(points: readonly Point[]): string {
  const [first] = points;
  if (!first) return '';
  let path = `M${first[0]} ${first[1]}`;
  for (let index = 0; index + 1 < points.length; index += 1) {
    const from = points[index] ?? first;
    const to = points[index + 1] ?? first;
    const before = points[index - 1] ?? from;
    const after = points[index + 2] ?? to;
    const one = [from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6];
    const two = [to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6];
    path += `C${one.join(' ')} ${two.join(' ')} ${to[0]} ${to[1]}`;
  }
  return path;
}

function drawText({ lines, box, anchor }: TextMark, place: Place, colour: string): SVGTemplateResult {
  const at = anchor && place(anchor.units, anchor.at);
  const corners = box && [place(box.units, box.from), place(box.units, box.to)];
  const [from, to] = corners ?? (at ? [at, at] : [[0, 0] as const, [0, 0] as const]);
  const [left, right] = [Math.min(from?.[0] ?? 0, to?.[0] ?? 0), Math.max(from?.[0] ?? 0, to?.[0] ?? 0)];
  const [top, bottom] = [Math.min(from?.[1] ?? 0, to?.[1] ?? 0), Math.max(from?.[1] ?? 0, to?.[1] ?? 0)];
  const align = box?.align ?? 'start';
  const x = align === 'start' ? left : align === 'end' ? right : (left + right) / 2;
  const middle = { x: (left + right) / 2, y: (top + Math.max(bottom, top + lines.length * LINE_PX)) / 2 };
  return svg`
    ${box && at && anchor?.visible ? svg`<path d="M${middle.x} ${middle.y}L${at[0]} ${at[1]}" stroke-dasharray="4 3" />` : nothing}
    <text x=${x} y=${top} fill=${colour} stroke="var(--filmless-image-background)" stroke-width="3" paint-order="stroke" font-size="14" text-anchor=${align}>
      ${lines.map((line, index) => svg`<tspan x=${x} y=${top + 13 + index * LINE_PX}>${line}</tspan>`)}
    </text>`;
}
