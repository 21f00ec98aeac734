import { el } from './dom.js';

const pacs = document.querySelector('meta[name="pacs"]').content;

/**
 * The token comes from the HIS's own server, which knows who is signed in and which patient is open. The viewer asks again by itself when
 * the PACS no longer takes it.
 */
function tokenFor(patientId) {
  return async () => {
    const response = await fetch(`/his/pacs-token?patient=${encodeURIComponent(patientId)}`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.text();
  };
}

/** The imaging page: the PACS's timeline, images and report of the patient that is open in the HIS. */
export class ImagesPage {
  #viewer = el('filmless-viewer');
  #timeline = el('filmless-timeline');
  #report = el('filmless-report');
  #element = el('div', { className: 'images' }, this.#timeline, this.#viewer, this.#report);
  #patient = '';

  constructor() {
    for (const part of this.#parts) part.setAttribute('server', pacs);
    this.#timeline.setAttribute('theme', 'light');
    // Comparing is the viewer's own matter here.
    this.#timeline.setAttribute('no-compare', '');
    this.#report.setAttribute('theme', 'light');
    this.#timeline.addEventListener('filmless-study-choose', ({ detail }) =>
      this.#viewer.setAttribute('study', detail.StudyInstanceUID),
    );
    // Which study it is the viewer says, whether it was chosen here or is the patient's newest.
    this.#viewer.addEventListener('filmless-study-open', ({ detail }) => {
      for (const part of [this.#timeline, this.#report]) part.setAttribute('study', detail.StudyInstanceUID);
    });
  }

  /** Shows a patient's images in `host`. The patient ID goes along with every study: images of anybody else are not shown. */
  show(host, patientId, locale) {
    if (this.#element.parentElement !== host) host.replaceChildren(this.#element);
    for (const part of this.#parts) part.setAttribute('locale', locale);
    if (patientId === this.#patient) return;
    this.#patient = patientId;
    const tokenProvider = tokenFor(patientId);
    for (const part of this.#parts) {
      part.tokenProvider = tokenProvider;
      part.removeAttribute('study');
      part.setAttribute('patient', patientId);
    }
  }

  get #parts() {
    return [this.#viewer, this.#timeline, this.#report];
  }
}
