export interface ImageChangeDetail {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  /** From 1. */
  readonly frameNumber: number;
  /** Place in the series as shown, from 0, and how many there are. */
  readonly index: number;
  readonly count: number;
}

/** Another image's stored pixels are on the screen. */
export class FilmlessImageChangeEvent extends CustomEvent<ImageChangeDetail> {
  static readonly type = 'filmless-image-change';
  constructor(detail: ImageChangeDetail) {
    super(FilmlessImageChangeEvent.type, { detail, bubbles: true, composed: true });
  }
}
