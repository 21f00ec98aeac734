export interface FirstImageDetail {
  /** Time from the request for the study to its first image on the screen, in milliseconds. */
  readonly ms: number;
  /** Whether that image is the server's preview or already the stored pixels. */
  readonly source: 'preview' | 'original';
}

/** The first image of a study is on the screen. */
export class FilmlessFirstImageEvent extends CustomEvent<FirstImageDetail> {
  static readonly type = 'filmless-first-image';
  constructor(detail: FirstImageDetail) {
    super(FilmlessFirstImageEvent.type, { detail, bubbles: true, composed: true });
  }
}
