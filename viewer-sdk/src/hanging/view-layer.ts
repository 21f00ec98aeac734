import { type SVGTemplateResult, svg } from 'lit';
import { outerSide } from '../elements/overlay-text.ts';
import type { Cell, CellLayer, ViewerContext } from '../extension/contract.ts';
import { describeCandidate } from './candidate.ts';
import { hangingText } from './texts.ts';

/** In cells narrower than this, in CSS pixels, the breast comes near the edge. */
const NARROW_PX = 420;

/**
 * Names side and view on every mammogram, from its own header: whoever scrolls to another view of the series, or drags one into another
 * place, reads at once what it is. A header that contradicts itself is said to do so.
 */
export class ViewLayer implements CellLayer {
  readonly id = 'mammogram-view';
  readonly order = 94;
  readonly #viewer: ViewerContext;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  render(cell: Cell): SVGTemplateResult | undefined {
    if (cell.view?.frame.modality !== 'MG') return undefined;
    const { frame } = cell.view;
    const { view, laterality, contradictory } = describeCandidate(frame.dataset, { prior: 0, slices: 1, single: true });
    const label = contradictory
      ? hangingText(this.#viewer.locale, 'checkSide')
      : [laterality, view].filter((part) => part !== undefined).join(' ');
    if (label === '') return undefined;
    // On the side away from the chest wall, where the image is black; between what stands at the corners.
    const right = (outerSide(frame, cell.view.screen) ?? (laterality === 'L' ? 'right' : 'left')) === 'right';
    const narrow = cell.size.width < NARROW_PX;
    // Beside the letter of the edge.
    const inset = narrow ? 28 : 40;
    return svg`<text
      class="mammogram-view"
      x=${right ? cell.size.width - inset : inset}
      y=${cell.size.height / 2 + 7}
      text-anchor=${right ? 'end' : 'start'}
      font-size=${contradictory || narrow ? 15 : 20}
      font-weight="700"
      fill=${contradictory ? 'var(--filmless-state-critical)' : 'var(--filmless-overlay-text)'}
      stroke="var(--filmless-image-background)"
      stroke-width="3"
      paint-order="stroke"
    >${label}</text>`;
  }
}
