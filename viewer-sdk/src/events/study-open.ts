export interface StudyOpenDetail {
  readonly StudyInstanceUID: string;
  /** Whose it is, as the server's search says; empty where the study has none. */
  readonly PatientID: string;
  /** Empty where the study has none. */
  readonly AccessionNumber: string;
  readonly seriesCount: number;
}

/** A study was found and its series are listed. */
export class FilmlessStudyOpenEvent extends CustomEvent<StudyOpenDetail> {
  static readonly type = 'filmless-study-open';
  constructor(detail: StudyOpenDetail) {
    super(FilmlessStudyOpenEvent.type, { detail, bubbles: true, composed: true });
  }
}
