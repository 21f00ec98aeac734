import type { DicomWebClient, Size } from '../client/dicomweb-client.ts';
import type { Frame } from '../dicom/frame.ts';
import { isAbort, ViewerError } from '../errors.ts';
import type { CellState } from './cell-state.ts';
import type { CellSurface, StartAt } from './cell-surface.ts';
import { deviceSize } from './image-map.ts';
import type { Preview } from './study-session.ts';

/** What a preview needs of its cell. */
export interface PreviewCell {
  readonly state: CellState;
  readonly surface: CellSurface | undefined;
  readonly size: Size;
}

/** The server's picture of an image, in the place of its pixels until these are there. */
export class CellPreview {
  readonly #cell: PreviewCell;
  readonly #listener: { changed(): void; painted(): void };
  #painting: Promise<void> | undefined;
  #url: string | undefined;

  constructor(cell: PreviewCell, listener: { changed(): void; painted(): void }) {
    this.#cell = cell;
    this.#listener = listener;
  }

  /** Resolves when the picture is on the screen, or cannot be. */
  get painting(): Promise<void> | undefined {
    return this.#painting;
  }

  /** Puts a picture on the screen, unless the cell is for something else, or further. */
  show(preview: Preview): void {
    const { state, surface } = this.#cell;
    const { study, series } = preview.location;
    if (state.view || state.error || state.why !== undefined) return;
    if ((state.series !== '' && state.series !== series) || (state.study !== '' && state.study !== study)) return;
    if (state.start && !isOf(preview, state.start)) return;
    state.preview = preview;
    state.previewPainted = false;
    this.#painting = (surface?.painted() ?? Promise.resolve()).then(
      () => {
        if (this.#cell.state.preview !== preview) return;
        this.#cell.state.previewPainted = true;
        this.#listener.painted();
        this.#listener.changed();
      },
      () => {
        // A picture that the browser cannot decode: the stored pixels come anyway.
        if (this.#cell.state.preview === preview) this.#cell.state.preview = undefined;
        this.#listener.changed();
      },
    );
    this.#listener.changed();
  }

  /**
   * Asks for the picture of the image to begin with: for the first series where the server did not say which image represents the study, and
   * for every series on slow lines.
   */
  async request(client: DicomWebClient | undefined, frame: Frame, signal: AbortSignal): Promise<void> {
    const { state } = this.#cell;
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance } = frame;
    const location = { study, series, instance, frame: frame.numberOfFrames > 1 ? frame.frameNumber : undefined };
    try {
      const picture = await client?.rendered(location, deviceSize(this.#cell.size), { signal });
      if (!picture || this.#cell.state !== state || state.preview) return;
      this.#url = URL.createObjectURL(picture.blob);
      this.show({ url: this.#url, location });
    } catch (error) {
      // The stored pixels are on their way: they tell when something is wrong.
      if (!isAbort(error) && !(error instanceof ViewerError)) throw error;
    }
  }

  /** The cell is for something else from now on: a picture of just that stays. */
  pass(before: CellState, after: CellState): void {
    const { preview } = before;
    const stays = preview?.location.series === after.series && (!after.start || isOf(preview, after.start));
    if (stays) Object.assign(after, { preview, previewPainted: before.previewPainted });
    else this.drop();
  }

  /** No other image's picture stands in the place of this one. */
  keepOnly(frame: Frame | undefined): void {
    const { state } = this.#cell;
    const wanted = frame && { instance: frame.SOPInstanceUID, frame: frame.frameNumber };
    if (state.preview && (!wanted || !isOf(state.preview, wanted))) state.preview = undefined;
  }

  drop(): void {
    this.#painting = undefined;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
  }
}

function isOf({ location }: Preview, { instance, frame = 1 }: StartAt): boolean {
  return location.instance === instance && (location.frame ?? 1) === frame;
}
