import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { baseStyles } from './base.styles.ts';
import { icon } from './icons.ts';
import { benchText } from './texts.ts';

/** A panel's entry on the rail. */
export interface PanelEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: string;
  readonly disabled: boolean;
}

const LEAST_PX = 240;
const MOST_PX = 560;
const USUAL_PX = 320;
const KEY_STEP_PX = 16;
const STORED = 'filmless.viewer.panel-width';

/**
 * The panels at the right: a rail of icons, and the open one beside it. Fires `panel-choose` (detail: its id, or `undefined` to fold it);
 * it does not leave the viewer.
 *
 * @slot - the open panel's content
 */
export class FilmlessViewerPanels extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex: none;
        background: var(--filmless-surface-1);
        border-inline-start: 1px solid var(--filmless-line);
      }
      .panel {
        position: relative;
        display: flex;
        flex-direction: column;
        min-inline-size: 0;
        border-inline-end: 1px solid var(--filmless-line);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-block-size: 36px;
        padding-inline: 12px 4px;
        border-block-end: 1px solid var(--filmless-line);
      }
      h2 {
        margin: 0;
        font-size: var(--filmless-font-size-form);
      }
      .content {
        flex: 1;
        min-block-size: 0;
        overflow: auto;
        scrollbar-width: thin;
        scrollbar-color: var(--filmless-surface-3) transparent;
      }
      .edge {
        position: absolute;
        inset-block: 0;
        inset-inline-start: -3px;
        z-index: 2;
        inline-size: 6px;
        cursor: ew-resize;
        touch-action: none;
      }
      .edge:hover,
      .edge:focus-visible {
        background: var(--filmless-accent);
      }
      .rail {
        display: flex;
        flex-direction: column;
        gap: 2px;
        padding: 3px;
      }
      .rail button {
        inline-size: 34px;
        padding: 0;
      }
      .rail [aria-expanded='true'] {
        background: var(--filmless-accent-surface);
        color: var(--filmless-accent);
      }
    `,
  ];

  @property({ attribute: false }) panels: readonly PanelEntry[] = [];
  /** The open panel. */
  @property({ attribute: false }) open: string | undefined;
  @property() locale = '';
  @property({ type: Number }) width = storedWidth();

  protected override render(): TemplateResult {
    const open = this.panels.find(({ id }) => id === this.open);
    return html`
      ${open ? this.#panel(open) : nothing}
      <nav class="rail" aria-label=${benchText(this.locale, 'panels')}>
        ${this.panels.map(
          (panel) =>
            html`<button
              type="button"
              title=${panel.label}
              aria-label=${panel.label}
              aria-expanded=${panel.id === this.open}
              data-id=${panel.id}
              ?disabled=${panel.disabled}
              @click=${() => this.#choose(panel.id === this.open ? undefined : panel.id)}
            >
              ${icon(panel.icon)}
            </button>`,
        )}
      </nav>
    `;
  }

  #panel({ label }: PanelEntry): TemplateResult {
    const fold = benchText(this.locale, 'panelClose');
    return html`<section part="panel" class="panel" .style=${`inline-size: ${this.width}px`} aria-label=${label}>
      <div
        class="edge"
        role="separator"
        aria-orientation="vertical"
        aria-label=${benchText(this.locale, 'panelWidth')}
        aria-valuemin=${LEAST_PX}
        aria-valuemax=${MOST_PX}
        aria-valuenow=${this.width}
        tabindex="0"
        @pointerdown=${this.#grab}
        @keydown=${this.#keydown}
      ></div>
      <header>
        <h2>${label}</h2>
        <button type="button" title=${fold} aria-label=${fold} @click=${() => this.#choose(undefined)}>${icon('fold')}</button>
      </header>
      <div class="content"><slot></slot></div>
    </section>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('width') && changed.get('width') !== undefined) storeWidth(this.width);
  }

  #choose(id: string | undefined): void {
    this.dispatchEvent(new CustomEvent<string | undefined>('panel-choose', { detail: id }));
  }

  #resize(widthPx: number): void {
    this.width = Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, widthPx)));
  }

  readonly #grab = (event: PointerEvent): void => {
    const edge = event.currentTarget;
    if (event.button !== 0 || !(edge instanceof HTMLElement)) return;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const [start, width] = [event.clientX, this.width];
    const move = ({ clientX }: PointerEvent) => this.#resize(width + start - clientX);
    edge.addEventListener('pointermove', move);
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), { once: true });
  };

  readonly #keydown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? KEY_STEP_PX : event.key === 'ArrowRight' ? -KEY_STEP_PX : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#resize(this.width + by);
  };
}

/** A page may forbid storage: then the width is the usual one every time. */
function storedWidth(): number {
  try {
    const width = Number(localStorage.getItem(STORED) ?? USUAL_PX);
    return width >= LEAST_PX && width <= MOST_PX ? width : USUAL_PX;
  } catch {
    return USUAL_PX;
  }
}

function storeWidth(widthPx: number): void {
  try {
    localStorage.setItem(STORED, String(widthPx));
  } catch {
    // As above.
  }
}
