import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { type Translate, translator } from '../i18n/index.ts';
import { baseStyles } from './base.styles.ts';

/**
 * The bar beside the image: where in the series one is, and which slices are loaded. Dragging or clicking goes there.
 * Fires `slice-request` with the index; it does not leave the viewer.
 */
export class FilmlessViewerScrollbar extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        inline-size: 16px;
        background: var(--filmless-surface-1);
        border-inline-start: 1px solid var(--filmless-line);
        touch-action: none;
      }
      .track {
        position: relative;
        block-size: 100%;
        cursor: pointer;
      }
      canvas {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
      }
      .thumb {
        position: absolute;
        inset-inline: 1px;
        min-block-size: 6px;
        border-radius: 2px;
        background: var(--filmless-accent);
      }
    `,
  ];

  @property({ type: Number }) index = 0;
  @property({ type: Number }) count = 0;
  /** Which frames are in the cache. */
  @property({ attribute: false }) loaded: readonly boolean[] = [];
  @property({ attribute: false }) t: Translate = translator('');

  @query('canvas') private readonly canvas!: HTMLCanvasElement;
  @query('.track') private readonly track!: HTMLElement;
  readonly #observer = new ResizeObserver(() => this.#draw());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  protected override render(): TemplateResult {
    const share = 100 / Math.max(1, this.count);
    const position = `top: clamp(0px, ${this.index * share}%, calc(100% - 6px)); height: ${share}%`;
    return html`
      <div
        class="track"
        role="slider"
        aria-orientation="vertical"
        aria-label=${this.t('scrollbar.label')}
        aria-valuemin="1"
        aria-valuemax=${Math.max(1, this.count)}
        aria-valuenow=${this.index + 1}
        aria-valuetext=${this.t('scrollbar.value', { index: this.index + 1, count: this.count })}
        tabindex="0"
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
      >
        <canvas></canvas>
        <div class="thumb" .style=${position}></div>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('loaded') || changed.has('count')) this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const context = canvas?.getContext('2d');
    if (!context) return;
    const height = Math.max(1, Math.round(canvas.clientHeight * (window.devicePixelRatio || 1)));
    canvas.width = 1;
    canvas.height = height;
    context.fillStyle = getComputedStyle(this).getPropertyValue('--filmless-surface-3') || 'gray';
    const row = height / Math.max(1, this.count);
    this.loaded.forEach((loaded, index) => {
      if (loaded) context.fillRect(0, Math.floor(index * row), 1, Math.ceil(row));
    });
  }

  readonly #down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.track.setPointerCapture(event.pointerId);
    this.#request(event);
  };

  readonly #move = (event: PointerEvent): void => {
    if (this.track.hasPointerCapture(event.pointerId)) this.#request(event);
  };

  #request(event: PointerEvent): void {
    const { top, height } = this.track.getBoundingClientRect();
    const index = Math.min(this.count - 1, Math.max(0, Math.floor(((event.clientY - top) / height) * this.count)));
    if (index !== this.index) this.dispatchEvent(new CustomEvent<number>('slice-request', { detail: index }));
  }
}
