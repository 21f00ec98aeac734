import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { SlideLevel } from './pyramid.ts';

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const NATIVE = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99']);
/** Of 256 × 256 pixels these are 100 MB: what a ward PC can spare. */
const MOST_TILES = 400;

/** The tiles of one slide, fetched when they come into sight. */
export class TileStore {
  /** A tile came. */
  onLoaded: (() => void) | undefined;
  readonly #client: DicomWebClient;
  readonly #place: { readonly study: string; readonly series: string };
  readonly #tiles = new Map<string, ImageBitmap>();
  readonly #loading = new Map<string, AbortController>();
  readonly #failed = new Set<string>();

  constructor(client: DicomWebClient, place: { readonly study: string; readonly series: string }) {
    this.#client = client;
    this.#place = place;
  }

  /** The tile if it is there; what was used last is kept longest. */
  get(level: SlideLevel, frame: number): ImageBitmap | undefined {
    const key = `${level.instance}/${frame}`;
    const tile = this.#tiles.get(key);
    if (tile) {
      this.#tiles.delete(key);
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  /** Says which tiles are in sight: these are fetched, the others are no longer waited for. */
  want(wanted: readonly { readonly level: SlideLevel; readonly frame: number }[]): void {
    const keys = new Set(wanted.map(({ level, frame }) => `${level.instance}/${frame}`));
    for (const [key, controller] of this.#loading) if (!keys.has(key)) controller.abort();
    for (const { level, frame } of wanted) {
      const key = `${level.instance}/${frame}`;
      if (this.#tiles.has(key) || this.#loading.has(key) || this.#failed.has(key)) continue;
      const controller = new AbortController();
      this.#loading.set(key, controller);
      void this.#load(key, level, frame, controller);
    }
  }

  dispose(): void {
    for (const controller of this.#loading.values()) controller.abort();
    for (const tile of this.#tiles.values()) tile.close();
    this.#tiles.clear();
    this.onLoaded = undefined;
  }

  async #load(key: string, level: SlideLevel, frame: number, controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      const tile = await this.#fetch(level, frame, signal);
      if (signal.aborted) {
        tile.close();
        return;
      }
      this.#tiles.set(key, tile);
      for (const [oldest, old] of this.#tiles) {
        if (this.#tiles.size <= MOST_TILES) break;
        this.#tiles.delete(oldest);
        old.close();
      }
      this.onLoaded?.();
    } catch {
      // A tile that cannot be had stays empty; it is not asked for again and again.
      if (!signal.aborted) this.#failed.add(key);
    } finally {
      if (this.#loading.get(key) === controller) this.#loading.delete(key);
    }
  }

  /** As stored where the browser can decode it rightly; rendered by the server otherwise. */
  async #fetch(level: SlideLevel, frame: number, signal: AbortSignal): Promise<ImageBitmap> {
    const location = { ...this.#place, instance: level.instance, frame };
    const { format } = level;
    const isColour = format.samplesPerPixel === 3 && format.bitsAllocated === 8;
    if (isColour && format.transferSyntaxUID === JPEG_BASELINE && format.photometricInterpretation.startsWith('YBR')) {
      const { bytes } = await this.#client.frame(location, { signal });
      return createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    }
    if (isColour && NATIVE.has(format.transferSyntaxUID) && format.photometricInterpretation === 'RGB') {
      const { bytes } = await this.#client.frame(location, { signal });
      return createImageBitmap(rgbImage(bytes, level.tileColumns, level.tileRows, format.planarConfiguration === 1));
    }
    const { blob } = await this.#client.rendered(
      location,
      { width: level.tileColumns, height: level.tileRows },
      { signal },
    );
    return createImageBitmap(blob);
  }
}

/** @throws Error when there are not enough samples */
export function rgbImage(bytes: Uint8Array, columns: number, rows: number, isPlanar: boolean): ImageData {
  const size = columns * rows;
  if (bytes.length < size * 3) throw new Error('tile too short');
  const image = new ImageData(columns, rows);
  const [step, plane] = isPlanar ? [1, size] : [3, 1];
  for (let pixel = 0; pixel < size; pixel += 1) {
    const at = pixel * step;
    image.data[pixel * 4] = bytes[at] ?? 0;
    image.data[pixel * 4 + 1] = bytes[at + plane] ?? 0;
    image.data[pixel * 4 + 2] = bytes[at + 2 * plane] ?? 0;
    image.data[pixel * 4 + 3] = 255;
  }
  return image;
}
