import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Vector } from '../../dicom/vector.ts';
import type { ScreenPoint } from '../../extension/contract.ts';
import { formatWithUnit } from '../../measure/format.ts';
import { adoptLayerStyles } from '../../measure/layer.styles.ts';
import { type Box, boxSize, linePlace, placeBox } from '../../measure/text-box.ts';
import type { PaneState } from './pane-hand.ts';
import { onPane } from './plane-map.ts';
import { measured, type PlaneMeasure } from './plane-measure.ts';
import { EDGES, type PlaneName } from './planes.ts';
import { mprText } from './texts.ts';

export interface PaneContent {
  readonly locale: string;
  /** The CSS font family of the texts. */
  readonly family: string;
  readonly label: string;
  /** The cross. */
  readonly point: Vector;
  readonly cursor: string;
  readonly measures: readonly PlaneMeasure[];
  readonly draft: PlaneMeasure | undefined;
}

export interface PaneEvents {
  press(event: PointerEvent, name: PlaneName): void;
  hover(event: PointerEvent, name: PlaneName): void;
  wheel(event: WheelEvent, name: PlaneName): void;
}

/** One plane: its picture, the cross, what was measured, and which way one looks. */
export function renderPane(pane: PaneState, content: PaneContent, events: PaneEvents): TemplateResult {
  const { name, view, place, depth, size } = pane;
  const [left, top, right, bottom] = EDGES[name];
  const [x, y] = onPane(name, view, place, content.point);
  const picture = [
    `left: ${place.left}px`,
    `top: ${place.top}px`,
    `width: ${view.width * place.scale}px`,
    `height: ${view.height * place.scale}px`,
  ].join(';');
  const { measures, draft } = content;
  const boxes: Box[] = [];
  // Styles as properties: attributes would need the page's policy to allow inline styles.
  return html`<section
    class="pane"
    data-plane=${name}
    aria-label=${content.label}
    .style=${`cursor: ${content.cursor}`}
    @pointerdown=${(event: PointerEvent) => events.press(event, name)}
    @pointermove=${(event: PointerEvent) => events.hover(event, name)}
    @wheel=${(event: WheelEvent) => events.wheel(event, name)}
    @contextmenu=${(event: Event) => event.preventDefault()}
  >
    <canvas width=${view.width} height=${view.height} .style=${picture}></canvas>
    <svg aria-hidden="true">
      <path class="cross" d="M${x},0V${size.height}M0,${y}H${size.width}"></path>
      <g ${ref(adoptLayerStyles)}>
        ${measures.map((measure) => drawing(pane, content, measure, boxes, false))}
        ${draft?.plane === name ? drawing(pane, content, draft, boxes, true) : nothing}
      </g>
    </svg>
    <span class="name">${content.label} ${(Math.round(depth * 10) / 10).toFixed(1)} mm</span>
    <span class="edge left">${left}</span><span class="edge top">${top}</span>
    <span class="edge right">${right}</span><span class="edge bottom">${bottom}</span>
  </section>`;
}

function drawing(
  pane: PaneState,
  { locale, family }: PaneContent,
  measure: PlaneMeasure,
  boxes: Box[],
  drafted: boolean,
): SVGTemplateResult {
  const points = measure.points.map((point): ScreenPoint => onPane(pane.name, pane.view, pane.place, point));
  const path = `M${points.map(([x, y]) => `${x} ${y}`).join('L')}`;
  const value = measured(measure);
  const lines = value ? [formatWithUnit(locale, value)] : [];
  if (value && measure.slabMm > 0) lines.push(mprText(locale, 'projected', { mm: measure.slabMm }));
  const box = lines.length > 0 ? placeBox(boxSize(lines, family), points, pane, boxes) : undefined;
  if (box) boxes.push(box);
  return svg`<g class="measure ${drafted ? 'selected' : ''}" data-kind=${measure.kind}>
    <path class="rim" d=${path} /><path class="line" d=${path} />
    ${points.map(([x, y]) => svg`<circle class="handle small" cx=${x} cy=${y} r="3" />`)}
    ${box ? lines.map((line, index) => text(line, linePlace(box, index))) : nothing}
  </g>`;
}

const text = (line: string, [x, y]: ScreenPoint): SVGTemplateResult => svg`<text x=${x} y=${y}>${line}</text>`;
