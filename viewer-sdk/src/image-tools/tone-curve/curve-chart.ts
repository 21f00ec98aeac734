import { css, html, svg, type TemplateResult } from 'lit';
import type { DisplayWindow } from '../../dicom/frame.ts';
import { type ToneCurve, type TonePoint, toneBounds, toneLevel } from '../../dicom/tone-curve.ts';
import type { ViewState } from '../../engine/contract.ts';
import type { ImageToolsKey } from '../texts.ts';
import { addPoint, asPoints, movePoint, type Points, pointBounds, removePoint, windowOf } from './curve-model.ts';

const WIDTH = 296;
const HEIGHT = 180;
const RADIUS = 6;
/** Dragged up or down by less than this, an end of a plain curve moves the window alone. */
const BEND_PX = 8;

type Text = (key: ImageToolsKey, parameters?: Record<string, string | number>) => string;

export interface ChartListener {
  /** What stays `undefined` stays as it is. */
  change(window: DisplayWindow | undefined, tone: ToneCurve | undefined): void;
  redraw(): void;
}

/** The histogram with the curve over it; its points are taken hold of. */
export class CurveChart {
  static readonly styles = css`
    .chart {
      display: block;
      inline-size: 100%;
      aspect-ratio: ${WIDTH} / ${HEIGHT};
      margin-block-end: 8px;
      border: 1px solid var(--filmless-line);
      border-radius: var(--filmless-radius);
      background: var(--filmless-surface-0);
      touch-action: none;
      cursor: crosshair;
    }
    .bars {
      fill: var(--filmless-surface-3);
    }
    .curve {
      fill: none;
      stroke: var(--filmless-accent);
      stroke-width: 2;
    }
    .point {
      fill: var(--filmless-surface-0);
      stroke: var(--filmless-accent);
      stroke-width: 2;
      cursor: grab;
    }
    .point:focus-visible {
      fill: var(--filmless-accent);
      outline: none;
    }
  `;

  readonly #listener: ChartListener;
  /** The values at the left and right edge; they stay while something is dragged. */
  #axis: readonly [least: number, most: number] = [0, 1];
  #drag: { index: number; readonly startY: number; bent: boolean } | undefined;

  constructor(listener: ChartListener) {
    this.#listener = listener;
  }

  render(view: ViewState, counts: Uint32Array, t: Text): TemplateResult {
    const { window, tone, range } = view;
    const { lower, upper } = toneBounds(window, tone);
    if (!this.#drag) {
      const edge = Math.max(1, (range.maximum - range.minimum) * 0.02);
      this.#axis = [Math.min(range.minimum, lower) - edge, Math.max(range.maximum, upper) + edge];
    }
    const points = this.#handles(view);
    const bounds = tone.shape === 'points' ? pointBounds(window) : { lower, upper };
    const at = ([position, level]: TonePoint): [number, number] => [
      this.#x(bounds.lower + position * (bounds.upper - bounds.lower)),
      HEIGHT * (1 - level),
    ];
    return html`<svg
      class="chart"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="group"
      aria-label=${t('tone.chart')}
      @pointerdown=${(event: PointerEvent) => this.#press(event, view)}
    >
      <path class="bars" d=${this.#bars(counts, range)}></path>
      <path class="curve" d=${this.#curve(view)}></path>
      ${points.map((point, index) => {
        const [x, y] = at(point);
        const value = Math.round(bounds.lower + point[0] * (bounds.upper - bounds.lower));
        const label = t('tone.point', { number: index + 1, value, level: Math.round(point[1] * 100) });
        return svg`<circle class="point" data-index=${index} cx=${x} cy=${y} r=${RADIUS} tabindex="0" role="slider"
          aria-label=${label} aria-valuenow=${Math.round(point[1] * 100)} aria-valuemin="0" aria-valuemax="100"
          @dblclick=${() => this.#remove(view, index)}
          @keydown=${(event: KeyboardEvent) => this.#key(event, view, index)}></circle>`;
      })}
    </svg>`;
  }

  /** A curve by hand has all its points, any other its two ends. */
  #handles({ tone, window }: ViewState): Points {
    if (tone.shape === 'points') return tone.points;
    const { lower, upper } = toneBounds(window, tone);
    return [
      [0, toneLevel(lower, window, tone)],
      [1, toneLevel(upper, window, tone)],
    ];
  }

  #x(value: number): number {
    const [least, most] = this.#axis;
    return (WIDTH * (value - least)) / (most - least);
  }

  #bars(counts: Uint32Array, { minimum, maximum }: ViewState['range']): string {
    const highest = Math.log1p(counts.reduce((most, count) => Math.max(most, count), 1));
    const step = (maximum - minimum) / Math.max(1, counts.length - 1);
    let path = `M${this.#x(minimum)},${HEIGHT}`;
    counts.forEach((count, index) => {
      const x = this.#x(minimum + index * step).toFixed(1);
      path += `L${x},${(HEIGHT * (1 - (0.95 * Math.log1p(count)) / highest)).toFixed(1)}`;
    });
    return `${path}L${this.#x(maximum)},${HEIGHT}Z`;
  }

