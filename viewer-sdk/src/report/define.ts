import { FilmlessReport } from './report.ts';

/** Registers `<filmless-report>`; once a page. */
export function defineReport(): void {
  if (!customElements.get('filmless-report')) customElements.define('filmless-report', FilmlessReport);
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-report': FilmlessReport;
  }
}
