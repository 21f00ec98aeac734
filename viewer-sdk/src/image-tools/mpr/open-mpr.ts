import { assetBase } from '../../client/asset-base.ts';
import { PRIORITY } from '../../client/request-queue.ts';
import type { DisplayWindow } from '../../dicom/frame.ts';
import { volumeGeometry } from '../../dicom/volume.ts';
import type { PixelGrid } from '../../engine/contract.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { FilmlessMpr } from './mpr-element.ts';
import type { Voxels } from './reslice.ts';
import { mprText } from './texts.ts';
import { Volume } from './volume.ts';
import type { VoxelType } from './volume-protocol.ts';

/** As many slices are asked for at once; the request queue has the last word. */
const RUNNERS = 4;
const TAG_NAME = 'filmless-viewer-mpr';

/** What is open at the moment. */
interface OpenPlanes {
  readonly element: FilmlessMpr;
  readonly cell: Cell;
  readonly series: string;
  readonly controller: AbortController;
  volume: Volume | undefined;
  type: VoxelType | undefined;
  /** Takes the element away. */
  remove: () => void;
  /** Gives back the volume's memory. */
  release: (() => void) | undefined;
}

class NoVolumeError extends Error {
  readonly reason: 'memory' | 'mixed';

  constructor(reason: 'memory' | 'mixed') {
    super(reason);
    this.reason = reason;
  }
}

/** The mode of one viewer that shows three planes in the place of its images. */
export class MprMode {
  readonly #viewer: ViewerContext;
  #open: OpenPlanes | undefined;
  /** What was measured in the planes of a series, while its study is open: whoever comes back to the planes finds it. */
  readonly #measures = new Map<string, FilmlessMpr['measures']>();

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
    viewer.on('closed', () => {
      this.close();
      this.#measures.clear();
    });
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  toggle(): void {
    if (this.#open) this.close();
    else void this.#show(this.#viewer.active);
  }

  close(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#measures.set(open.series, open.element.measures);
    open.controller.abort();
    open.volume?.dispose();
    open.release?.();
    open.remove();
    this.#viewer.requestUpdate();
  }

  /** Another series in a cell, or more of the same: planes of the one before must not stand over it. */
  seriesChanged(cell: Cell): void {
    const open = this.#open;
    if (open && (open.cell === cell || !this.#viewer.cells.includes(open.cell))) this.close();
  }

  async #show(cell: Cell): Promise<void> {
    const viewer = this.#viewer;
    const { open, stack, view } = cell;
    const refuse = (reason: Parameters<typeof mprText>[1]) => viewer.notify(mprText(viewer.locale, reason), 'error');
    if (!open || !stack || !view) return;
    if (!open.complete) return refuse('waiting');
    const geometry = volumeGeometry(open.frames);
    if (typeof geometry === 'string') return refuse(geometry);
    if (!customElements.get(TAG_NAME)) customElements.define(TAG_NAME, FilmlessMpr);
    const element = new FilmlessMpr();
    const controller = new AbortController();
    const current: OpenPlanes = {
      element,
      cell,
      series: open.SeriesInstanceUID,
      controller,
      volume: undefined,
      type: undefined,
      remove: () => undefined,
      release: undefined,
    };
    this.#open = current;
    const measures = this.#measures.get(open.SeriesInstanceUID) ?? [];
    const count = geometry.order.length;
    Object.assign(element, { locale: viewer.locale, frame: view.frame, view, geometry, count, measures });
    element.addEventListener('mpr-close', () => this.close());
    element.addEventListener('mpr-window', (event) => stack.setWindow((event as CustomEvent<DisplayWindow>).detail));
    // Presets, inversion and curve are those of the series behind.
    const end = viewer.on('rendered', ({ cell: drawn }) => {
      if (drawn === cell && drawn.view) element.view = drawn.view;
    });
    controller.signal.addEventListener('abort', end, { once: true });
    current.remove = viewer.showInstead(element, () => this.close());
    viewer.requestUpdate();
    void element.updateComplete.then(() => element.focus());
    let padding: PixelGrid['padding'];
    const queue = geometry.order.map((index, place) => ({ index, place }));
    const load = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await stack.load(next.index, PRIORITY.soon, controller.signal);
        const grid = stack.pixels(next.index);
        if (controller.signal.aborted || this.#open !== current) return;
        if (!grid) throw new Error('a slice left the cache');
        const data = grid.data as Voxels;
        const type = data.constructor.name as VoxelType;
        if (!current.volume) {
          ({ padding } = grid);
          const [columns, rows, slices] = geometry.size;
          current.release = stack.reserve(columns * rows * slices * data.BYTES_PER_ELEMENT);
          if (!current.release) throw new NoVolumeError('memory');
          current.volume = this.#volume({ size: geometry.size, type, padding });
          current.type = type;
        }
        if (type !== current.type) throw new NoVolumeError('mixed');
        current.volume.put(next.place, data);
        element.loaded += 1;
      }
    };
    try {
      await Promise.all(Array.from({ length: RUNNERS }, load));
    } catch (error) {
      if (this.#open !== current) return;
      this.close();
      return refuse(error instanceof NoVolumeError ? error.reason : 'incomplete');
    }
    if (this.#open !== current || !current.volume) return;
    element.begin(current.volume, padding);
  }

  #volume(volume: ConstructorParameters<typeof Volume>[1]): Volume {
    const { client, locale } = this.#viewer;
    const script = new URL('mpr/volume-worker.js', assetBase(client?.urls.server ?? '')).href;
    return new Volume(script, volume, () => {
      this.close();
      this.#viewer.notify(mprText(locale, 'incomplete'), 'error');
    });
  }
}
