import { css } from 'lit';

export const studyListStyles = css`
  :host {
    display: block;
    min-block-size: 160px;
    background: var(--filmless-surface-1);
    border: 1px solid var(--filmless-line);
    overflow: hidden;
  }
  :host([hidden]) {
    display: none !important;
  }
  /* A page may set the element's own display. */
  .frame {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr);
    inline-size: 100%;
    block-size: 100%;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 8px;
    border-block-end: 1px solid var(--filmless-line);
  }
  .field {
    display: flex;
    flex: 0 1 320px;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    block-size: 30px;
    padding-inline-start: 8px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-0);
    color: var(--filmless-text-secondary);
  }
  .field:focus-within {
    outline: 2px solid var(--filmless-accent);
    outline-offset: -1px;
  }
  .field .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .field button {
    inline-size: 26px;
    block-size: 26px;
    padding: 0;
  }
  input {
    flex: 1;
    min-inline-size: 0;
    block-size: 100%;
    border: 0;
    outline: none;
    background: none;
    color: var(--filmless-text);
    font: inherit;
  }
  input:focus-visible {
    outline: none;
  }
  input::placeholder {
    color: var(--filmless-text-secondary);
    opacity: 1;
  }
  .count {
    margin-inline-start: auto;
    color: var(--filmless-text-secondary);
    white-space: nowrap;
  }
  .grid {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    grid-row: 2 / -1;
    min-block-size: 0;
    overflow: hidden;
  }
  .head,
  .row {
    display: grid;
    column-gap: 8px;
    align-items: center;
    block-size: var(--filmless-row-height);
    padding-inline: 10px;
  }
  .head {
    background: var(--filmless-surface-2);
    border-block-end: 1px solid var(--filmless-line);
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
    scrollbar-gutter: stable;
    scrollbar-width: thin;
    overflow: hidden;
  }
  .scroller {
    overflow-y: auto;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-surface-3) transparent;
  }
  .rows {
    position: relative;
  }
  .row {
    position: absolute;
    inset-inline: 0;
    border-block-end: 1px solid var(--filmless-line);
    cursor: pointer;
  }
  .row:hover {
    background: var(--filmless-surface-2);
  }
  .row.current {
    background: var(--filmless-accent-surface);
    box-shadow: inset 3px 0 0 var(--filmless-accent);
  }
  .head > *,
  .row > * {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .end {
    text-align: end;
  }
  .more {
    position: absolute;
    inset-inline: 0;
    padding: 6px 10px;
    color: var(--filmless-text-secondary);
  }
  .skeleton {
    block-size: 20px;
    margin: 6px 10px;
    border-radius: 2px;
    background: var(--filmless-surface-2);
  }
`;
