import { html, type TemplateResult } from 'lit';
import icon from 'lucide-static/dist/esm/icons/calendar-clock.mjs';
import type { StudyChooseDetail } from '../events/study-choose.ts';
import type { ViewerContext, ViewerPanel } from '../extension/contract.ts';
import { FilmlessTimeline } from '../timeline/timeline.ts';
import type { Theme } from '../tokens.css.ts';
import { type Beside, pageElement } from './beside.ts';
import { compareText } from './texts.ts';

/** The patient's earlier exams beside the images. */
export class TimelinePanel implements ViewerPanel {
  readonly id = 'timeline';
  readonly icon = icon;
  readonly label = (locale: string): string => compareText(locale, 'timeline');
  readonly #viewer: ViewerContext;
  readonly #beside: Beside;
  readonly #compare: (study: string) => void;

  constructor(viewer: ViewerContext, beside: Beside, compare: (study: string) => void) {
    if (!customElements.get('filmless-timeline')) customElements.define('filmless-timeline', FilmlessTimeline);
    this.#viewer = viewer;
    this.#beside = beside;
    this.#compare = compare;
  }

  render(): TemplateResult {
    const { client, study, locale } = this.#viewer;
    const compared = this.#beside.studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
    return html`<filmless-timeline
      .style=${'block-size: 100%'}
      .client=${client}
      .patient=${study?.patientId ?? ''}
      .study=${study?.StudyInstanceUID ?? ''}
      .locale=${locale}
      .theme=${(this.#viewer.element.getAttribute('theme') ?? 'dark') as Theme}
      .compared=${compared}
      @filmless-study-choose=${(event: CustomEvent<StudyChooseDetail>) => this.#choose(event)}
      @filmless-study-compare=${(event: CustomEvent<StudyChooseDetail>) => {
        event.stopPropagation();
        this.#compare(event.detail.StudyInstanceUID);
      }}
    ></filmless-timeline>`;
  }

  /** The page hears of it, too, and may have it another way. */
  #choose(event: CustomEvent<StudyChooseDetail>): void {
    const { StudyInstanceUID } = event.detail;
    const element = pageElement(this.#viewer);
    if (StudyInstanceUID === this.#viewer.study?.StudyInstanceUID) return;
    Object.assign(element, { compare: '', series: '', accession: '', study: StudyInstanceUID });
  }
}
