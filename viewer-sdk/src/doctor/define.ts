/** What `filmless-doctor.js` runs: the check, and the element that shows its report. */
import { FilmlessDoctor } from './element.ts';

if (!customElements.get('filmless-doctor')) customElements.define('filmless-doctor', FilmlessDoctor);

export * from './doctor.ts';
export { FilmlessDoctor };

declare global {
  interface HTMLElementTagNameMap {
    'filmless-doctor': FilmlessDoctor;
  }
}
