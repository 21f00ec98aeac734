import { nothing, type SVGTemplateResult, svg } from 'lit';
import type { Cell, CellLayer, ViewerContext } from '../extension/contract.ts';
import { localiserLine, type PlacedFrame, placeFrame, sameFrameOfReference } from './geometry.ts';

/**
 * Lines on the other images where the slices of the active one cut them: the first and the last of its stack thin, the one on the screen strong.
 */
export class LocaliserLayer implements CellLayer {
  readonly id = 'localiser';
  readonly order = 30;
  shown = true;
  readonly #viewer: ViewerContext;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  render(cell: Cell): SVGTemplateResult | undefined {
    const { active } = this.#viewer;
    if (!this.shown || cell === active) return undefined;
    const target = placeFrame(cell.view?.frame);
    const current = placeFrame(active.view?.frame);
    if (!target || !current || !sameFrameOfReference(target.frame, current.frame)) return undefined;
    const frames = active.open?.complete ? active.open.frames : [];
    const ends = frames.length > 1 ? [frames[0], frames.at(-1)].map(placeFrame) : [];
    return svg`<g fill="none" stroke="var(--filmless-overlay-accent)">
      ${ends.map((end) => (end ? this.#line(cell, target, end, 'localiser-end') : nothing))}
      ${this.#line(cell, target, current, 'localiser-current')}
    </g>`;
  }

  #line(cell: Cell, target: PlacedFrame, source: PlacedFrame, name: string): SVGTemplateResult | typeof nothing {
    if (!sameFrameOfReference(target.frame, source.frame)) return nothing;
    const line = localiserLine(target, source);
    const from = line && cell.toScreen(line[0]);
    const to = line && cell.toScreen(line[1]);
    if (!from || !to) return nothing;
    const strong = name === 'localiser-current';
    return svg`<line class=${name} x1=${from[0]} y1=${from[1]} x2=${to[0]} y2=${to[1]}
      stroke-width=${strong ? 2 : 1} stroke-dasharray=${strong ? 'none' : '4 4'} opacity=${strong ? 1 : 0.7} />`;
  }
}
