import { css, html, nothing, render, type TemplateResult } from 'lit';
import eye from 'lucide-static/dist/esm/icons/eye.mjs';
import layers from 'lucide-static/dist/esm/icons/layers.mjs';
import target from 'lucide-static/dist/esm/icons/locate.mjs';
import close from 'lucide-static/dist/esm/icons/x.mjs';
import { formatDate, formatTime } from '../../dicom/format.ts';
import { text } from '../../dicom/json.ts';
import { baseStyles } from '../../elements/base.styles.ts';
import type { ViewerContext, ViewerPanel } from '../../extension/contract.ts';
import type { SeriesSummary } from '../../session/summaries.ts';
import { drawIcon } from '../parts/icon.ts';
import { goToReference } from '../parts/reference-link.ts';
import type { PresentationState } from '../presentation/read.ts';
import type { PresentationStates } from '../presentation/states.ts';
import type { OverlayPart } from './loaded.ts';
import type { OverlayStore, ShownOverlay } from './store.ts';
import { type OverlayTextKey, overlayTextOf } from './texts.ts';

const OVERLAY_MODALITIES = new Set(['SEG', 'RTSTRUCT']);

const panelStyles = css`
  section {
    padding: 10px 12px;
    border-block-end: 1px solid var(--filmless-line);
  }
  h3 {
    margin: 0 0 6px;
    font-size: var(--filmless-font-size-table);
  }
  p {
    margin: 4px 0;
    color: var(--filmless-text-secondary);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li,
  .head {
    display: flex;
    align-items: center;
    gap: 6px;
    min-block-size: 28px;
  }
  label {
    display: flex;
    flex: 1;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
  }
  .name {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .head .name {
    font-weight: 600;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  svg.swatch {
    flex: none;
    inline-size: 14px;
    block-size: 14px;
  }
  button {
    block-size: 28px;
  }
  .only-icon {
    flex: none;
    inline-size: 28px;
    padding: 0;
  }
  .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  input {
    accent-color: var(--filmless-accent);
  }
  input[type='range'] {
    flex: 1;
  }
`;

/** The panel of what lies over images: presentation states to choose from, segments and structures with their colours. */
export class OverlayPanel implements ViewerPanel {
  readonly id = 'objects.overlays';
  readonly icon = layers;
  readonly label = (locale: string): string => overlayTextOf(locale, 'panel');
  readonly #viewer: ViewerContext;
  readonly #store: OverlayStore;
  readonly #states: PresentationStates;
  readonly #element = document.createElement('div');
  readonly #root: ShadowRoot;
  #asked = false;

  constructor(viewer: ViewerContext, store: OverlayStore, states: PresentationStates) {
    this.#viewer = viewer;
    this.#store = store;
    this.#states = states;
    this.#element.className = 'overlay-panel';
    this.#root = this.#element.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [baseStyles, panelStyles].flatMap(({ styleSheet }) => styleSheet ?? []);
  }

  render(): TemplateResult {
    if (!this.#asked) {
      this.#asked = true;
      void this.#states.list();
    }
    this.update();
    return html`${this.#element}`;
  }

  /** Another study: what it has is asked for when the panel is looked at. */
  forget(): void {
    this.#asked = false;
    this.update();
  }

  update(): void {
    const waiting = this.#viewer.seriesList.filter(({ modality }) => OVERLAY_MODALITIES.has(modality));
    const states = this.#states.known;
    const { shown } = this.#store;
    const empty = waiting.length === 0 && states.length === 0 && shown.length === 0;
    render(
      empty
        ? html`<section><p>${this.#t('empty')}</p></section>`
        : html`${states.length > 0 ? this.#renderStates(states) : nothing}
            ${shown.map((overlay) => this.#renderOverlay(overlay))}
            ${waiting.length > 0 ? this.#renderWaiting(waiting) : nothing}`,
      this.#root,
    );
  }

  #t(key: OverlayTextKey, values?: Readonly<Record<string, string | number>>): string {
    return overlayTextOf(this.#viewer.locale, key, values);
  }

