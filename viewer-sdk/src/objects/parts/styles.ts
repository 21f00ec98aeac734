import { css } from 'lit';

/** What the surfaces of all objects share: bar, sheet, links, messages. */
export const partStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    background: var(--filmless-surface-0);
    cursor: default;
    user-select: text;
    touch-action: auto;
    text-align: start;
  }
  .bar {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    min-block-size: 40px;
    padding: 3px 8px;
    background: var(--filmless-surface-1);
    border-block-end: 1px solid var(--filmless-line);
    user-select: none;
  }
  .bar .grow {
    flex: 1;
    min-inline-size: 0;
  }
  .bar .name {
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .bar .divider {
    inline-size: 1px;
    block-size: 20px;
    margin: 0 4px;
    background: var(--filmless-line);
  }
  .bar button[aria-pressed='true'] {
    background: var(--filmless-accent-surface);
    border-color: var(--filmless-accent);
  }
  .bar .only-icon {
    inline-size: var(--filmless-row-height);
    padding: 0;
  }
  .bar select,
  .bar input {
    block-size: 28px;
    padding: 0 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    color: inherit;
    font: inherit;
  }
  .scroll {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-surface-3) transparent;
  }
  .link {
    block-size: auto;
    min-block-size: 24px;
    padding: 0 4px;
    color: var(--filmless-accent);
    text-decoration: underline;
    text-underline-offset: 2px;
    text-align: start;
  }
  .link .icon svg {
    inline-size: 14px;
    block-size: 14px;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .surface-message {
    display: grid;
    flex: 1;
    align-content: center;
    justify-items: center;
    gap: 8px;
    padding: 24px;
    text-align: center;
  }
  .surface-message .title {
    font-size: 16px;
    font-weight: 600;
  }
  .surface-message .hint {
    max-inline-size: 52ch;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-form);
    overflow-wrap: anywhere;
  }
  .surface-message .actions {
    display: flex;
    gap: 8px;
    margin-block-start: 8px;
  }
  .bordered {
    border-color: var(--filmless-line);
    background: var(--filmless-surface-2);
  }
  .spinner {
    inline-size: 24px;
    block-size: 24px;
    border: 2px solid var(--filmless-surface-3);
    border-block-start-color: var(--filmless-accent);
    border-radius: 50%;
    animation: turn 0.9s steps(9) infinite;
  }
  @keyframes turn {
    to {
      rotate: 360deg;
    }
  }
`;
