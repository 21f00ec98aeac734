import { css } from 'lit';

/** Messages over the images; adopted by the viewer and its cells when the workbench comes. */
export const messageStyles = css`
  .area[data-drop]::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: 4;
    border: 2px dashed var(--filmless-accent);
    pointer-events: none;
  }
  .badge {
    position: absolute;
    inset-block-start: 10px;
    inset-inline-start: 50%;
    translate: -50% 0;
    display: inline-flex;
    align-items: center;
    gap: 8px;
    max-inline-size: calc(100% - 16px);
    padding: 3px 10px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-1);
    font-size: var(--filmless-font-size-small);
    white-space: nowrap;
    overflow: hidden;
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
  .message {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: grid;
    align-content: center;
    justify-items: center;
    gap: 8px;
    padding: 24px;
    background: var(--filmless-surface-0);
    text-align: center;
    cursor: default;
    user-select: text;
    overflow: auto;
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
  .empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    padding: 16px;
    color: var(--filmless-overlay-secondary);
    text-align: center;
  }
  .objects {
    position: absolute;
    inset-block-start: 8px;
    inset-inline-start: 50%;
    z-index: 2;
    translate: -50% 0;
    max-inline-size: 60%;
    block-size: 28px;
    padding-inline: 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    color: var(--filmless-text);
    font: inherit;
    cursor: pointer;
  }
  .object.chosen {
    padding-block-start: 44px;
  }
  .notices {
    position: absolute;
    inset-block-end: 12px;
    inset-inline-start: 50%;
    z-index: 10;
    translate: -50% 0;
    display: grid;
    justify-items: center;
    gap: 6px;
    max-inline-size: calc(100% - 24px);
    pointer-events: none;
  }
  .notice {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 4px 6px 4px 12px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    box-shadow: var(--filmless-shadow);
    pointer-events: auto;
  }
  .notice > .icon svg {
    inline-size: 18px;
    block-size: 18px;
    color: var(--filmless-state-information);
  }
  .notice.done > .icon svg {
    color: var(--filmless-state-done);
  }
  .notice.error {
    border-color: var(--filmless-state-critical);
  }
  .notice.error > .icon svg {
    color: var(--filmless-state-critical);
  }
  .notice button {
    block-size: 26px;
    padding: 0 4px;
  }
`;
