import { css } from 'lit';

export const topBarStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
    padding: 0 var(--filmless-space-2) 0 var(--filmless-space-4);
    background: var(--filmless-surface-1);
    border-bottom: 1px solid var(--filmless-line);
  }
  .product {
    font-weight: 600;
    white-space: nowrap;
    margin-right: var(--filmless-space-4);
  }
  .search {
    display: flex;
    align-items: center;
    gap: 8px;
    flex: 0 1 480px;
    min-width: 160px;
    height: 32px;
    padding: 0 8px;
    color: var(--filmless-text-secondary);
    background: var(--filmless-surface-0);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius);
  }
  .search:focus-within {
    border-color: var(--filmless-accent);
    outline: 1px solid var(--filmless-accent);
  }
  input {
    font: inherit;
    flex: 1;
    min-width: 0;
    height: 28px;
    padding: 0;
    color: var(--filmless-text);
    background: none;
    border: 0;
    outline: none;
  }
  input::placeholder {
    color: var(--filmless-text-secondary);
    opacity: 1;
  }
  kbd {
    font-family: inherit;
    font-size: var(--filmless-font-size-small);
    line-height: 18px;
    padding: 0 6px;
    border: 1px solid var(--filmless-line-strong);
    border-radius: 3px;
  }
  .user {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    max-width: 180px;
  }
  .tick {
    width: 16px;
    display: inline-flex;
  }
`;