  #renderStates(states: readonly PresentationState[]): TemplateResult {
    const cell = this.#viewer.active;
    const active = this.#states.activeOf(cell);
    const row = (state: PresentationState | undefined, name: TemplateResult | string) =>
      html`<li><label><input type="radio" name="state" .checked=${active?.uid === state?.uid} @change=${() => this.#choose(state)} /><span class="name">${name}</span></label></li>`;
    return html`<section role="radiogroup" aria-label=${this.#t('presentations')} title=${this.#t('presentationHint')}>
      <h3>${this.#t('presentations')}</h3>
      <ul>
        ${row(undefined, this.#t('none'))}
        ${states.map((state) => {
          const fits = this.#states.isForCell(state, cell);
          const when = [formatDate(state.date), formatTime(state.time)].filter(Boolean).join(' ');
          return row(
            state,
            html`<span title=${[state.creator, when, fits ? '' : this.#t('notForImage')].filter(Boolean).join(' · ')}>${state.label || state.uid} <span class="secondary">${state.creator} ${when}</span></span>`,
          );
        })}
      </ul>
    </section>`;
  }

  #choose(state: PresentationState | undefined): void {
    const cell = this.#viewer.active;
    // A state of other images brings them: nothing is arranged by what was not made for it.
    const done =
      state && !this.#states.isForCell(state, cell)
        ? this.#states.open(state)
        : this.#states.choose(cell, state).then(() => true);
    void done.then(
      (shown) => {
        if (!shown) this.#viewer.notify(this.#t('noImages'), 'error');
      },
      () => this.#viewer.notify(this.#t('failed'), 'error'),
    );
  }

  #renderOverlay(shown: ShownOverlay): TemplateResult {
    const { overlay, hidden, opacity } = shown;
    return html`<section>
      <div class="head">
        <span class="name" title=${overlay.label}>${overlay.label || this.#t('segments')}</span>
        <button type="button" class="only-icon" title=${this.#t('remove')} aria-label=${this.#t('remove')} @click=${() => this.#store.remove(overlay.id)}>${drawIcon(close)}</button>
      </div>
      <label><span class="secondary">${this.#t('opacity')}</span>
        <input type="range" min="0" max="1" step="0.05" .value=${String(opacity)} @input=${(event: Event) => this.#store.setOpacity(shown, Number((event.target as HTMLInputElement).value))} /></label>
      <ul>
        ${overlay.parts.map((part) => this.#renderPart(shown, part, !hidden.has(part.key)))}
      </ul>
    </section>`;
  }

  #renderPart(shown: ShownOverlay, part: OverlayPart, visible: boolean): TemplateResult {
    const middle = () => {
      const reference = shown.overlay.middle(part);
      if (reference) void goToReference(reference, this.#viewer);
      else this.#viewer.notify(this.#t('noImages'), 'error');
    };
    const jump = this.#t('middle', { name: part.label });
    return html`<li>
      <label title=${part.kind}>
        <input type="checkbox" aria-label=${this.#t('visible', { name: part.label })} .checked=${visible} @change=${() => this.#store.toggle(shown, part)} />
        <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect width="14" height="14" rx="2" fill=${part.colour}></rect></svg>
        <span class="name">${part.label}${part.kind && part.kind !== part.label ? html` <span class="secondary">${part.kind}</span>` : nothing}</span>
      </label>
      <button type="button" class="only-icon" title=${jump} aria-label=${jump} @click=${middle}>${drawIcon(target)}</button>
    </li>`;
  }

  #renderWaiting(series: readonly SeriesSummary[]): TemplateResult {
    return html`<section>
      <h3>${this.#t('available')}</h3>
      <ul>
        ${series.map((one) => {
          const name = [one.modality, one.description || String(one.number ?? '')].join(' ');
          return html`<li><span class="name" title=${name}>${name}</span>
            <button type="button" class="bordered" aria-label="${this.#t('show')} ${name}" @click=${() => void this.#load(one)}>${drawIcon(eye)}<span>${this.#t('show')}</span></button></li>`;
        })}
      </ul>
    </section>`;
  }

  async #load({ SeriesInstanceUID }: SeriesSummary): Promise<void> {
    const { client, study } = this.#viewer;
    if (!client || !study) return;
    try {
      const { StudyInstanceUID } = study;
      const datasets = await client.seriesMetadata(StudyInstanceUID, SeriesInstanceUID, {});
      for (const dataset of datasets) {
        const SOPInstanceUID = text(dataset, 'SOPInstanceUID') ?? '';
        await this.#store.load({ dataset, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID });
      }
    } catch {
      this.#viewer.notify(this.#t('failed'), 'error');
    }
  }
}
