import { css } from 'lit';

export const viewerStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr);
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 320px;
    contain: strict;
    background: var(--filmless-surface-0);
  }
  :host([hidden]) {
    display: none;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 14px;
    min-block-size: var(--filmless-row-height);
    padding: 0 12px;
    background: var(--filmless-surface-2);
    border-block-end: 1px solid var(--filmless-line);
    white-space: nowrap;
    overflow: hidden;
  }
  .banner > span:empty {
    display: none;
  }
  .banner > .divider:empty {
    display: block;
    inline-size: 1px;
    block-size: 16px;
    background: var(--filmless-line);
  }
  .patient-name {
    font-size: 15px;
    font-weight: 600;
  }
  .exam {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .body {
    display: flex;
    min-block-size: 0;
    min-inline-size: 0;
  }
  .area {
    position: relative;
    flex: 1;
    min-inline-size: 0;
    background: var(--filmless-image-background);
    overflow: hidden;
    touch-action: none;
    user-select: none;
  }
  .area:focus-visible {
    outline-offset: -2px;
  }
  .stage,
  .preview {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
  }
  .preview {
    object-fit: contain;
    background: var(--filmless-image-background);
    pointer-events: none;
  }
  .tool-scroll {
    cursor: ns-resize;
  }
  .tool-zoom {
    cursor: zoom-in;
  }
  .tool-pan {
    cursor: move;
  }
  .badge {
    position: absolute;
    inset-block-start: 10px;
    inset-inline-start: 50%;
    translate: -50% 0;
    display: inline-flex;
    align-items: center;
    gap: 8px;
    padding: 3px 10px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-1);
    font-size: var(--filmless-font-size-small);
    white-space: nowrap;
  }
  .badge.critical {
    border-color: var(--filmless-state-critical);
  }
  .badge button {
    block-size: 24px;
  }
  .badge .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .spinner {
    inline-size: 14px;
    block-size: 14px;
    border: 2px solid var(--filmless-surface-3);
    border-block-start-color: var(--filmless-accent);
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }
  .waiting {
    position: absolute;
    inset-block-start: 50%;
    inset-inline-start: 50%;
    translate: -50% -50%;
    display: grid;
    justify-items: center;
    gap: 10px;
    color: var(--filmless-overlay-secondary);
  }
  .waiting .spinner {
    inline-size: 26px;
    block-size: 26px;
    border-color: var(--filmless-overlay-line);
    border-block-start-color: var(--filmless-overlay-progress);
  }
  @keyframes turn {
    to {
      rotate: 360deg;
    }
  }
  .message {
    position: absolute;
    inset: 0;
    display: grid;
    align-content: center;
    justify-items: center;
    gap: 8px;
    padding: 24px;
    background: var(--filmless-surface-0);
    text-align: center;
    cursor: default;
    user-select: text;
  }
  .message > .icon svg {
    inline-size: 28px;
    block-size: 28px;
    color: var(--filmless-text-secondary);
  }
  .message.critical > .icon svg {
    color: var(--filmless-state-critical);
  }
  .message .title {
    font-size: 16px;
    font-weight: 600;
  }
  .message .hint {
    max-inline-size: 46ch;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-form);
  }
  .message .actions {
    display: flex;
    gap: 8px;
    margin-block-start: 8px;
  }
  .message .code {
    margin-block-start: 8px;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  .bordered {
    border-color: var(--filmless-line);
    background: var(--filmless-surface-2);
  }
  .bordered .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
`;
