import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDate } from '../dicom/format.ts';
import { type Translate, translator } from '../i18n/index.ts';
import type { SeriesSummary, StudySummary } from '../session/summaries.ts';
import { baseStyles } from './base.styles.ts';
import { icon } from './icons.ts';

/** How much of a series is loaded. */
export interface Progress {
  readonly loaded: number;
  readonly count: number;
}

const RING = 2 * Math.PI * 7;

/**
 * The series of a study with their pictures. Fires `series-open`, `series-download` (detail: the series' UID) and
 * `study-choose` (detail: the study's UID); they do not leave the viewer.
 */
export class FilmlessViewerThumbnails extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        inline-size: 196px;
        background: var(--filmless-surface-1);
        border-inline-end: 1px solid var(--filmless-line);
        overflow: hidden;
      }
      .studies {
        padding: 6px;
        border-block-end: 1px solid var(--filmless-line);
      }
      select {
        inline-size: 100%;
        block-size: 28px;
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        background: var(--filmless-surface-2);
        color: inherit;
        font: inherit;
      }
      ul {
        flex: 1;
        margin: 0;
        padding: 4px;
        list-style: none;
        overflow-y: auto;
        scrollbar-width: thin;
        scrollbar-color: var(--filmless-surface-3) transparent;
      }
      li {
        position: relative;
      }
      .series {
        display: grid;
        grid-template-columns: 64px 1fr;
        gap: 8px;
        align-items: center;
        justify-content: stretch;
        inline-size: 100%;
        block-size: auto;
        min-block-size: 72px;
        padding: 4px;
        text-align: start;
        font-size: var(--filmless-font-size-small);
      }
      .series.active {
        background: var(--filmless-accent-surface);
        border-color: var(--filmless-accent);
      }
      .picture {
        position: relative;
        display: grid;
        place-items: center;
        inline-size: 64px;
        block-size: 64px;
        background: var(--filmless-image-background);
        color: var(--filmless-overlay-secondary);
        border-radius: 2px;
        overflow: hidden;
      }
      img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
      }
      .ring {
        position: absolute;
        inset-block-end: 2px;
        inset-inline-end: 2px;
        inline-size: 18px;
        block-size: 18px;
        rotate: -90deg;
        filter: drop-shadow(0 0 1px var(--filmless-image-background));
      }
      .ring circle {
        fill: none;
        stroke-width: 2.5;
      }
      .ring .rest {
        stroke: var(--filmless-overlay-line);
      }
      .ring .done {
        stroke: var(--filmless-overlay-progress);
      }
      .text {
        min-inline-size: 0;
        line-height: 1.35;
      }
      .text > div {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .text .description {
        display: -webkit-box;
        white-space: normal;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        line-clamp: 2;
      }
      .kind {
        font-weight: 600;
      }
      .secondary {
        color: var(--filmless-text-secondary);
      }
      .series.active .secondary {
        color: var(--filmless-text);
      }
      .download {
        position: absolute;
        inset-block-end: 4px;
        inset-inline-end: 4px;
        inline-size: 28px;
        block-size: 28px;
        padding: 0;
      }
      .download .icon svg {
        inline-size: 16px;
        block-size: 16px;
      }
      .skeleton {
        block-size: 64px;
        margin: 4px;
        border-radius: 2px;
        background: var(--filmless-surface-2);
      }
    `,
  ];

  /** `undefined` while the list is on its way. */
  @property({ attribute: false }) series: readonly SeriesSummary[] | undefined;
  @property({ attribute: false }) studies: readonly StudySummary[] = [];
  @property() study = '';
  @property() active = '';
  @property({ attribute: false }) pictures: ReadonlyMap<string, string> = new Map();
  @property({ attribute: false }) progress: ReadonlyMap<string, Progress> = new Map();
  @property({ attribute: false }) t: Translate = translator('');

  protected override render(): TemplateResult {
    const { t } = this;
    return html`
      ${this.studies.length > 1 ? this.#studies() : nothing}
      ${
        this.series
          ? html`<ul aria-label=${t('series.label')}>
              ${repeat(
                this.series,
                ({ SeriesInstanceUID }) => SeriesInstanceUID,
                (series) => this.#item(series),
              )}
            </ul>`
          : html`<div role="status" aria-label=${t('series.loading')}>
              <div class="skeleton"></div>
              <div class="skeleton"></div>
              <div class="skeleton"></div>
            </div>`
      }
    `;
  }

  /** Brings the open series into sight. */
  revealActive(): void {
    this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
  }

  #studies(): TemplateResult {
    const choose = (event: Event) => this.#tell('study-choose', (event.target as HTMLSelectElement).value);
    return html`<div class="studies">
      <select aria-label=${this.t('study.choose')} @change=${choose}>
        ${this.studies.map(
          (study) =>
            html`<option value=${study.StudyInstanceUID} ?selected=${study.StudyInstanceUID === this.study}>
              ${this.t('study.option', {
                date: formatDate(study.date),
                modalities: study.modalities.join('/'),
                description: study.description,
              })}
            </option>`,
        )}
      </select>
    </div>`;
  }

  #item(series: SeriesSummary): TemplateResult {
    const { t } = this;
    const uid = series.SeriesInstanceUID;
    const active = uid === this.active;
    const url = this.pictures.get(uid);
    const progress = this.progress.get(uid);
    const count = progress?.count ?? series.instanceCount;
    const counted =
      count === undefined
        ? ''
        : series.image
          ? t(count === 1 ? 'series.image' : 'series.images', { count })
          : t(count === 1 ? 'series.object' : 'series.objects', { count });
    const description = series.description || t('series.undescribed');
    return html`<li>
      <button
        type="button"
        class=${classMap({ series: true, active })}
        aria-current=${active ? 'true' : 'false'}
        title=${description}
        @click=${() => this.#tell('series-open', uid)}
      >
        <span class="picture">
          ${url ? html`<img src=${url} alt="" draggable="false" />` : icon(series.image ? 'images' : 'document')}
          ${progress && progress.loaded < progress.count ? this.#ring(progress) : nothing}
        </span>
        <span class="text">
          <div><span class="kind">${series.modality}</span> <span class="secondary">${series.number ?? ''}</span></div>
          <div class="description">${description}</div>
          <div class="secondary">${counted}</div>
        </span>
      </button>
      ${
        series.image
          ? nothing
          : html`<button
              type="button"
              class="download"
              aria-label="${t('action.download')} ${series.modality} ${description}"
              title=${t('action.download')}
              @click=${() => this.#tell('series-download', uid)}
            >
              ${icon('download')}
            </button>`
      }
    </li>`;
  }

  #ring({ loaded, count }: Progress): TemplateResult {
    return html`<svg class="ring" viewBox="0 0 18 18" role="img" aria-label=${this.t('series.loaded', { loaded, count })}>
      <circle class="rest" cx="9" cy="9" r="7"></circle>
      <circle class="done" cx="9" cy="9" r="7" stroke-dasharray="${(RING * loaded) / count} ${RING}"></circle>
    </svg>`;
  }

  #tell(type: 'series-open' | 'series-download' | 'study-choose', uid: string): void {
    this.dispatchEvent(new CustomEvent<string>(type, { detail: uid }));
  }
}
