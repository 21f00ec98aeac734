import { FilmlessTimeline } from '../timeline/timeline.ts';
import { FilmlessStudyList } from './study-list.ts';

/** Registers the lists of studies. */
export function defineLists(): void {
  if (!customElements.get('filmless-timeline')) customElements.define('filmless-timeline', FilmlessTimeline);
  if (!customElements.get('filmless-study-list')) customElements.define('filmless-study-list', FilmlessStudyList);
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-timeline': FilmlessTimeline;
    'filmless-study-list': FilmlessStudyList;
  }
}