  #curve({ window, tone }: ViewState): string {
    const [least, most] = this.#axis;
    const places = Array.from({ length: WIDTH + 1 }, (_, x) => {
      const level = toneLevel(least + ((most - least) * x) / WIDTH, window, tone);
      return `${x},${(HEIGHT * (1 - level)).toFixed(2)}`;
    });
    return `M${places.join('L')}`;
  }

  #press(event: PointerEvent, view: ViewState): void {
    const chart = event.currentTarget;
    if (event.button !== 0 || !(chart instanceof SVGSVGElement)) return;
    const target = event.target;
    event.preventDefault();
    const found = target instanceof SVGElement ? target.dataset['index'] : undefined;
    let index: number;
    let current = view;
    if (found !== undefined) {
      index = Number(found);
      if (target instanceof SVGElement) target.focus();
    } else {
      const { points, window } = asPoints(view.tone, view.window);
      const added = addPoint(points, this.#position(event, chart, window));
      index = added.index;
      current = this.#set(view, added.points, window);
    }
    this.#drag = { index, startY: event.clientY, bent: found === undefined };
    chart.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent) => {
      current = this.#move(next, chart, current);
    };
    chart.addEventListener('pointermove', move);
    chart.addEventListener(
      'lostpointercapture',
      () => {
        chart.removeEventListener('pointermove', move);
        this.#drag = undefined;
        this.#listener.redraw();
      },
      { once: true },
    );
  }

  /** @returns what is shown then: the next move goes on from there */
  #move(event: PointerEvent, chart: SVGSVGElement, view: ViewState): ViewState {
    const drag = this.#drag;
    if (!drag) return view;
    if (Math.abs(event.clientY - drag.startY) > BEND_PX) drag.bent = true;
    const end = drag.index === 0 ? 'lower' : drag.index === this.#handles(view).length - 1 ? 'upper' : undefined;
    let shown = view;
    if (end) shown = this.#moveEnd(view, end, this.#value(event, chart));
    if (!drag.bent) return shown;
    const { points, window } = asPoints(shown.tone, shown.window);
    // An end of a plain curve becomes an end of one with points between.
    if (end === 'upper') drag.index = points.length - 1;
    const moved = movePoint(points, drag.index, this.#position(event, chart, window));
    return this.#set(shown, moved, window);
  }

  #moveEnd(view: ViewState, end: 'lower' | 'upper', value: number): ViewState {
    const { lower, upper } = toneBounds(view.window, view.tone);
    const bounds =
      end === 'lower' ? ([Math.min(value, upper - 1), upper] as const) : ([lower, Math.max(value, lower + 1)] as const);
    // Of a sigmoid the ends lie four times as far apart as its window is wide.
    const window =
      view.tone.shape === 'SIGMOID'
        ? { center: (bounds[0] + bounds[1]) / 2, width: (bounds[1] - bounds[0]) / 4 }
        : windowOf(...bounds);
    this.#listener.change(window, undefined);
    return { ...view, window };
  }

  #value(event: PointerEvent, chart: SVGSVGElement): number {
    const box = chart.getBoundingClientRect();
    const [least, most] = this.#axis;
    return least + ((event.clientX - box.left) / box.width) * (most - least);
  }

  #position(event: PointerEvent, chart: SVGSVGElement, window: DisplayWindow): TonePoint {
    const box = chart.getBoundingClientRect();
    const { lower, upper } = pointBounds(window);
    return [(this.#value(event, chart) - lower) / (upper - lower), 1 - (event.clientY - box.top) / box.height];
  }

  #set(view: ViewState, points: Points, window: DisplayWindow): ViewState {
    const tone: ToneCurve = { shape: 'points', points };
    this.#listener.change(window, tone);
    return { ...view, window, tone };
  }

  #remove(view: ViewState, index: number): void {
    if (view.tone.shape === 'points') this.#set(view, removePoint(view.tone.points, index), view.window);
  }

  #key(event: KeyboardEvent, view: ViewState, index: number): void {
    const [right = 0, up = 0] =
      { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (event.key !== 'Delete' && right === 0 && up === 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Delete') {
      this.#remove(view, index);
      return;
    }
    const last = this.#handles(view).length - 1;
    if (right !== 0 && (index === 0 || index === last)) {
      const { lower, upper } = toneBounds(view.window, view.tone);
      const step = Math.max(1, (upper - lower) / 100) * right;
      this.#moveEnd(view, index === 0 ? 'lower' : 'upper', (index === 0 ? lower : upper) + step);
      return;
    }
    const { points, window } = asPoints(view.tone, view.window);
    const place = index === last ? points.length - 1 : index;
    const [position, level] = points[place] ?? [0, 0];
    this.#set(view, movePoint(points, place, [position + right * 0.01, level + up * 0.02]), window);
  }
}
