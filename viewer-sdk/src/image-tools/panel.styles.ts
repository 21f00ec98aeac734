import { css } from 'lit';

/** What the panels of the image tools share. */
export const panelStyles = css`
  :host {
    display: block;
    padding: 12px;
  }
  p {
    margin: 8px 0;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-block-end: 8px;
  }
  label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  input,
  select {
    block-size: 28px;
    padding: 0 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-0);
    color: inherit;
    font: inherit;
  }
  input[type='number'] {
    inline-size: 84px;
  }
  input[type='range'] {
    flex: 1;
    min-inline-size: 60px;
    padding: 0;
    accent-color: var(--filmless-accent);
  }
  input[type='checkbox'] {
    block-size: 16px;
    inline-size: 16px;
    margin: 0;
    accent-color: var(--filmless-accent);
  }
  .row button {
    border-color: var(--filmless-line);
    block-size: 28px;
  }
  button[aria-pressed='true'] {
    background: var(--filmless-accent-surface);
    color: var(--filmless-accent);
  }
`;
