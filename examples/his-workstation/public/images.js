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

/** The imaging page: the HIS's list of exams, and the PACS's timeline, images and report beside it. */
export class ImagesPage {
  #viewer = el('filmless-viewer', { id: 'viewer' });
  #timeline = el('filmless-timeline');
  #report = el('filmless-report');
  #exams = el('div', { className: 'exams' });
  #desk = el('div', { className: 'desk' });
  #element = el('div', { className: 'images' }, this.#exams, this.#desk);
  #patient = '';
  #locale = '';

  constructor() {
    this.#viewer.setAttribute('server', pacs);
    this.#desk.append(this.#viewer);
    // What this PACS does not bring is left out.
    this.#whenDefined(this.#timeline, 'with-timeline', () => this.#desk.prepend(this.#timeline));
    this.#whenDefined(this.#report, 'with-report', () => this.#desk.append(this.#report));
    this.#timeline.addEventListener('filmless-study-choose', ({ detail }) => this.#openStudy(detail.StudyInstanceUID));
  }

  /** Shows a patient's images in `host`. The patient ID goes along with every study: images of anybody else are not shown. */
  async show(host, patientId, locale, texts) {
    host.replaceChildren(this.#element);
    if (patientId === this.#patient && locale === this.#locale) return;
    this.#patient = patientId;
    this.#locale = locale;
    for (const part of [this.#viewer, this.#timeline, this.#report]) {
      part.tokenProvider = tokenFor(patientId);
      part.setAttribute('server', pacs);
      part.setAttribute('locale', locale);
      part.setAttribute('patient', patientId);
      part.removeAttribute('study');
    }
    this.#exams.replaceChildren(texts.loading);
    try {
      const response = await fetch(`/his/exams?patient=${encodeURIComponent(patientId)}`);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const exams = await response.json();
      // Meanwhile another patient may be open.
      if (patientId === this.#patient) this.#list(exams, texts);
    } catch {
      if (patientId === this.#patient) this.#exams.replaceChildren(texts.failed);
    }
  }

  #list(exams, texts) {
    const buttons = exams.map(({ study, date, modalities, description, accession }) => {
      const day = date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
      const button = el(
        'button',
        { type: 'button', title: accession },
        `${day} ${modalities.join('/')} ${description}`,
      );
      button.dataset.study = study;
      button.addEventListener('click', () => this.#openStudy(study));
      return button;
    });
    this.#exams.replaceChildren(...(buttons.length > 0 ? buttons : [texts.noExams]));
    this.#press(this.#viewer.getAttribute('study') ?? exams[0]?.study);
  }

  #openStudy(study) {
    for (const part of [this.#viewer, this.#timeline, this.#report]) part.setAttribute('study', study);
    this.#press(study);
  }

  #press(study) {
    for (const button of this.#exams.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.study === study));
  }

  #whenDefined(part, className, place) {
    customElements.whenDefined(part.localName).then(() => {
      place();
      this.#desk.classList.add(className);
    });
  }
}
