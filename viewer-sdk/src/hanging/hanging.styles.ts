import { css } from 'lit';

/** The list of protocols and their editor. */
export const hangingStyles = css`
  :host {
    display: block;
    padding-block-end: 12px;
  }
  h3 {
    margin: 0;
    padding: 12px 12px 4px;
    font-size: var(--filmless-font-size-small);
    font-weight: 600;
    color: var(--filmless-text-secondary);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: flex;
    align-items: center;
    min-block-size: var(--filmless-row-height);
    padding-inline: 4px;
  }
  li.applied {
    background: var(--filmless-accent-surface);
  }
  .apply {
    flex: 1;
    justify-content: flex-start;
    min-inline-size: 0;
    gap: 8px;
    text-align: start;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .owner {
    margin-inline-start: auto;
    flex: none;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  li.applied .owner {
    color: inherit;
  }
  .small {
    flex: none;
    inline-size: 30px;
    padding: 0;
    color: var(--filmless-text-secondary);
  }
  .small:hover {
    color: var(--filmless-text);
  }
  .small .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .grid {
    display: grid;
    flex: none;
    gap: 1px;
    inline-size: 24px;
    block-size: 20px;
  }
  .grid i {
    background: currentColor;
    opacity: 0.55;
  }
  .note {
    padding: 12px;
    color: var(--filmless-text-secondary);
  }
  form {
    display: grid;
    gap: 8px;
    padding: 12px;
  }
  label {
    display: grid;
    grid-template-columns: 88px 1fr;
    gap: 8px;
    align-items: center;
  }
  label.check {
    grid-template-columns: auto 1fr;
  }
  label.tall {
    grid-template-columns: 1fr;
  }
  input:not([type='checkbox']),
  select,
  textarea {
    inline-size: 100%;
    min-block-size: 28px;
    padding: 3px 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-0);
    color: var(--filmless-text);
    font: inherit;
  }
  textarea {
    min-block-size: 220px;
    font-family: ui-monospace, 'Cascadia Mono', Consolas, monospace;
    font-size: 12px;
    line-height: 1.45;
    resize: vertical;
    tab-size: 2;
    white-space: pre;
  }
  input[type='checkbox'] {
    accent-color: var(--filmless-accent);
  }
  .pair {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 8px;
  }
  .problems {
    margin: 0;
    padding: 6px 8px 6px 24px;
    border: 1px solid var(--filmless-state-critical);
    border-radius: var(--filmless-radius);
    list-style: disc;
    font-size: var(--filmless-font-size-small);
    color: var(--filmless-state-critical);
    overflow-wrap: anywhere;
  }
  .problems li {
    display: list-item;
    min-block-size: 0;
    padding: 0;
  }
  .preview {
    display: grid;
    gap: 2px;
    aspect-ratio: 16 / 10;
    background: var(--filmless-line);
    border: 1px solid var(--filmless-line);
  }
  .preview span {
    display: grid;
    place-content: center;
    min-inline-size: 0;
    padding: 2px;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-text);
    font-size: 11px;
    text-align: center;
    overflow: hidden;
    overflow-wrap: anywhere;
  }
  .preview .empty {
    color: var(--filmless-overlay-secondary);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .actions button {
    border-color: var(--filmless-line);
  }
  .actions .primary {
    border-color: transparent;
    background: var(--filmless-accent);
    color: var(--filmless-accent-text);
  }
  .actions .primary:hover:not(:disabled) {
    background: var(--filmless-accent);
    filter: brightness(1.1);
  }
`;
