import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { DisplayWindow } from '../../dicom/frame.ts';
import { histogram, LINEAR, type ToneCurve, voiTone } from '../../dicom/tone-curve.ts';
import { baseStyles } from '../../elements/base.styles.ts';
import type { ViewState } from '../../engine/contract.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { panelStyles } from '../panel.styles.ts';
import { type ImageToolsKey, imageToolsText } from '../texts.ts';
import { CurveChart } from './curve-chart.ts';
import { asPoints } from './curve-model.ts';

const CLASSES = 256;
const LEAST_GAMMA = 0.2;
const MOST_GAMMA = 5;

/** The window and the curve of the active image, by numbers and by hand; what is changed is on the screen at once. */
export class FilmlessToneCurve extends LitElement {
  static override styles = [baseStyles, panelStyles, CurveChart.styles];

  /** A new object each time something may have changed. */
  @property({ attribute: false }) source: { readonly viewer: ViewerContext } | undefined;

  readonly #chart = new CurveChart({
    change: (window, tone) => this.#change(window, tone),
    redraw: () => this.requestUpdate(),
  });
  #asked: { readonly view: ViewState; readonly window: DisplayWindow } | undefined;
  #counted: { readonly data: ArrayLike<number>; readonly counts: Uint32Array } | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const viewer = this.source?.viewer;
    if (!viewer) return nothing;
    const cell = viewer.active;
    const { view } = cell;
    const t = (key: ImageToolsKey, parameters?: Record<string, string | number>) =>
      imageToolsText(viewer.locale, key, parameters);
    if (!view) return html`<p>${t('tone.none')}</p>`;
    if (view.frame.pixels.samplesPerPixel >= 3 || view.frame.palette) return html`<p>${t('tone.color')}</p>`;
    const { window, tone, inverted } = view;
    return html`
      <div class="row">
        ${this.#number('width', t('tone.width'), window.width, (width) => this.#typed({ width }))}
        ${this.#number('center', t('tone.center'), window.center, (center) => this.#typed({ center }))}
      </div>
      ${this.#chart.render(view, this.#counts(cell, view), t)}
      <div class="row">
        <label>${t('tone.shape')} ${this.#shapes(view, t)}</label>
        <label
          ><input
            type="checkbox"
            name="inverted"
            .checked=${inverted}
            @change=${(event: Event) => cell.stack?.setInverted((event.target as HTMLInputElement).checked)}
          />${t('tone.inverted')}</label
        >
      </div>
      ${tone.shape === 'gamma' ? this.#gamma(tone.gamma, t) : nothing}
      <div class="row">
        <button type="button" name="reset" @click=${() => this.#reset(cell)}>${t('tone.reset')}</button>
      </div>
      <p>${t('tone.hint')}</p>
    `;
  }

  #number(name: string, label: string, value: number, change: (value: number) => void): TemplateResult {
    return html`<label
      >${label}
      <input
        type="number"
        name=${name}
        step="any"
        .value=${String(Math.round(value * 100) / 100)}
        @change=${({ target }: Event) => {
          const typed = (target as HTMLInputElement).valueAsNumber;
          if (Number.isFinite(typed)) change(typed);
        }}
    /></label>`;
  }

  #shapes(
    { tone, voiTables, window }: ViewState,
    t: (key: ImageToolsKey, parameters?: Record<string, number>) => string,
  ) {
    const file = voiTables.findIndex((table) => table.tone === tone);
    const chosen = tone.shape === 'table' ? `file-${file}` : tone.shape === 'LINEAR_EXACT' ? 'LINEAR' : tone.shape;
    const option = (value: string, label: string) =>
      html`<option value=${value} ?selected=${value === chosen}>${label}</option>`;
    const choose = ({ target }: Event) => {
      const value = (target as HTMLSelectElement).value;
      const table = value.startsWith('file-') ? voiTables[Number(value.slice(5))] : undefined;
      if (table) this.#change(table.window, table.tone);
      else if (value === 'gamma') this.#change(undefined, { shape: 'gamma', gamma: 1.5 });
      else if (value === 'points') {
        const { points, window: over } = asPoints(tone, window);
        this.#change(over, { shape: 'points', points });
      } else this.#change(undefined, value === 'SIGMOID' ? voiTone('SIGMOID') : LINEAR);
    };
    return html`<select name="shape" @change=${choose}>
      ${option('LINEAR', t('tone.linear'))} ${option('SIGMOID', t('tone.sigmoid'))} ${option('gamma', t('tone.gamma'))}
      ${option('points', t('tone.points'))}
      ${voiTables.map(({ explanation }, index) =>
        option(
          `file-${index}`,
          explanation ?? (index === 0 ? t('tone.file') : t('tone.fileNumber', { number: index + 1 })),
        ),
      )}
    </select>`;
  }

  #gamma(gamma: number, t: (key: ImageToolsKey) => string): TemplateResult {
    const change = ({ target }: Event) => {
      // Even steps of the slider are even steps for the eye.
      const exponent = (target as HTMLInputElement).valueAsNumber;
      this.#change(undefined, { shape: 'gamma', gamma: Math.round(100 * Math.exp(exponent)) / 100 });
    };
    return html`<div class="row">
      <label .style=${'flex: 1'}
        >${t('tone.gamma')}
        <input
          type="range"
          name="gamma"
          min=${Math.log(LEAST_GAMMA)}
          max=${Math.log(MOST_GAMMA)}
          step="0.01"
          .value=${String(Math.log(gamma))}
          aria-valuetext=${gamma}
          @input=${change}
        />
        ${gamma.toFixed(2)}</label
      >
    </div>`;
  }

  /** One number was typed; the other one may just have been, and not be on the screen yet. */
  #typed(part: Partial<DisplayWindow>): void {
    const view = this.source?.viewer.active.view;
    if (!view) return;
    const before = this.#asked?.view === view ? this.#asked.window : view.window;
    const window = { center: before.center, width: before.width, ...part };
    this.#asked = { view, window };
    this.#change(window, undefined);
  }

  #change(window: DisplayWindow | undefined, tone: ToneCurve | undefined): void {
    const stack = this.source?.viewer.active.stack;
    if (tone) stack?.setTone(tone);
    if (window) stack?.setWindow(window);
  }

  #reset({ stack }: Cell): void {
    stack?.setTone(undefined);
    stack?.setWindow(undefined);
    stack?.setInverted(false);
  }

  #counts(cell: Cell, view: ViewState): Uint32Array {
    const grid = cell.stack?.drawn();
    if (!grid) return new Uint32Array(CLASSES);
    if (this.#counted?.data !== grid.data)
      this.#counted = { data: grid.data, counts: histogram(grid.data, view.range, CLASSES, grid.padding) };
    return this.#counted.counts;
  }
}
