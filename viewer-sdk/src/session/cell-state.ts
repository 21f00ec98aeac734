import type { Frame } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { ViewState } from '../engine/contract.ts';
import type { ViewerError } from '../errors.ts';
import type { OpenSeries } from './series-reader.ts';
import type { Preview } from './study-session.ts';

/** Everything one cell shows of one series. Another series starts with another state. */
export class CellState {
  readonly study: string;
  /** The series on the screen, or on its way there; empty for an empty cell. */
  readonly series: string;
  open: OpenSeries | undefined;
  preview: Preview | undefined;
  /** Whether the preview is painted. */
  previewPainted = false;
  /** What the engine shows: the one source of overlay and banner. */
  view: ViewState | undefined;
  /** The frame asked for last, -1 before the first. */
  wanted = -1;
  loaded: readonly boolean[] = [];
  /** The series cannot be read. */
  error: ViewerError | undefined;
  /** The wanted image alone cannot be shown. */
  imageError: ViewerError | undefined;
  /** The instance shown by a renderer in the place of the image. */
  object: JsonDataset | undefined;

  constructor(study = '', series = '') {
    this.study = study;
    this.series = series;
  }

  /** The frame on the screen: the engine's, or the preview's once its metadata is there. */
  get shownFrame(): Frame | undefined {
    if (this.error || this.object) return undefined;
    if (this.view) return this.view.frame;
    if (!this.previewPainted || !this.preview) return undefined;
    const { instance, frame } = this.preview.location;
    return this.open?.frames.find(
      ({ SOPInstanceUID, frameNumber }) => SOPInstanceUID === instance && frameNumber === (frame ?? 1),
    );
  }

  /** Whose data are on the screen. */
  get shownDataset(): JsonDataset | undefined {
    return this.object ?? this.shownFrame?.dataset;
  }

  get count(): number {
    return this.open?.frames.length ?? 0;
  }
}
