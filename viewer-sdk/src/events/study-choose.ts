export interface StudyChooseDetail {
  readonly StudyInstanceUID: string;
  /** As the server lists the study; a page passes it on as `patient`, so that nobody else's images can appear. */
  readonly PatientID: string;
}

/** A study was chosen from a list, to be opened. */
export class FilmlessStudyChooseEvent extends CustomEvent<StudyChooseDetail> {
  static readonly type = 'filmless-study-choose';
  constructor(detail: StudyChooseDetail) {
    super(FilmlessStudyChooseEvent.type, { detail, bubbles: true, composed: true });
  }
}

/** A study was chosen from a list, to be opened beside what is open. */
export class FilmlessStudyCompareEvent extends CustomEvent<StudyChooseDetail> {
  static readonly type = 'filmless-study-compare';
  constructor(detail: StudyChooseDetail) {
    super(FilmlessStudyCompareEvent.type, { detail, bubbles: true, composed: true });
  }
}
