import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import down from 'lucide-static/dist/esm/icons/arrow-down.mjs';
import left from 'lucide-static/dist/esm/icons/arrow-left.mjs';
import right from 'lucide-static/dist/esm/icons/arrow-right.mjs';
import up from 'lucide-static/dist/esm/icons/arrow-up.mjs';
import { baseStyles } from '../../elements/base.styles.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { panelStyles } from '../panel.styles.ts';
import { type ImageToolsKey, imageToolsText } from '../texts.ts';
import type { SubtractionSession } from './subtraction-session.ts';

/** Steps of the shift, in pixels. */
const STEPS = [0.1, 0.25, 0.5, 1, 2] as const;

/** The mask of the shown run: which frame, how far moved, and how it is subtracted. */
export class FilmlessSubtraction extends LitElement {
  static override styles = [baseStyles, panelStyles];

  /** A new object each time something may have changed. */
  @property({ attribute: false }) source:
    | { readonly viewer: ViewerContext; readonly session: SubtractionSession }
    | undefined;
  @state() private step: number = 0.5;

  protected override render(): TemplateResult | typeof nothing {
    if (!this.source) return nothing;
    const { viewer, session } = this.source;
    const t = (key: ImageToolsKey, parameters?: Record<string, string | number>) =>
      imageToolsText(viewer.locale, key, parameters);
    const cell = viewer.active;
    const settings = session.settings(cell);
    const frame = cell.view?.frame;
    if (!settings || !frame || !session.available(cell)) return html`<p>${t('sub.none')}</p>`;
    const { operation, logarithmic } = settings;
    const [x, y] = operation.shift;
    const mask = operation.maskFrames[0] ?? 1;
    return html`
      <div class="row">
        <label
          ><input type="checkbox" name="on" .checked=${session.isOn(cell)} @change=${() => session.toggle(cell)} />${t('sub.on')}</label
        >
        <label
          ><input
            type="checkbox"
            name="logarithmic"
            .checked=${logarithmic}
            @change=${() => session.change(cell, { logarithmic: !logarithmic })}
          />${t('sub.log')}</label
        >
      </div>
      ${
        operation.operation === 'AVG_SUB'
          ? html`<div class="row">
              <label
                >${t('sub.mask')}
                <input
                  type="number"
                  name="mask"
                  min="1"
                  max=${frame.numberOfFrames}
                  .value=${String(mask)}
                  @change=${({ target }: Event) => this.#mask(cell, (target as HTMLInputElement).valueAsNumber)}
              /></label>
            </div>`
          : html`<p>${t('sub.reversed')}</p>`
      }
      <div class="row">
        <button type="button" name="here" @click=${() => session.useShown(cell)}>${t('sub.here')}</button>
        <button type="button" name="file" @click=${() => session.reset(cell)}>${t('sub.file')}</button>
      </div>
      <div class="row">
        <span>${t('sub.shift')} ${x}, ${y}</span>
        <label
          >${t('sub.step')}
          <select name="step" @change=${({ target }: Event) => (this.step = Number((target as HTMLSelectElement).value))}>
            ${STEPS.map((step) => html`<option ?selected=${step === this.step}>${step}</option>`)}
          </select></label
        >
      </div>
      <div class="row" @keydown=${(event: KeyboardEvent) => this.#key(event, cell)}>
        ${this.#arrow('left', left, t('sub.left'), cell, -1, 0)} ${this.#arrow('right', right, t('sub.right'), cell, 1, 0)}
        ${this.#arrow('up', up, t('sub.up'), cell, 0, -1)} ${this.#arrow('down', down, t('sub.down'), cell, 0, 1)}
        <button
          type="button"
          name="zero"
          @click=${() => session.change(cell, { operation: { shift: [0, 0] } })}
        >
          ${t('sub.zero')}
        </button>
      </div>
      <p>${t('sub.values')}</p>
    `;
  }

  #arrow(name: string, icon: string, label: string, cell: Cell, x: number, y: number): TemplateResult {
    return html`<button
      type="button"
      name=${name}
      title=${label}
      aria-label=${label}
      @click=${() => this.#shift(cell, x, y)}
    >
      <span class="icon">${unsafeHTML(icon)}</span>
    </button>`;
  }

  #shift(cell: Cell, x: number, y: number): void {
    this.source?.session.shiftBy(cell, x * this.step, y * this.step);
  }

  /** With one of the arrows focused, the arrow keys move the mask. */
  #key(event: KeyboardEvent, cell: Cell): void {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.#shift(cell, by[0] ?? 0, by[1] ?? 0);
  }

  #mask(cell: Cell, number: number): void {
    const frames = cell.view?.frame.numberOfFrames ?? 0;
    if (!Number.isInteger(number) || number < 1 || number > frames) {
      this.requestUpdate();
      return;
    }
    const operation = { operation: 'AVG_SUB', ranges: [], maskFrames: [number] } as const;
    this.source?.session.change(cell, { byHand: true, operation });
  }
}
