import { type SVGTemplateResult, svg } from 'lit';
import type { JsonElement } from '../dicom/json.ts';
import { type OverlayPlane, overlayPlanes, unpackPlane } from '../dicom/overlay-planes.ts';
import { bitmapShutterGroup, shutterPath, shutters } from '../dicom/shutter.ts';
import type { ViewState } from '../engine/contract.ts';
import type { Cell, CellLayer, ViewerContext } from '../extension/contract.ts';

const matrix = ({ a, b, c, d, e, f }: ViewState['toScreen']): string => `matrix(${a} ${b} ${c} ${d} ${e} ${f})`;

/** What the file says must not be seen is black, on whatever the image is drawn. */
export const shutterLayer: CellLayer = {
  id: 'shutters',
  order: 5,
  render({ view }) {
    if (!view) return undefined;
    const shapes = shutters(view.frame);
    if (shapes.length === 0) return undefined;
    const { columns, rows } = view.frame.pixels;
    return svg`<g class="shutter" transform=${matrix(view.toScreen)}>${shapes.map(
      (shape) =>
        svg`<path d=${shutterPath(shape, columns, rows)} fill="var(--filmless-image-background)" fill-rule="evenodd" />`,
    )}</g>`;
  },
};

/** The planes that are drawn over the image. */
function planesToSee({ frame }: ViewState): OverlayPlane[] {
  const shutter = bitmapShutterGroup(frame);
  return overlayPlanes(frame).filter(({ group }) => group !== shutter);
}

/** The picture of a plane, as an address for `<image>`. */
interface Picture {
  readonly url: string | undefined;
}

type Paint = '--filmless-overlay-accent' | '--filmless-image-background';

/** Draws the overlay planes of the file over its image. */
export class OverlayPlanes implements CellLayer {
  readonly id = 'overlayPlanes';
  readonly order = 10;
  shown = true;
  readonly #viewer: ViewerContext;
  readonly #bytes = new WeakMap<JsonElement, Promise<Uint8Array>>();
  readonly #pictures = new Map<string, Picture>();

  /** Closes what a plane of the file says must not be seen, whether overlays are shown or not. */
  readonly shutter: CellLayer;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
    this.shutter = {
      id: 'bitmapShutter',
      order: 6,
      render: (cell) => {
        const group = cell.view && bitmapShutterGroup(cell.view.frame);
        if (!cell.view || group === undefined) return undefined;
        const planes = overlayPlanes(cell.view.frame).filter((plane) => plane.group === group);
        return this.#drawing(cell, cell.view, planes, '--filmless-image-background');
      },
    };
  }

  /** Whether the shown image has any. */
  available(cell: Cell): boolean {
    return cell.view !== undefined && planesToSee(cell.view).length > 0;
  }

  clear(): void {
    for (const { url } of this.#pictures.values()) if (url) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }

  render(cell: Cell) {
    const { view } = cell;
    if (!view || !this.shown) return undefined;
    const planes = planesToSee(view);
    return planes.length === 0 ? undefined : this.#drawing(cell, view, planes, '--filmless-overlay-accent');
  }

  #drawing(cell: Cell, view: ViewState, planes: readonly OverlayPlane[], paint: Paint): SVGTemplateResult {
    const opaque = paint === '--filmless-image-background';
    return svg`<g class=${opaque ? 'shutter' : 'overlay-planes'} transform=${matrix(view.toScreen)}>${planes.map(
      (plane) => {
        const url = this.#picture(cell, view, plane, paint)?.url;
        return url
          ? svg`<image href=${url} x=${plane.x} y=${plane.y} width=${plane.columns} height=${plane.rows}
            preserveAspectRatio="none" image-rendering="pixelated" opacity=${!opaque && plane.type === 'region' ? 0.45 : 1} />`
          : undefined;
      },
    )}</g>`;
  }

  #picture(cell: Cell, { frame, index }: ViewState, plane: OverlayPlane, paint: Paint): Picture | undefined {
    const key = `${frame.SOPInstanceUID}/${frame.frameNumber}/${plane.group}`;
    const known = this.#pictures.get(key);
    if (known) return known;
    this.#pictures.set(key, { url: undefined });
    const { bits } = plane;
    const count = plane.rows * plane.columns;
    const embedded = 'embeddedBit' in bits ? cell.stack?.pixels(index)?.embedded?.get(bits.embeddedBit) : undefined;
    const pixels =
      'embeddedBit' in bits
        ? Promise.resolve(embedded)
        : this.#read(bits.element).then((bytes) => unpackPlane(bytes, bits.firstBit, count));
    void pixels
      .then((ones) => (ones && ones.length >= count ? this.#paint(plane, ones, paint) : undefined))
      .then((url) => {
        if (this.#pictures.has(key)) this.#pictures.set(key, { url });
        else if (url) URL.revokeObjectURL(url);
        cell.redraw();
      }, reportError);
    return undefined;
  }

  #read(element: JsonElement): Promise<Uint8Array> {
    const known = this.#bytes.get(element);
    if (known) return known;
    const { client } = this.#viewer;
    const bytes = client ? client.binary(element, {}) : Promise.reject(new Error('no server'));
    this.#bytes.set(element, bytes);
    bytes.catch(() => this.#bytes.delete(element));
    return bytes;
  }

  async #paint({ rows, columns }: OverlayPlane, ones: Uint8Array, paint: Paint): Promise<string> {
    const canvas = new OffscreenCanvas(columns, rows);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas to draw on');
    context.fillStyle = getComputedStyle(this.#viewer.element).getPropertyValue(paint);
    context.fillRect(0, 0, 1, 1);
    const [red = 255, green = 255, blue = 255] = context.getImageData(0, 0, 1, 1).data;
    const picture = context.createImageData(columns, rows);
    for (let index = 0; index < rows * columns; index += 1)
      if (ones[index]) picture.data.set([red, green, blue, 255], index * 4);
    context.putImageData(picture, 0, 0);
    return URL.createObjectURL(await canvas.convertToBlob());
  }
}
