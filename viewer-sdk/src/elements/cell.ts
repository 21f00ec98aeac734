import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import type { Size } from '../client/dicomweb-client.ts';
import { type Translate, translator } from '../i18n/index.ts';
import type { CellSurface } from '../session/cell-surface.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import { baseStyles } from './base.styles.ts';
import { cellStyles } from './cell.styles.ts';
import type { CellUi } from './cell-ui.ts';

/** Below this width or height there is no room for all the text. */
const SMALL_PX = 300;

/**
 * One image area of the viewer: the engine's canvas, the preview, layers, text, messages, and the bar beside it.
 *
 * @csspart image - the image area
 * @csspart message - messages in the image area
 */
export class FilmlessViewerCell extends LitElement implements CellSurface {
  static override styles = [baseStyles, cellStyles];

  /** What the viewer's other parts put in here. */
  @property({ attribute: false }) ui: CellUi | undefined;
  @property({ attribute: false }) t: Translate = translator('');
  /** Whether the corners carry text. */
  @property({ type: Boolean }) texts = true;
  /** The element's place among the cells, for its name. */
  @property({ attribute: false }) label = '';
  /** Whether the page names something to open. */
  @property({ type: Boolean }) waiting = false;

  @query('.area') private readonly area!: HTMLElement | null;
  @query('.stage') private readonly stageElement!: HTMLDivElement | null;
  @query('.preview') private readonly previewImage!: HTMLImageElement | null;

  #cell: ViewerCell | undefined;
  #detach: (() => void) | undefined;
  #attached: { ui: CellUi; cell: ViewerCell } | undefined;

  /** Given once, before the first update. */
  get cell(): ViewerCell | undefined {
    return this.#cell;
  }

  set cell(cell: ViewerCell | undefined) {
    if (cell === this.#cell) return;
    if (this.#cell?.surface === this) this.#cell.surface = undefined;
    this.#cell = cell;
    if (cell) cell.surface = this;
    this.requestUpdate();
  }

  get size(): Size {
    const { clientWidth: width, clientHeight: height } = this.area ?? this;
    return { width, height };
  }

  stage(): HTMLDivElement | null {
    return this.stageElement;
  }

  override focus(options?: FocusOptions): void {
    this.area?.focus(options);
  }

  /** `updateComplete` of Lit is not enough: the preview has to be decoded and two frames to be painted. */
  async painted(): Promise<void> {
    this.requestUpdate();
    await this.updateComplete;
    await this.previewImage?.decode();
    await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  }

  protected override updated(): void {
    const { ui, cell, area } = this;
    if (!ui || !cell || !area) {
      this.#detach?.();
      this.#detach = undefined;
      this.#attached = undefined;
      return;
    }
    if (this.#attached?.ui !== ui || this.#attached.cell !== cell) {
      this.#detach?.();
      this.#detach = ui.attach(area, cell);
      this.#attached = { ui, cell };
    }
    ui.drawn(cell, this.renderRoot);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { cell, ui, t } = this;
    const state = cell?.state;
    if (!cell || !state) return nothing;
    const { view, shownFrame: frame, count, preview } = state;
    const place = {
      index: view?.index ?? Math.max(0, state.open?.start ?? 0),
      count: state.open?.complete ? count : 0,
    };
    return html`
      <div
        part="image"
        class="area tool-${ui?.tool ?? ''}"
        .style=${ui ? `cursor: ${ui.cursor}` : ''}
        tabindex="0"
        role="group"
        aria-label=${this.label || t('images')}
        aria-busy=${this.#busy()}
      >
        <div class="stage"></div>
        ${preview ? html`<img class="preview" src=${preview.url} alt=${t('images')} draggable="false" />` : nothing}
        ${this.#layers(cell)}
        <filmless-viewer-overlay
          ?hidden=${!this.texts}
          .t=${t}
          .frame=${frame}
          .view=${view}
          .place=${place}
          .stageHeight=${this.size.height}
          .stageWidth=${this.size.width}
          .small=${this.size.width < SMALL_PX || this.size.height < SMALL_PX}
        ></filmless-viewer-overlay>
        ${ui ? ui.object(cell) : nothing}
        ${ui ? ui.message(cell) : this.#waiting(cell)}
      </div>
      ${ui ? ui.scrollbar(cell) : nothing}
    `;
  }

  #layers(cell: ViewerCell): TemplateResult | typeof nothing {
    const layers = this.ui?.layers ?? [];
    // What is drawn over an image goes with it.
    if (!cell.state.view || layers.length === 0) return nothing;
    return html`<svg class="layers" aria-hidden="true">
      ${layers.map((layer) => {
        try {
          return svg`<g data-layer=${layer.id}>${layer.render(cell) ?? nothing}</g>`;
        } catch (error) {
          // A layer that fails takes neither the image nor the other layers away.
          reportError(error);
          return nothing;
        }
      })}
    </svg>`;
  }

  #waiting({ state }: ViewerCell): TemplateResult | typeof nothing {
    if (!this.waiting || state.view || state.preview) return nothing;
    return html`<div class="waiting" role="status"><span class="spinner"></span>${this.t('loading')}</div>`;
  }

  #busy(): boolean {
    const state = this.#cell?.state;
    if (!state || state.error || state.imageError || state.view || state.object) return false;
    return this.waiting && !(state.open?.complete && state.count === 0);
  }
}
