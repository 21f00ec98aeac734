import { css } from 'lit';

export const toolbarStyles = css`
  :host {
    display: block;
    background: var(--filmless-surface-1);
    border-block-end: 1px solid var(--filmless-line);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px;
    padding: 3px 6px;
  }
  .gap {
    inline-size: 1px;
    block-size: 20px;
    margin-inline: 5px;
    background: var(--filmless-line);
  }
  .tool {
    position: relative;
    min-inline-size: 34px;
    padding: 0 6px;
  }
  .tool[aria-pressed='true'],
  .tool[aria-expanded='true'] {
    background: var(--filmless-accent-surface);
    color: var(--filmless-accent);
  }
  .presets {
    min-inline-size: 118px;
    justify-content: space-between;
  }
  .presets .value {
    flex: 1;
    text-align: start;
    white-space: nowrap;
  }
  .presets .icon:last-child svg {
    inline-size: 14px;
    block-size: 14px;
  }
  .tip {
    position: absolute;
    z-index: 4;
    inset-block-start: calc(100% + 6px);
    inset-inline-start: 50%;
    translate: -50% 0;
    display: none;
    padding: 3px 8px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    color: var(--filmless-text);
    box-shadow: var(--filmless-shadow);
    font-size: var(--filmless-font-size-small);
    white-space: nowrap;
    pointer-events: none;
  }
  .first .tip {
    inset-inline-start: 0;
    translate: 0 0;
  }
  .tool:hover .tip,
  .tool:focus-visible .tip {
    display: block;
    animation: appear 0s 0.4s both;
  }
  .tool[aria-expanded='true'] .tip {
    display: none;
  }
  @keyframes appear {
    from {
      visibility: hidden;
    }
    to {
      visibility: visible;
    }
  }
  kbd {
    margin-inline-start: 8px;
    padding: 0 4px;
    border: 1px solid var(--filmless-line);
    border-radius: 3px;
    color: var(--filmless-text-secondary);
    font: inherit;
  }
  .anchor {
    position: relative;
    display: inline-flex;
  }
  .menu {
    position: absolute;
    z-index: 5;
    inset-block-start: calc(100% + 4px);
    inset-inline-start: 0;
    display: grid;
    min-inline-size: 220px;
    max-block-size: calc(100cqh - 88px);
    padding: 4px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    box-shadow: var(--filmless-shadow);
    overflow-y: auto;
  }
  .menu.end {
    inset-inline: auto 0;
  }
  .menu button {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 8px;
    justify-items: start;
    inline-size: 100%;
    text-align: start;
    white-space: nowrap;
  }
  .menu.windows button {
    grid-template-columns: 1fr auto 18px;
  }
  .menu .secondary {
    color: var(--filmless-text-secondary);
  }
  .menu kbd {
    margin: 0;
  }
  .menu [aria-checked='true'] {
    color: var(--filmless-accent);
  }
  .menu .heading {
    padding: 6px 8px 2px;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  .menu.grid {
    grid-template-columns: repeat(4, 30px);
    gap: 3px;
    min-inline-size: 0;
    padding: 8px;
  }
  .menu.grid button {
    inline-size: 30px;
    block-size: 24px;
    padding: 0;
    border-color: var(--filmless-text-secondary);
    background: var(--filmless-surface-1);
  }
  .menu.grid button.marked {
    border-color: var(--filmless-accent);
    background: var(--filmless-accent-surface);
  }
  .menu.grid .secondary {
    grid-column: 1 / -1;
    padding-block-start: 2px;
    text-align: center;
    white-space: nowrap;
  }
  .spacer {
    flex: 1;
  }
`;
