import { css } from 'lit';

export const pdfStyles = css`
  .pages {
    display: grid;
    justify-content: safe center;
    gap: 12px;
    padding: 12px;
  }
  .page {
    position: relative;
    background: white;
    box-shadow: var(--filmless-shadow);
    overflow: clip;
  }
  .page canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
  }
  .number-of-page {
    inline-size: 4em;
    text-align: end;
  }
  .find {
    inline-size: 12em;
  }
  .found {
    min-inline-size: 8em;
    font-size: var(--filmless-font-size-small);
  }
  /* What PDF.js asks of the page that shows its text layer. */
  .textLayer {
    color-scheme: only light;
    position: absolute;
    inset: 0;
    overflow: clip;
    line-height: 1;
    text-align: initial;
    text-size-adjust: none;
    forced-color-adjust: none;
    transform-origin: 0 0;
    --min-font-size: 1;
    --text-scale-factor: calc(var(--total-scale-factor) * var(--min-font-size));
    --min-font-size-inv: calc(1 / var(--min-font-size));
  }
  .textLayer span,
  .textLayer br {
    position: absolute;
    color: transparent;
    white-space: pre;
    cursor: text;
    transform-origin: 0 0;
    user-select: text;
  }
  .textLayer > :not(.markedContent),
  .textLayer .markedContent span:not(.markedContent) {
    z-index: 1;
    --font-height: 0;
    --scale-x: 1;
    --rotate: 0deg;
    font-size: calc(var(--text-scale-factor) * var(--font-height));
    transform: rotate(var(--rotate)) scaleX(var(--scale-x)) scale(var(--min-font-size-inv));
  }
  .textLayer .markedContent {
    display: contents;
  }
  .textLayer ::selection {
    background: color-mix(in srgb, var(--filmless-accent) 40%, transparent);
  }
  ::highlight(filmless-pdf-find) {
    background: rgb(255 213 0 / 40%);
  }
  ::highlight(filmless-pdf-current) {
    background: rgb(255 128 0 / 45%);
  }
`;
