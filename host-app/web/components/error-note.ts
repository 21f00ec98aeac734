import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { t } from '../i18n/index.ts';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';
import { errorText } from './error-text.ts';
import { icon } from './icon.ts';
import { iconCritical } from './icons.ts';

/**
 * An error where it happened: what failed, what to do, the code for IT.
 * @event retry the user wants it tried again
 */
@customElement('fl-error-note')
export class ErrorNote extends FilmlessElement {
  /** Whatever was thrown. */
  @property({ attribute: false }) error: unknown;
  /** What failed, in the words of the screen; the code's own title otherwise. */
  @property() heading = '';
  @property({ type: Boolean }) retryable = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .note {
        display: flex;
        align-items: flex-start;
        gap: 10px;
        padding: 10px 12px;
        border: 1px solid var(--filmless-state-critical);
        border-radius: var(--filmless-radius);
        background: var(--filmless-state-critical-surface);
      }
      .mark {
        color: var(--filmless-state-critical);
        padding-top: 1px;
      }
      .text {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      strong {
        font-weight: 600;
      }
      .it {
        font-size: var(--filmless-font-size-small);
        color: var(--filmless-text-secondary);
      }
      button {
        font: inherit;
        color: var(--filmless-link);
        background: none;
        border: 1px solid var(--filmless-line-strong);
        border-radius: var(--filmless-radius);
        padding: 3px 12px;
        cursor: pointer;
        white-space: nowrap;
      }
    `,
  ];

  override render() {
    if (this.error === undefined || this.error === null) return nothing;
    const text = errorText(this.error);
    return html`<div class="note" role="alert">
      <span class="mark">${icon(iconCritical, 18)}</span>
      <div class="text">
        <strong>${this.heading || text.title}</strong>
        <div>${this.heading ? t.common.sentences(text.title, text.remedy) : text.remedy}</div>
        <div class="it">${text.forIt}</div>
      </div>
      ${this.retryable ? html`<button @click=${() => this.emit('retry')}>${t.common.retry}</button>` : nothing}
    </div>`;
  }
}
