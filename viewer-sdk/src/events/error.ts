import type { ViewerErrorCode } from '../errors.ts';

export interface ErrorDetail {
  readonly code: ViewerErrorCode;
  /** For IT; never patient data. */
  readonly detail: string | undefined;
}

/** Something failed; the viewer shows it, too. */
export class FilmlessErrorEvent extends CustomEvent<ErrorDetail> {
  static readonly type = 'filmless-error';
  constructor(detail: ErrorDetail) {
    super(FilmlessErrorEvent.type, { detail, bubbles: true, composed: true });
  }
}
