import { LitElement } from 'lit';
import { onLocaleChange } from '../i18n/index.ts';

/** Base of every element of the application: renders again when the language changes. */
export class FilmlessElement extends LitElement {
  #endLocale: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endLocale = onLocaleChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endLocale?.();
    this.#endLocale = undefined;
  }

  protected emit<T>(type: string, detail?: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
