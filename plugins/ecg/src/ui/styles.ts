import { css } from 'lit';

/** The paper is light in every theme, as everyone who reads ECGs knows it. */
export const ecgStyles = css`
  :host {
    --paper: #fffaf8;
    --fine: #f6d5d0;
    --coarse: #e9a49b;
    --ink: #14181c;
    --mark: #0b57a4;
    display: flex;
    flex-direction: column;
    box-sizing: border-box;
    background: var(--filmless-surface-0);
    color: var(--filmless-text);
    font-family: var(--filmless-font);
    font-size: var(--filmless-font-size-table);
    font-variant-numeric: tabular-nums;
    cursor: default;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  .bar {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    min-block-size: 40px;
    padding: 3px 8px;
    background: var(--filmless-surface-1);
    border-block-end: 1px solid var(--filmless-line);
  }
  .bar .name {
    font-weight: 600;
  }
  .bar .grow {
    flex: 1;
  }
  label {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }
  select,
  button {
    block-size: 28px;
    padding: 0 8px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button:hover,
  button[aria-pressed='true'] {
    background: var(--filmless-surface-3);
  }
  :focus-visible {
    outline: 2px solid var(--filmless-accent);
    outline-offset: -2px;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 18px;
    padding: 4px 10px;
    background: var(--filmless-surface-1);
    border-block-end: 1px solid var(--filmless-line);
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .scroll {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    padding: 8px;
    scrollbar-width: thin;
  }
  svg.sheet {
    display: block;
    background: var(--paper);
    touch-action: none;
    cursor: crosshair;
    user-select: none;
  }
  .fine {
    stroke: var(--fine);
    stroke-width: 0.12;
  }
  .coarse {
    stroke: var(--coarse);
    stroke-width: 0.2;
  }
  .trace,
  .pulse {
    fill: none;
    stroke: var(--ink);
    stroke-width: 0.3;
    stroke-linejoin: round;
  }
  .sheet text {
    fill: var(--ink);
    font-family: var(--filmless-font);
    font-size: 3.4px;
    /* A tall R wave runs through the lead's name: it stays readable. */
    paint-order: stroke;
    stroke: var(--paper);
    stroke-width: 0.9;
  }
  .sheet .scale {
    font-size: 2.8px;
  }
  .caliper rect {
    fill: rgb(11 87 164 / 10%);
    stroke: var(--mark);
    stroke-width: 0.25;
  }
  .caliper text {
    fill: var(--mark);
    font-weight: 600;
  }
  .message {
    display: grid;
    flex: 1;
    place-items: center;
    color: var(--filmless-text-secondary);
  }
  input[type='range'] {
    inline-size: 12em;
    accent-color: var(--filmless-accent);
  }
`;
