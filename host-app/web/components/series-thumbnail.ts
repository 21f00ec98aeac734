import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { SeriesRow } from '../api/studies.ts';
import { seriesThumbnailUrl } from '../api/studies.ts';
import { t } from '../i18n/index.ts';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';
import { isPicture } from './modality-badges.ts';

/** A series as a small picture with its number, description and image count. */
@customElement('fl-series-thumbnail')
export class SeriesThumbnail extends FilmlessElement {
  @property() study = '';
  @property({ attribute: false }) series: SeriesRow | undefined;
  @state() private failed = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      figure {
        margin: 0;
      }
      .picture {
        aspect-ratio: 1;
        background: var(--filmless-image-background);
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        display: flex;
        align-items: center;
        justify-content: center;
        position: relative;
        overflow: hidden;
        color: #9fb0c0;
        font-size: var(--filmless-font-size-small);
        text-align: center;
      }
      img {
        width: 100%;
        height: 100%;
        object-fit: contain;
        display: block;
      }
      .count {
        position: absolute;
        right: 4px;
        bottom: 3px;
        padding: 0 4px;
        border-radius: 3px;
        background: rgb(0 0 0 / 75%);
        color: #e6edf3;
        font-size: var(--filmless-font-size-xs);
      }
      figcaption {
        font-size: var(--filmless-font-size-small);
        padding-top: 3px;
        color: var(--filmless-text-secondary);
      }
    `,
  ];

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('series') || changed.has('study')) this.failed = false;
  }

  override render() {
    const series = this.series;
    if (!series) return html``;
    const caption = series.SeriesDescription || t.preview.seriesName(String(series.SeriesNumber ?? ''));
    return html`<figure>
      <div class="picture">
        ${
          this.failed || !isPicture(series.Modality)
            ? html`<span>${series.Modality}<br />${t.preview.noThumbnail}</span>`
            : html`<img
                src=${seriesThumbnailUrl(this.study, series.SeriesInstanceUID)}
                alt=${`${series.Modality} ${caption}`}
                loading="lazy"
                decoding="async"
                @error=${() => {
                  this.failed = true;
                }}
              />`
        }
        <span class="count num">${series.instanceCount}</span>
      </div>
      <figcaption class="ellipsis" title=${caption}>${series.SeriesNumber === null ? '' : `${series.SeriesNumber}  `}${caption}</figcaption>
    </figure>`;
  }
}
