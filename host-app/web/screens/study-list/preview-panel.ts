import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { StudyDetail, StudyRow } from '../../api/studies.ts';
import { getStudy } from '../../api/studies.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { modalityBadges, modalityStyles } from '../../components/modality-badges.ts';
import '../../components/patient-banner.ts';
import '../../components/series-thumbnail.ts';
import { formatDa } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { rememberStudy } from '../../state/study-memory.ts';
import { shared } from '../../styles/shared.ts';

const PAUSE_MS = 120;

/**
 * What is in the chosen study, beside the list. The banner is there at once, from the row.
 * @event study-open detail: the StudyRow to open
 */
@customElement('fl-preview-panel')
export class PreviewPanel extends FilmlessElement {
  @property({ attribute: false }) row: StudyRow | undefined;
  @state() private detail: StudyDetail | undefined;
  @state() private error: unknown;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    shared,
    modalityStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--filmless-surface-1);
        border-left: 1px solid var(--filmless-line);
      }
      fl-patient-banner {
        flex: none;
        border-bottom: 1px solid var(--filmless-line);
      }
      .body {
        flex: 1;
        min-height: 0;
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
      h2 {
        font-size: var(--filmless-font-size-small);
        color: var(--filmless-text-secondary);
        font-weight: 600;
        margin: 0 0 6px;
        display: flex;
        justify-content: space-between;
      }
      .series {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(88px, 1fr));
        gap: 10px 8px;
        margin-bottom: var(--filmless-space-4);
      }
      .bone {
        aspect-ratio: 1;
        border-radius: var(--filmless-radius);
        background: var(--filmless-surface-2);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li a {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
        padding: 0 6px;
        margin: 0 -6px;
        border-radius: var(--filmless-radius);
        color: var(--filmless-text);
        font-size: var(--filmless-font-size-table);
      }
      .date {
        white-space: nowrap;
      }
      li a:hover {
        background: var(--filmless-surface-hover);
        text-decoration: none;
      }
      .open {
        flex: none;
        display: flex;
        align-items: center;
        gap: 10px;
        padding: var(--filmless-space-2) var(--filmless-space-4);
        border-top: 1px solid var(--filmless-line);
      }
      .hint {
        padding: var(--filmless-space-6) var(--filmless-space-4);
        color: var(--filmless-text-secondary);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('row')) return;
    this.detail = undefined;
    this.error = undefined;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    if (this.row) this.#timer = setTimeout(() => void this.#load(), PAUSE_MS);
  }

  async #load(): Promise<void> {
    const row = this.row;
    if (!row) return;
    this.error = undefined;
    this.#abort = new AbortController();
    try {
      const detail = await getStudy(row.StudyInstanceUID, this.#abort.signal);
      if (this.row === row) this.detail = detail;
    } catch (error) {
      if (!isAbort(error) && this.row === row) this.error = error;
    }
  }

  #series(row: StudyRow) {
    if (!this.detail)
      return Array.from({ length: Math.min(6, Math.max(1, row.seriesCount)) }, () => html`<div class="bone"></div>`);
    return this.detail.series.map(
      (series) => html`<fl-series-thumbnail .study=${row.StudyInstanceUID} .series=${series}></fl-series-thumbnail>`,
    );
  }

  #earlier(detail: StudyDetail) {
    if (detail.earlier.length === 0) return html`<p class="secondary">${t.preview.earlierNone}</p>`;
    return html`<ul>
      ${detail.earlier.map(
        (study) => html`<li>
          <a href=${`/studies/${encodeURIComponent(study.StudyInstanceUID)}`} data-route @click=${() => rememberStudy(study)}>
            <span class="num date">${formatDa(study.StudyDate)}</span>${modalityBadges(study.modalities)}<span class="ellipsis">${study.StudyDescription}</span>
          </a>
        </li>`,
      )}
    </ul>`;
  }

  override render() {
    const row = this.row;
    if (!row) return html`<p class="hint">${t.preview.choose}</p>`;
    return html`
      <fl-patient-banner layout="card" .study=${row}></fl-patient-banner>
      <div class="body scroll" tabindex="0" role="region" aria-label=${t.preview.title}>
        ${
          this.error === undefined
            ? html`<h2><span>${t.preview.series}</span><span class="num">${t.common.seriesAndImages(row.seriesCount, row.instanceCount)}</span></h2>
                <div class="series">${this.#series(row)}</div>
                ${this.detail ? html`<h2>${t.preview.earlier}</h2>${this.#earlier(this.detail)}` : nothing}`
            : html`<fl-error-note .heading=${t.preview.failed} .error=${this.error} retryable @retry=${() => void this.#load()}></fl-error-note>`
        }
      </div>
      <div class="open">
        <vaadin-button theme="primary" @click=${() => this.emit('study-open', row)}>${t.preview.open}</vaadin-button>
        <span class="secondary">${t.preview.openHint}</span>
      </div>
    `;
  }
}
