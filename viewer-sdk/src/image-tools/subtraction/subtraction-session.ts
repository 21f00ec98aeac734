import type { Frame } from '../../dicom/frame.ts';
import { type MaskOperation, maskFramesOf, maskOperations, needsLogarithm } from '../../dicom/mask-subtraction.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';

/** The mask of one run as it is set in one cell. */
export interface MaskSettings {
  readonly operation: MaskOperation;
  /** Chosen by hand: the file's own range and operation no longer hold. */
  readonly byHand: boolean;
  readonly logarithmic: boolean;
}

/** Subtraction in every cell of one viewer: what is on, and with which mask. */
export class SubtractionSession {
  readonly #viewer: ViewerContext;
  /** By cell, then by the run's SOP Instance UID. Kept while the series stays. */
  #cells = new Map<string, { readonly series: string; readonly runs: Map<string, MaskSettings>; on: boolean }>();

  /** What the engine was told last, by cell. */
  readonly #applied = new Map<string, { readonly run: string; readonly frames: readonly Frame[] }>();

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  clear(): void {
    this.#cells.clear();
    this.#applied.clear();
  }

  /** Whether the shown frame belongs to a run that can be subtracted: several grey frames in one instance. */
  available({ view }: Cell): boolean {
    return view !== undefined && view.frame.numberOfFrames > 1 && isGrey(view.frame);
  }

  isOn(cell: Cell): boolean {
    return this.#of(cell).on && this.available(cell);
  }

  settings(cell: Cell): MaskSettings | undefined {
    const frame = cell.view?.frame;
    return frame && this.#settingsOf(cell, frame);
  }

  toggle(cell: Cell): void {
    const state = this.#of(cell);
    state.on = !state.on;
    this.#apply(cell);
  }

  /** Changes the mask of the shown run, and subtracts. */
  change(cell: Cell, change: Partial<Omit<MaskSettings, 'operation'>> & { operation?: Partial<MaskOperation> }): void {
    const frame = cell.view?.frame;
    if (!frame) return;
    const state = this.#of(cell);
    const before = this.#settingsOf(cell, frame);
    const operation = { ...before.operation, ...change.operation };
    state.runs.set(frame.SOPInstanceUID, { ...before, ...change, operation });
    state.on = true;
    this.#apply(cell);
  }

  /** As the file has it. */
  reset(cell: Cell): void {
    const frame = cell.view?.frame;
    if (frame) this.#of(cell).runs.delete(frame.SOPInstanceUID);
    this.#apply(cell);
  }

  /** The frame that is shown becomes the mask of all others. */
  useShown(cell: Cell): void {
    const number = cell.view?.frame.frameNumber;
    if (number === undefined) return;
    this.change(cell, { byHand: true, operation: { operation: 'AVG_SUB', ranges: [], maskFrames: [number] } });
  }

  /** @param x pixels of the image, to the right */
  shiftBy(cell: Cell, x: number, y: number): void {
    const shift = this.settings(cell)?.operation.shift;
    if (!shift) return;
    const moved = (value: number, by: number): number => Math.round((value + by) * 100) / 100;
    this.change(cell, { operation: { shift: [moved(shift[0], x), moved(shift[1], y)] } });
  }

  #of(cell: Cell) {
    const series = cell.series?.SeriesInstanceUID ?? '';
    const known = this.#cells.get(cell.id);
    if (known?.series === series) return known;
    const fresh = { series, runs: new Map<string, MaskSettings>(), on: false };
    this.#cells.set(cell.id, fresh);
    return fresh;
  }

  #settingsOf(cell: Cell, frame: Frame): MaskSettings {
    const known = this.#of(cell).runs.get(frame.SOPInstanceUID);
    if (known) return known;
    const given = maskOperations(frame.dataset)[0];
    const first: MaskOperation = { operation: 'AVG_SUB', ranges: [], maskFrames: [1], offset: 1, shift: [0, 0] };
    return { operation: given ?? first, byHand: given === undefined, logarithmic: needsLogarithm(frame) };
  }

  /** Frames of other runs in the same series are subtracted by their own masks; shift and logarithm are those of the shown run. */
  #apply(cell: Cell): void {
    const { stack, open, view } = cell;
    const own = this.settings(cell);
    if (!stack || !open || !view) return;
    this.#applied.set(cell.id, { run: view.frame.SOPInstanceUID, frames: open.frames });
    if (!this.isOn(cell) || !own) {
      stack.setSubtraction(undefined);
      this.#viewer.requestUpdate();
      return;
    }
    const { frames } = open;
    const run = view.frame.SOPInstanceUID;
    const places = new Map(
      frames.flatMap((frame, index) => (frame.SOPInstanceUID === run ? [[frame.frameNumber, index] as const] : [])),
    );
    stack.setSubtraction({
      masksOf: (index) => {
        const frame = frames[index];
        if (frame?.SOPInstanceUID !== run) return [];
        const wanted = maskFramesOf(own.operation, frame.frameNumber, frame.numberOfFrames);
        return wanted.map((number) => places.get(number) ?? -1).filter((place) => place >= 0);
      },
      shift: own.operation.shift,
      logarithmic: own.logarithmic,
    });
    this.#viewer.requestUpdate();
  }

  /** Another run in a cell, or more of the series known: masks are places in the stack. */
  readonly rendered = ({ cell }: { readonly cell: Cell }): void => {
    const { view } = cell;
    const state = this.#cells.get(cell.id);
    if (!view || !state?.on || state.series !== cell.series?.SeriesInstanceUID) return;
    const applied = this.#applied.get(cell.id);
    if (applied?.run !== view.frame.SOPInstanceUID || applied.frames !== cell.open?.frames) this.#apply(cell);
  };
}

const isGrey = ({ pixels, palette }: Frame): boolean => pixels.samplesPerPixel === 1 && !palette;
