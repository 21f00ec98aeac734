import { html, nothing, type TemplateResult } from 'lit';
import { type JsonDataset, text } from '../dicom/json.ts';
import { toViewerError } from '../errors.ts';
import type { ObjectRenderer, ViewerContext } from '../extension/contract.ts';
import type { ExtensionHost } from '../extension/host.ts';
import type { OpenSeries } from '../session/series-reader.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import { renderMessage } from './message.ts';
import { benchText } from './texts.ts';

/** What a renderer put into a cell. */
interface Mounted {
  readonly host: HTMLElement;
  readonly dataset: JsonDataset;
  readonly renderer: ObjectRenderer;
  /** Set when it could not draw. */
  error?: string;
  ended: boolean;
  dispose?: () => void;
}

/** Mounts objects that are no images into the cells' image areas, and offers the choice where a series holds several. */
export class BenchObjects {
  readonly #extensions: ExtensionHost;
  readonly #context: ViewerContext;
  readonly #mounted = new Map<ViewerCell, Mounted>();
  /** Series looked at already: whoever went back to the images is not sent to the object again. */
  readonly #settled = new WeakSet<OpenSeries>();

  constructor(extensions: ExtensionHost, context: ViewerContext) {
    this.#extensions = extensions;
    this.#context = context;
  }

  dispose(): void {
    for (const cell of [...this.#mounted.keys()]) this.#unmount(cell);
  }

  /** Opens what a series has instead of images; once its instances are known. */
  choose(cell: ViewerCell): void {
    const { state } = cell;
    const { open } = state;
    if (!open?.complete || state.object || state.error || this.#settled.has(open)) return;
    this.#settled.add(open);
    const first = open.frames[0]?.dataset;
    const instead = first && this.#renderer(first)?.beforeImages ? first : undefined;
    const object = instead ?? (open.frames.length === 0 ? this.#shown(cell)[0] : undefined);
    if (object) cell.showObject(object);
  }

  /** Looks once more, when renderers came or went: one that knows the object better takes the place of another. */
  reconsider(cells: readonly ViewerCell[]): void {
    for (const cell of cells) {
      if (cell.state.open && !cell.state.object) this.#settled.delete(cell.state.open);
      this.choose(cell);
      cell.redraw();
    }
  }

  /** The object's place, and the choice where there is more than one thing to show. */
  render(cell: ViewerCell): TemplateResult | typeof nothing {
    const { object, count, error } = cell.state;
    if (error) return nothing;
    const objects = this.#shown(cell);
    const images = count > 0 && !(object && object === cell.state.open?.frames[0]?.dataset);
    const several = objects.length + (images ? 1 : 0) > 1;
    if (!object) return several ? this.#chooser(cell, objects, images) : nothing;
    const failed = this.#mounted.get(cell)?.error;
    return html`<div class="object ${several ? 'chosen' : ''}"></div>
      ${failed === undefined ? nothing : renderMessage({ icon: 'critical', kind: 'critical', title: this.#text('renderFailed'), code: failed })}
      ${several ? this.#chooser(cell, objects, images) : nothing}`;
  }

  /** Called after a cell was drawn: its object's place exists now, or is gone. */
  mount(cell: ViewerCell, root: ParentNode): void {
    const { object } = cell.state;
    const mounted = this.#mounted.get(cell);
    const renderer = object && this.#renderer(object);
    if (mounted && (mounted.dataset !== object || mounted.renderer !== renderer || !mounted.host.isConnected))
      this.#unmount(cell);
    if (!object || this.#mounted.has(cell)) return;
    const host = root.querySelector<HTMLElement>('.object');
    if (host && renderer) void this.#mount(cell, { host, dataset: object, renderer, ended: false });
  }

  async #mount(cell: ViewerCell, mounted: Mounted): Promise<void> {
    this.#mounted.set(cell, mounted);
    const { host, dataset, renderer } = mounted;
    const uid = (keyword: Parameters<typeof text>[1]) => text(dataset, keyword) ?? '';
    try {
      const instance = {
        dataset,
        StudyInstanceUID: uid('StudyInstanceUID'),
        SeriesInstanceUID: uid('SeriesInstanceUID'),
        SOPInstanceUID: uid('SOPInstanceUID'),
      };
      const drawn = await renderer.mount(host, instance, this.#context);
      // It came late: the cell shows something else already.
      if (mounted.ended) drawn.dispose();
      else mounted.dispose = () => drawn.dispose();
    } catch (error) {
      if (mounted.ended) return;
      host.replaceChildren();
      mounted.error = toViewerError(error, 'VIEWER_IMAGE_UNREADABLE').code;
      cell.redraw();
    }
  }

  #unmount(cell: ViewerCell): void {
    const mounted = this.#mounted.get(cell);
    if (!mounted) return;
    this.#mounted.delete(cell);
    mounted.ended = true;
    try {
      mounted.dispose?.();
    } catch (error) {
      reportError(error);
    }
    mounted.host.replaceChildren();
  }

  #renderer(dataset: JsonDataset): ObjectRenderer | undefined {
    const { renderers, settled } = this.#extensions;
    return renderers.find((renderer) => (settled || !renderer.lastResort) && renderer.matches(dataset));
  }

  /** The objects of a cell's series that can be shown. */
  #shown(cell: ViewerCell): JsonDataset[] {
    const { open } = cell.state;
    const first = open?.frames[0]?.dataset;
    const objects = (open?.objects ?? []).filter((dataset) => this.#renderer(dataset) !== undefined);
    return first && this.#renderer(first)?.beforeImages ? [first, ...objects] : objects;
  }

  #chooser(cell: ViewerCell, objects: readonly JsonDataset[], images: boolean): TemplateResult {
    const { object } = cell.state;
    const choose = (event: Event) => {
      const index = Number((event.target as HTMLSelectElement).value);
      const chosen = objects[index];
      if (chosen) cell.showObject(chosen);
      else cell.showImage();
    };
    return html`<select class="objects" aria-label=${this.#text('objects')} @change=${choose}>
      ${images ? html`<option value="-1" ?selected=${!object}>${this.#text('objectImages')}</option>` : nothing}
      ${objects.map(
        (dataset, index) =>
          html`<option value=${index} ?selected=${dataset === object}>${objectName(dataset, index)}</option>`,
      )}
    </select>`;
  }

  #text(key: Parameters<typeof benchText>[1]): string {
    return benchText(this.#context.locale, key);
  }
}

function objectName(dataset: JsonDataset, index: number): string {
  const number = text(dataset, 'InstanceNumber') ?? String(index + 1);
  return [text(dataset, 'Modality'), number, text(dataset, 'SeriesDescription')].filter(Boolean).join('  ');
}
