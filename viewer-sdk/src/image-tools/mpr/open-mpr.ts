import { assetBase } from '../../client/asset-base.ts';
import { PRIORITY } from '../../client/request-queue.ts';
import type { DisplayWindow } from '../../dicom/frame.ts';
import { volumeGeometry } from '../../dicom/volume.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { FilmlessMpr } from './mpr-element.ts';
import type { Voxels } from './reslice.ts';
import { mprText } from './texts.ts';
import { Volume } from './volume.ts';
import type { VoxelType } from './volume-protocol.ts';

/** As many slices are asked for at once; the request queue has the last word. */
const RUNNERS = 4;
const TAG_NAME = 'filmless-viewer-mpr';

/** The mode of one viewer that shows three planes in the place of its images. */
export class MprMode {
  readonly #viewer: ViewerContext;
  #open:
    | { readonly element: FilmlessMpr; readonly controller: AbortController; volume: Volume | undefined }
    | undefined;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
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
    open.controller.abort();
    open.volume?.dispose();
    open.element.remove();
    this.#viewer.requestUpdate();
  }

  async #show(cell: Cell): Promise<void> {
    const viewer = this.#viewer;
    const { open, stack, view } = cell;
    const refuse = (reason: Parameters<typeof mprText>[1]) => viewer.notify(mprText(viewer.locale, reason), 'error');
    if (!open || !stack || !view) return;
    if (!open.complete) return refuse('waiting');
    const geometry = volumeGeometry(open.frames);
    if (typeof geometry === 'string') return refuse(geometry);
    // Slices stay in the cache, and once more in the volume.
    if (stack.capacity() < geometry.order.length * 2) return refuse('memory');
    const cells = viewer.element.shadowRoot?.querySelector('.cells');
    if (!cells) return;
    if (!customElements.get(TAG_NAME)) customElements.define(TAG_NAME, FilmlessMpr);
    const element = new FilmlessMpr();
    const controller = new AbortController();
    const current = { element, controller, volume: undefined as Volume | undefined };
    this.#open = current;
    Object.assign(element, { locale: viewer.locale, frame: view.frame, view, geometry, count: geometry.order.length });
    element.addEventListener('mpr-close', () => this.close());
    element.addEventListener('mpr-window', (event) => stack.setWindow((event as CustomEvent<DisplayWindow>).detail));
    // Presets, inversion and curve are those of the series behind.
    const end = viewer.on('rendered', ({ cell: drawn }) => {
      if (drawn === cell && drawn.view) element.view = drawn.view;
    });
    controller.signal.addEventListener('abort', end, { once: true });
    cells.append(element);
    element.focus();
    viewer.requestUpdate();
    const queue = geometry.order.map((index, place) => ({ index, place }));
    const load = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await stack.load(next.index, PRIORITY.soon, controller.signal);
        const grid = stack.pixels(next.index);
        if (controller.signal.aborted || this.#open !== current) return;
        if (!grid) throw new Error('a slice left the cache');
        const data = grid.data as Voxels;
        current.volume ??= this.#volume(geometry.size, data.constructor.name as VoxelType);
        current.volume.put(next.place, data);
        element.loaded += 1;
      }
    };
    try {
      await Promise.all(Array.from({ length: RUNNERS }, load));
    } catch {
      if (this.#open !== current) return;
      this.close();
      return refuse('incomplete');
    }
    if (this.#open !== current || !current.volume) return;
    const slices = geometry.order.map((index) => stack.pixels(index));
    if (slices.some((slice) => slice?.data.constructor !== slices[0]?.data.constructor)) {
      this.close();
      return refuse('mixed');
    }
    element.begin(current.volume, slices);
  }

  #volume(size: readonly [number, number, number], type: VoxelType): Volume {
    const { client, locale } = this.#viewer;
    const script = new URL('mpr/volume-worker.js', assetBase(client?.urls.server ?? '')).href;
    return new Volume(script, size, type, () => {
      this.close();
      this.#viewer.notify(mprText(locale, 'incomplete'), 'error');
    });
  }
}
