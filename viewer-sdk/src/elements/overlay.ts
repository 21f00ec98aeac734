import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { Frame } from '../dicom/frame.ts';
import type { ViewState } from '../engine/contract.ts';
import { type Translate, translator } from '../i18n/index.ts';
import { baseStyles } from './base.styles.ts';
import { cornerText, orientationLetters, outerSide, ruler } from './overlay-text.ts';

/** A mammogram's text stands on one side: lower or narrower images have no room for all of it. */
const ONE_SIDE_PX = 330;
const ONE_SIDE_WIDTH_PX = 420;
const UNTURNED: ViewState['screen'] = { right: [1, 0], down: [0, 1] };

/**
 * The text on the image: four corners, orientation letters, ruler. It is given the frame on the screen and reads everything from it.
 *
 * @csspart corner - each of the four texts
 */
export class FilmlessViewerOverlay extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        position: absolute;
        inset: 0;
        pointer-events: none;
        color: var(--filmless-overlay-text);
        font-size: var(--filmless-font-size-small);
        text-shadow:
          0 0 2px var(--filmless-image-background),
          0 0 2px var(--filmless-image-background),
          0 1px 2px var(--filmless-image-background);
      }
      .corner {
        position: absolute;
        max-inline-size: 46%;
        padding: 8px 10px;
      }
      .corner div {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: pre;
      }
      .top {
        inset-block-start: 0;
      }
      .bottom {
        inset-block-end: 0;
      }
      .start {
        inset-inline-start: 0;
      }
      .end {
        inset-inline-end: 0;
        text-align: end;
      }
      :host([small]) .ruler {
        display: none;
      }
      :host([small]) .corner {
        padding: 4px 6px;
      }
      .name {
        font-size: var(--filmless-font-size-form);
        font-weight: 600;
      }
      .edge {
        position: absolute;
        font-size: 15px;
        font-weight: 600;
        color: var(--filmless-overlay-accent);
      }
      .edge.up {
        inset-block-start: 6px;
        inset-inline: 0;
        text-align: center;
      }
      .edge.down {
        inset-block-end: 6px;
        inset-inline: 0;
        text-align: center;
      }
      .edge.left,
      .edge.right {
        inset-block-start: 50%;
        translate: 0 -50%;
      }
      .edge.left {
        left: 8px;
      }
      .edge.right {
        right: 8px;
      }
      .ruler {
        position: absolute;
        inset-block-start: 50%;
        inset-inline-end: 34px;
        translate: 0 -50%;
        inline-size: 7px;
        border: 1px solid var(--filmless-overlay-text);
        border-inline-start: none;
        filter: drop-shadow(0 0 1px var(--filmless-image-background));
      }
      .ruler.left {
        inset-inline: 34px auto;
        border-inline: 1px solid var(--filmless-overlay-text);
        border-inline-end: none;
      }
      .ruler.left span {
        inset-inline: 11px auto;
      }
      .ruler span {
        position: absolute;
        inset-inline-end: 11px;
        inset-block-start: 50%;
        translate: 0 -50%;
        white-space: nowrap;
      }
    `,
  ];

  /** The frame on the screen. */
  @property({ attribute: false }) frame: Frame | undefined;
  /** How the engine shows it; without one it is a preview. */
  @property({ attribute: false }) view: ViewState | undefined;
  @property({ attribute: false }) place = { index: 0, count: 0 };
  @property({ attribute: false }) t: Translate = translator('');
  @property({ type: Number }) stageHeight = 0;
  @property({ type: Number }) stageWidth = 0;
  /** Whether there is room for the most important lines alone. */
  @property({ type: Boolean, reflect: true }) small = false;

  protected override render(): TemplateResult | typeof nothing {
    const { frame, view } = this;
    if (!frame) return nothing;
    const screen = view?.screen ?? UNTURNED;
    const outer = outerSide(frame, screen);
    const narrow = this.stageHeight < ONE_SIDE_PX || this.stageWidth < ONE_SIDE_WIDTH_PX;
    const small = this.small || (outer !== undefined && narrow);
    const corners = cornerText(frame, view, this.place, this.t, small);
    const letters = orientationLetters(frame, screen);
    const scale = view && ruler(view, this.stageHeight);
    const lines = (texts: readonly string[]) => texts.map((line) => html`<div>${line}</div>`);
    const [name, ...patient] = corners.topLeft;
    return html`
      ${
        outer
          ? html`
              <div part="corner" class="corner top ${outer === 'left' ? 'start' : 'end'}">
                <div class="name">${name}</div>${lines([...patient, ...corners.topRight])}
              </div>
              <div part="corner" class="corner bottom ${outer === 'left' ? 'start' : 'end'}">
                ${lines([...corners.bottomLeft, ...corners.bottomRight])}
              </div>
            `
          : html`
              <div part="corner" class="corner top start"><div class="name">${name}</div>${lines(patient)}</div>
              <div part="corner" class="corner top end">${lines(corners.topRight)}</div>
              <div part="corner" class="corner bottom start">${lines(corners.bottomLeft)}</div>
              <div part="corner" class="corner bottom end">${lines(corners.bottomRight)}</div>
            `
      }
      ${
        letters &&
        html`
          <div class="edge up">${letters.top}</div>
          <div class="edge right">${letters.right}</div>
          <div class="edge down">${letters.bottom}</div>
          <div class="edge left">${letters.left}</div>
        `
      }
      ${scale && html`<div class="ruler ${outer ?? ''}" .style=${`height: ${scale.lengthPx}px`}><span>${scale.label}</span></div>`}
    `;
  }
}
