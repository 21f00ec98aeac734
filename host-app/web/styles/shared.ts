import { css } from 'lit';

/** What every screen and component shares: box model, focus, text helpers, links, scroll bars. */
export const shared = css`
  :host {
    box-sizing: border-box;
    font-family: var(--filmless-font);
    font-size: var(--filmless-font-size-form);
    color: var(--filmless-text);
  }
  :host([hidden]) {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :focus-visible:not(input[slot]) {
    outline: 2px solid var(--filmless-accent);
    outline-offset: 1px;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  h1 {
    font-size: var(--filmless-font-size-l);
    font-weight: 600;
    line-height: 1.3;
  }
  h2 {
    font-size: var(--filmless-font-size-form);
    font-weight: 600;
  }
  a {
    color: var(--filmless-link);
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .ellipsis {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .mono {
    font-family: ui-monospace, 'SF Mono', Consolas, 'Noto Sans Mono', monospace;
    font-size: var(--filmless-font-size-small);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .row {
    display: flex;
    align-items: center;
    gap: var(--filmless-space-2);
  }
  .spacer {
    flex: 1;
  }
  .plain-button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    border-radius: var(--filmless-radius);
  }
  .icon-button {
    font: inherit;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-width: 32px;
    height: 32px;
    padding: 0 6px;
    color: var(--filmless-text-secondary);
    background: none;
    border: 0;
    border-radius: var(--filmless-radius);
    cursor: pointer;
  }
  .icon-button:hover {
    background: var(--filmless-surface-2);
    color: var(--filmless-text);
  }
  .icon-button[aria-pressed='true'] {
    background: var(--filmless-accent-surface);
    color: var(--filmless-link);
  }
  .icon-button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  vaadin-button {
    margin: 0;
    flex: none;
  }
  vaadin-button[theme~='small'] {
    --vaadin-button-height: 26px;
  }
  .scroll {
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-line-strong) transparent;
  }
`;

/** A page that scrolls: title row, then panels divided by lines. */
export const page = css`
  :host {
    display: block;
    height: 100%;
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-line-strong) transparent;
    background: var(--filmless-surface-0);
  }
  .page {
    max-width: 1760px;
    padding: var(--filmless-space-4) var(--filmless-space-6) var(--filmless-space-8);
    display: flex;
    flex-direction: column;
    gap: var(--filmless-space-4);
  }
  .page-head {
    display: flex;
    align-items: flex-start;
    flex-wrap: wrap;
    gap: var(--filmless-space-2) var(--filmless-space-4);
  }
  .page-head p {
    color: var(--filmless-text-secondary);
    margin-top: 2px;
    max-width: 90ch;
  }
  .panel {
    background: var(--filmless-surface-1);
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius-l);
  }
  .panel-head {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: var(--filmless-space-2);
    min-height: 44px;
    padding: 6px var(--filmless-space-4);
    border-bottom: 1px solid var(--filmless-line);
  }
  .panel-body {
    padding: var(--filmless-space-4);
  }
`;
