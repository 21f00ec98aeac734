import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';

/**
 * An empty place: what it is for and how the first thing gets here.
 * @slot actions buttons and links
 */
@customElement('fl-empty-state')
export class EmptyState extends FilmlessElement {
  @property() heading = '';
  @property() text = '';
  /** Numbered steps. */
  @property({ attribute: false }) steps: readonly string[] = [];

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        padding: var(--filmless-space-6) var(--filmless-space-4);
      }
      .box {
        max-width: 62ch;
        margin: 0 auto;
        line-height: 1.6;
      }
      h2 {
        font-size: var(--filmless-font-size-l);
        margin-bottom: 4px;
      }
      p {
        color: var(--filmless-text-secondary);
      }
      ol {
        margin: var(--filmless-space-3) 0 0;
        padding-left: 1.6em;
      }
      li {
        padding: 3px 0 3px 4px;
      }
      li::marker {
        color: var(--filmless-text-secondary);
      }
      .actions {
        margin-top: var(--filmless-space-4);
        display: flex;
        flex-wrap: wrap;
        gap: var(--filmless-space-2);
      }
    `,
  ];

  override render() {
    return html`<div class="box">
      <h2>${this.heading}</h2>
      ${this.text ? html`<p>${this.text}</p>` : nothing}
      ${this.steps.length > 0 ? html`<ol>${this.steps.map((step) => html`<li>${step}</li>`)}</ol>` : nothing}
      <div class="actions"><slot name="actions"></slot></div>
    </div>`;
  }
}
