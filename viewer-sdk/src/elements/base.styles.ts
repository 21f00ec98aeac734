import { css } from 'lit';

/** What all elements of the viewer share: type, icons, buttons, focus. */
export const baseStyles = css`
  :host {
    box-sizing: border-box;
    font-family: var(--filmless-font);
    font-size: var(--filmless-font-size-table);
    line-height: 1.4;
    color: var(--filmless-text);
    font-variant-numeric: tabular-nums;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  .icon {
    display: inline-flex;
    flex: none;
  }
  .icon svg {
    inline-size: 20px;
    block-size: 20px;
    stroke-width: 1.75;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--filmless-space);
    margin: 0;
    padding: 0 8px;
    block-size: var(--filmless-row-height);
    border: 1px solid transparent;
    border-radius: var(--filmless-radius);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    background: var(--filmless-surface-3);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--filmless-accent);
    outline-offset: -2px;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation-duration: 0.01ms !important;
      transition: none !important;
    }
  }
`;
