import type { ImageReference } from '../extension/contract.ts';

export interface ReferenceDetail {
  readonly reference: ImageReference;
  /** Tracking UID of the measurement that is spoken of, where one is. */
  readonly annotation?: string;
}

/** A reference in a report was followed. A page that handles it itself prevents the default: the viewer named by `for` does nothing then. */
export class FilmlessReferenceEvent extends CustomEvent<ReferenceDetail> {
  static readonly type = 'filmless-reference';
  constructor(detail: ReferenceDetail) {
    super(FilmlessReferenceEvent.type, { detail, bubbles: true, composed: true, cancelable: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'filmless-reference': FilmlessReferenceEvent;
  }
}
