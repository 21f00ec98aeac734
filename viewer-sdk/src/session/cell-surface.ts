import type { Size } from '../client/dicomweb-client.ts';

/** Where a cell is drawn. */
export interface CellSurface {
  requestUpdate(): void;
  /** Where the engine draws; it exists once the element was rendered. */
  stage(): HTMLDivElement | null;
  /** The image area in CSS pixels. */
  readonly size: Size;
  /** Resolves when the preview is painted. */
  painted(): Promise<void>;
}

/** What to begin with. */
export interface StartAt {
  readonly instance: string;
  /** From 1. */
  readonly frame?: number | undefined;
  /** SOP Instance UIDs: the cell shows these of the series alone. */
  readonly only?: readonly string[] | undefined;
}
