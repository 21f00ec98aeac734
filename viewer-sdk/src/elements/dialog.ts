import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { baseStyles } from './base.styles.ts';

/** A question to the user. */
export interface DialogRequest {
  readonly title: string;
  readonly text?: string;
  /** Label of a line to type; without one the answer is yes or no. */
  readonly input?: { readonly label: string; readonly value: string };
  readonly yes: string;
  readonly no: string;
  /** @param answer the typed text, or an empty one for a plain yes; `undefined` when it was given up */
  answer(answer: string | undefined): void;
}

/**
 * The viewer's own dialogue: it covers the viewer and leaves the page alone. The focus stays inside; Escape means no.
 */
export class FilmlessViewerDialog extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        position: absolute;
        inset: 0;
        z-index: 20;
        display: grid;
        place-items: center;
        background: rgb(0 0 0 / 55%);
      }
      form {
        display: grid;
        gap: 12px;
        inline-size: min(420px, calc(100cqw - 32px));
        margin: 0;
        padding: 16px;
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        background: var(--filmless-surface-1);
        box-shadow: var(--filmless-shadow);
        font-size: var(--filmless-font-size-form);
      }
      h2 {
        margin: 0;
        font-size: 15px;
      }
      p {
        margin: 0;
        color: var(--filmless-text-secondary);
        white-space: pre-line;
      }
      label {
        display: grid;
        gap: 4px;
      }
      input {
        block-size: var(--filmless-row-height);
        padding: 0 8px;
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        background: var(--filmless-surface-0);
        color: inherit;
        font: inherit;
      }
      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
      }
      .buttons button {
        border-color: var(--filmless-line);
        background: var(--filmless-surface-2);
      }
      .buttons .yes {
        border-color: var(--filmless-accent);
        background: var(--filmless-accent);
        color: var(--filmless-accent-text);
      }
      .buttons .yes:focus-visible {
        outline-color: var(--filmless-text);
      }
    `,
  ];

  @property({ attribute: false }) request: DialogRequest | undefined;
  @query('input') private readonly input!: HTMLInputElement | null;

  protected override firstUpdated(): void {
    this.input?.select();
    // What is asked cannot be undone: a key pressed too soon must not be the answer.
    (this.input ?? this.renderRoot.querySelector<HTMLElement>('.no'))?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { request } = this;
    if (!request) return nothing;
    const { title, text, input, yes, no } = request;
    return html`<div role="dialog" aria-modal="true" aria-labelledby="title" @keydown=${this.#keydown}><form
      @submit=${(event: Event) => {
        event.preventDefault();
        request.answer(this.input?.value ?? '');
      }}
    >
      <h2 id="title">${title}</h2>
      ${text ? html`<p>${text}</p>` : nothing}
      ${input ? html`<label>${input.label}<input .value=${input.value} autocomplete="off" /></label>` : nothing}
      <div class="buttons">
        <button type="button" class="no" @click=${() => request.answer(undefined)}>${no}</button>
        <button type="submit" class="yes">${yes}</button>
      </div>
    </form></div>`;
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    // Nothing of what is typed here is a key of the viewer, or of the page.
    event.stopPropagation();
    if (event.key === 'Escape' && !event.isComposing) {
      event.preventDefault();
      this.request?.answer(undefined);
    }
    if (event.key !== 'Tab') return;
    const stops = [...this.renderRoot.querySelectorAll<HTMLElement>('input, button')];
    const at = stops.findIndex((stop) => stop.matches(':focus'));
    event.preventDefault();
    stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus();
  };
}
