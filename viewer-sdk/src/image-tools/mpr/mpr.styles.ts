import { css } from 'lit';

export const mprStyles = css`
  :host {
    position: absolute;
    inset: 0;
    z-index: 6;
    display: grid;
    grid-template: repeat(2, minmax(0, 1fr)) / repeat(2, minmax(0, 1fr));
    gap: 1px;
    padding: 0;
    background: var(--filmless-line);
  }
  .loading {
    grid-area: 1 / 1 / -1 / -1;
    display: grid;
    place-items: center;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-secondary);
  }
  .pane {
    position: relative;
    overflow: hidden;
    background: var(--filmless-image-background);
    touch-action: none;
    user-select: none;
  }
  canvas {
    position: absolute;
  }
  svg {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    pointer-events: none;
  }
  .cross {
    fill: none;
    stroke: var(--filmless-overlay-accent);
    stroke-width: 1;
  }
  .name,
  .edge {
    position: absolute;
    color: var(--filmless-overlay-text);
    text-shadow: 0 0 3px var(--filmless-annotation-rim), 0 0 3px var(--filmless-annotation-rim);
    pointer-events: none;
  }
  .name {
    inset: 8px auto auto 10px;
  }
  .edge {
    color: var(--filmless-overlay-accent);
    font-weight: 600;
  }
  .left {
    inset: 50% auto auto 8px;
  }
  .right {
    inset: 50% 8px auto auto;
  }
  .top {
    inset: 6px auto auto 50%;
  }
  .bottom {
    inset: auto auto 6px 50%;
  }
  .controls {
    padding: 12px;
    overflow: auto;
    background: var(--filmless-surface-1);
  }
  h2 {
    margin: 0 0 8px;
    font-size: var(--filmless-font-size-form);
  }
  .value {
    color: var(--filmless-text);
    font-size: var(--filmless-font-size-form);
  }
`;
