import type { Frame } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { ViewState } from '../engine/contract.ts';
import type { ViewerError } from '../errors.ts';
import type { StartAt } from './cell-surface.ts';
import type { OpenSeries } from './series-reader.ts';
import type { Preview } from './study-session.ts';

/** Everything one cell shows of one series. Another series starts with another state. */
export class CellState {
  readonly study: string;
  /** The series on the screen, or on its way there; empty for an empty cell. */
  readonly series: string;
  /** Where it was opened. */
  readonly start: StartAt | undefined;
  /** The instances it is limited to: a place of a hanging protocol shows its view alone. */
  readonly only: readonly string[] | undefined;
  /** The frame to begin with, asked for while the series is on its way. */
  wish: StartAt | undefined;
  /** Why an empty cell is empty. */
  why: string | ((locale: string) => string) | undefined;
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

  constructor(study = '', series = '', start?: StartAt) {
    this.study = study;
    this.series = series;
    this.start = start;
    this.only = start?.only;
  }

  /** Whether it is for just this, and did not fail. */
  opens(study: string, series: string, only: readonly string[] | undefined): boolean {
    return !this.error && this.study === study && this.series === series && this.only?.join() === only?.join();
  }

  /** The place of a frame among those known, or -1. */
  indexOf({ instance, frame = 1 }: StartAt): number {
    const frames = this.open?.frames ?? [];
    return frames.findIndex(({ SOPInstanceUID, frameNumber }) => SOPInstanceUID === instance && frameNumber === frame);
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

/** The part of a series that a cell is limited to. */
export function limited(open: OpenSeries, only: readonly string[] | undefined): OpenSeries {
  if (!only) return open;
  const frames = open.frames.filter(({ SOPInstanceUID }) => only.includes(SOPInstanceUID));
  const first = open.frames[open.start];
  return { ...open, frames, start: Math.max(0, first ? frames.indexOf(first) : 0), partial: true, objects: [] };
}
