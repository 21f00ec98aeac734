import { type SVGTemplateResult, svg } from 'lit';
import { formatDate } from '../dicom/format.ts';
import { text } from '../dicom/json.ts';
import { outerSide } from '../elements/overlay-text.ts';
import type { Cell, CellLayer, ViewerContext } from '../extension/contract.ts';
import { compareText } from './texts.ts';

/** Narrower than this, in CSS pixels, the text of the two corners meets. */
const NARROW_PX = 420;

/** Says above each image from which exam it is, as soon as there are two on the screen. The date is the image's own. */
export class DateLayer implements CellLayer {
  readonly id = 'compare-date';
  readonly order = 95;
  readonly #viewer: ViewerContext;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  render(cell: Cell): SVGTemplateResult | undefined {
    const { cells, locale, study: own } = this.#viewer;
    const { view } = cell;
    const frame = view?.frame;
    const studies = new Set(cells.flatMap(({ view }) => view?.frame.StudyInstanceUID ?? []));
    if (!view || !frame || !own || studies.size < 2) return undefined;
    const current = frame.StudyInstanceUID === own.StudyInstanceUID;
    const date = text(frame.dataset, 'StudyDate') ?? '';
    const shown = formatDate(date) || compareText(locale, 'undated');
    const earlier = date !== '' && date <= own.date;
    const label = current
      ? `${compareText(locale, 'current')} ${shown}`
      : compareText(locale, earlier ? 'priorDate' : 'laterDate', { date: shown });
    const { width, height } = cell.size;
    // Away from the breast: under the name of the view, or, where the corner has few lines, under these.
    const outer = outerSide(frame, view.screen);
    const [inset, down] = width < NARROW_PX ? [7, 82] : [40, height / 2 + 26];
    const [x, y, anchor] = outer
      ? [outer === 'left' ? inset : width - inset, down, outer === 'left' ? 'start' : 'end']
      : [width / 2, width < NARROW_PX ? 60 : 40, 'middle'];
    // The upper corners carry text of their own: in the middle below the orientation letter there is room, in narrow cells further down.
    return svg`<text
      class="compare-date"
      x=${x}
      y=${y}
      text-anchor=${anchor}
      font-size="13"
      font-weight="600"
      fill=${current ? 'var(--filmless-overlay-text)' : 'var(--filmless-overlay-accent)'}
      stroke="var(--filmless-image-background)"
      stroke-width="3"
      paint-order="stroke"
    >${label}</text>`;
  }
}
