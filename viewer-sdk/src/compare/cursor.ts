import { type SVGTemplateResult, svg } from 'lit';
import type { Vector } from '../dicom/vector.ts';
import type { Cell, CellDrag, CellLayer, CellPointer, ViewerContext, ViewerTool } from '../extension/contract.ts';
import { isOnImage, liesInSlice, nearestSlice, placeFrame, toImagePoint, toPatient } from './geometry.ts';

/** A place in the patient, in the coordinates of one Frame of Reference. */
interface Mark {
  readonly position: Vector;
  readonly frameOfReferenceUID: string;
}

const ARM_PX = 14;
const GAP_PX = 4;

/** The 3D cursor: a press on one image shows the same place of the patient on all images of its frame of reference. */
export class Cursor3d implements ViewerTool, CellLayer {
  readonly id = 'cursor3d';
  readonly cursor = 'crosshair';
  readonly order = 35;
  readonly #viewer: ViewerContext;
  #mark: Mark | undefined;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  down(pointer: CellPointer): CellDrag | undefined {
    if (!this.#point(pointer)) return undefined;
    return {
      move: (moved) => void (moved.cell === pointer.cell && this.#point(moved)),
      up: () => undefined,
      cancel: () => undefined,
    };
  }

  escape(): boolean {
    const had = this.#mark !== undefined;
    this.forget();
    return had;
  }

  leave(): void {
    this.forget();
  }

  /** Takes the cross away. */
  forget(): void {
    this.#mark = undefined;
    for (const cell of this.#viewer.cells) cell.redraw();
  }

  render(cell: Cell): SVGTemplateResult | undefined {
    const mark = this.#mark;
    const frame = cell.view?.frame;
    const placed = placeFrame(frame);
    if (!mark || !placed || placed.plane.frameOfReferenceUID !== mark.frameOfReferenceUID) return undefined;
    // A cross on a slice that the place is not in would say something untrue.
    const frames = cell.open?.frames ?? [];
    if (!liesInSlice(frames, cell.view?.index ?? 0, mark.position)) return undefined;
    const point = toImagePoint(placed, mark.position);
    const at = isOnImage(placed, point) ? cell.toScreen(point) : undefined;
    if (!at) return undefined;
    const [x, y] = at;
    const arms = [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const;
    return svg`<g class="cursor3d" data-x=${x} data-y=${y} stroke="var(--filmless-overlay-progress)" stroke-width="2">
      ${arms.map(
        ([dx, dy]) =>
          svg`<line x1=${x + dx * GAP_PX} y1=${y + dy * GAP_PX} x2=${x + dx * ARM_PX} y2=${y + dy * ARM_PX} />`,
      )}
    </g>`;
  }

  #point({ cell, image }: CellPointer): boolean {
    const placed = placeFrame(cell.view?.frame);
    const frameOfReferenceUID = placed?.plane.frameOfReferenceUID;
    if (!placed || frameOfReferenceUID === undefined || !isOnImage(placed, image)) return false;
    const position = toPatient(placed, image);
    this.#mark = { position, frameOfReferenceUID };
    for (const other of this.#viewer.cells) {
      const frames = other.open?.frames ?? [];
      const same = frames[0]?.plane?.frameOfReferenceUID === frameOfReferenceUID;
      const nearest = other === cell || !same ? undefined : nearestSlice(frames, position, other.view?.index);
      if (nearest && nearest.index !== other.view?.index) void other.show(nearest.index);
      other.redraw();
    }
    return true;
  }
}
