import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDate } from '../dicom/format.ts';
import { type Translate, translator } from '../i18n/index.ts';
import { writeSeriesDrag } from '../layout/series-drag.ts';
import type { SeriesSummary, StudySummary } from '../session/summaries.ts';
import { baseStyles } from './base.styles.ts';
import { icon } from './icons.ts';
import { benchText } from './texts.ts';
import { thumbnailsStyles } from './thumbnails.styles.ts';

/** How much of a series is loaded. */
export interface Progress {
  readonly loaded: number;
  readonly count: number;
}

/** Height of the menu that puts a series into a cell, at most, and of its entries. */
const MENU_PX = 330;
const ENTRY_PX = 30;

const RING = 2 * Math.PI * 7;

/**
 * The series of a study with their pictures. Fires `series-open`, `series-download` (detail: the series' UID),
 * `series-put` (detail: series and cell) and `study-choose` (detail: the study's UID); they do not leave the viewer. A series is dragged
 * into a cell, or put there by its menu.
 */
export class FilmlessViewerThumbnails extends LitElement {
  static override styles = [baseStyles, thumbnailsStyles];

  /** `undefined` while the list is on its way. */
  @property({ attribute: false }) series: readonly SeriesSummary[] | undefined;
  @property({ attribute: false }) studies: readonly StudySummary[] = [];
  @property() study = '';
  @property() active = '';
  @property({ attribute: false }) pictures: ReadonlyMap<string, string> = new Map();
  @property({ attribute: false }) progress: ReadonlyMap<string, Progress> = new Map();
  /** How many images of a series are marked as key images. */
  @property({ attribute: false }) keyImages: ReadonlyMap<string, number> = new Map();
  @property({ attribute: false }) t: Translate = translator('');
  @property() locale = '';
  /** The series in each cell of the layout, empty for empty cells. */
  @property({ attribute: false }) cells: readonly string[] = [];
  /** The series whose menu is open, and where on the screen. */
  @state() private menu: { readonly series: string; readonly x: number; readonly y: number } | undefined;

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
    const several = this.cells.length > 1;
    return html`<li @focusout=${this.#focusout} @keydown=${(event: KeyboardEvent) => this.#keydown(event, uid)}>
      <button
        type="button"
        class=${classMap({ series: true, active, shown: several && this.cells.includes(uid) })}
        aria-current=${active ? 'true' : 'false'}
        title=${description}
        draggable="true"
        @dragstart=${(event: DragEvent) => writeSeriesDrag(event, { study: this.study, series: uid })}
        @contextmenu=${(event: MouseEvent) => this.#openMenu(event, uid, event.clientX, event.clientY)}
        @click=${() => this.#tell('series-open', uid)}
      >
        <span class="picture">
          ${url ? html`<img src=${url} alt="" draggable="false" />` : icon(series.image ? 'images' : 'document')}
          ${progress && progress.loaded < progress.count ? this.#ring(progress) : nothing} ${this.#keys(uid)}
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
      ${several ? this.#menuButton(uid, `${series.modality} ${description}`) : nothing}
    </li>`;
  }

  /** Where the keyboard, too, puts a series into a cell. */
  #menuButton(uid: string, name: string): TemplateResult {
    const label = benchText(this.locale, 'seriesMenu');
    const open = this.menu?.series === uid;
    return html`<button
        type="button"
        class="open-menu"
        aria-haspopup="menu"
        aria-expanded=${open}
        aria-label="${label} ${name}"
        title=${label}
        @click=${(event: MouseEvent) => {
          const { left, bottom } = (event.currentTarget as HTMLElement).getBoundingClientRect();
          this.#openMenu(event, uid, left, bottom);
        }}
      >
        ${icon('more')}
      </button>
      ${open && this.menu ? this.#menu(uid, this.menu, label) : nothing}`;
  }

  #menu(uid: string, { x, y }: { x: number; y: number }, label: string): TemplateResult {
    // The list scrolls and clips: the menu stands on the viewer, which is what `position: fixed` refers to inside of it.
    const root = this.getRootNode();
    const { left, top, bottom } = (root instanceof ShadowRoot ? root.host : this).getBoundingClientRect();
    const lowest = bottom - Math.min(MENU_PX, this.cells.length * ENTRY_PX) - top;
    return html`<div class="menu" role="menu" aria-label=${label} .style=${`left: ${x - left}px; top: ${Math.max(0, Math.min(y - top, lowest))}px`}>
      ${this.cells.map(
        (shown, cell) =>
          html`<button
            type="button"
            role="menuitemradio"
            tabindex="-1"
            aria-checked=${shown === uid}
            @click=${() => {
              this.menu = undefined;
              this.dispatchEvent(new CustomEvent('series-put', { detail: { series: uid, cell } }));
            }}
          >
            ${benchText(this.locale, 'putInto', { cell: cell + 1 })}
          </button>`,
      )}
    </div>`;
  }

  #openMenu(event: Event, series: string, x: number, y: number): void {
    if (this.cells.length < 2) return;
    event.preventDefault();
    this.menu = this.menu?.series === series ? undefined : { series, x, y };
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.menu button')?.focus());
  }

  readonly #focusout = (event: FocusEvent): void => {
    if (!(event.relatedTarget instanceof Node) || !this.renderRoot.contains(event.relatedTarget)) this.menu = undefined;
  };

  #keydown(event: KeyboardEvent, series: string): void {
    const entries = [...this.renderRoot.querySelectorAll<HTMLElement>('.menu button')];
    const at = entries.findIndex((entry) => entry.matches(':focus'));
    if (event.key === 'Escape' && this.menu) {
      this.menu = undefined;
      this.renderRoot.querySelector<HTMLElement>('.open-menu[aria-expanded="true"]')?.focus();
    } else if (at >= 0 && event.key === 'ArrowDown') entries[(at + 1) % entries.length]?.focus();
    else if (at >= 0 && event.key === 'ArrowUp') entries.at(at - 1)?.focus();
    else if (event.key === 'F10' && event.shiftKey && event.target instanceof HTMLElement) {
      const { left, bottom } = event.target.getBoundingClientRect();
      this.#openMenu(event, series, left, bottom);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #ring({ loaded, count }: Progress): TemplateResult {
    return html`<svg class="ring" viewBox="0 0 18 18" role="img" aria-label=${this.t('series.loaded', { loaded, count })}>
      <circle class="rest" cx="9" cy="9" r="7"></circle>
      <circle class="done" cx="9" cy="9" r="7" stroke-dasharray="${(RING * loaded) / count} ${RING}"></circle>
    </svg>`;
  }

  #keys(uid: string): TemplateResult | typeof nothing {
    const count = this.keyImages.get(uid) ?? 0;
    if (count === 0) return nothing;
    const label = benchText(this.locale, 'keyImages', { count });
    return html`<span class="keys" role="img" aria-label=${label} title=${label}>${icon('keys')}${count}</span>`;
  }

  #tell(type: 'series-open' | 'series-download' | 'study-choose', uid: string): void {
    this.dispatchEvent(new CustomEvent<string>(type, { detail: uid }));
  }
}
