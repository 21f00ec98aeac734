import type { nothing, TemplateResult } from 'lit';
import type { CellLayer } from '../extension/contract.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';

/** What the viewer's other parts put into a cell; they come after the first image is on the screen. */
export interface CellUi {
  /** The active tool and its CSS cursor. */
  readonly tool: string;
  readonly cursor: string | undefined;
  /** Lower ones first. */
  readonly layers: readonly CellLayer[];
  /** What covers the image, or lies at its upper edge: failures, empty states, what is on its way. */
  message(cell: ViewerCell): TemplateResult | typeof nothing;
  /** The bar beside the image. */
  scrollbar(cell: ViewerCell): TemplateResult | typeof nothing;
  /** Where an object is drawn instead of an image. */
  object(cell: ViewerCell): TemplateResult | typeof nothing;
  /** The cell was drawn: what is put into it by hand can be. */
  drawn(cell: ViewerCell, root: ParentNode): void;
  /** Listens to mouse, pen and touch on the image area. @returns ends it */
  attach(area: HTMLElement, cell: ViewerCell): () => void;
}
