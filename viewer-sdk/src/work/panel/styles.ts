import { css } from 'lit';

export const panelStyles = css`
  :host {
    display: block;
    padding-block-end: 16px;
  }
  section {
    padding: 10px 12px;
    border-block-end: 1px solid var(--filmless-line);
  }
  h3 {
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0 0 8px;
    font-size: var(--filmless-font-size-table);
    font-weight: 600;
  }
  h3 .count {
    margin-inline-start: auto;
    font-weight: 400;
  }
  p {
    margin: 0;
  }
  .secondary,
  .count {
    color: var(--filmless-text-secondary);
  }
  .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .line {
    display: flex;
    align-items: flex-start;
    gap: 6px;
  }
  .line + .line,
  .actions {
    margin-block-start: 8px;
  }
  .done {
    color: var(--filmless-state-done);
  }
  .waiting {
    color: var(--filmless-state-waiting);
  }
  .critical {
    color: var(--filmless-state-critical);
  }
  .line > span:last-child {
    min-inline-size: 0;
    color: var(--filmless-text);
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  button {
    border-color: var(--filmless-line);
    background: var(--filmless-surface-2);
    block-size: 28px;
  }
  button.primary:not(:disabled) {
    border-color: var(--filmless-accent);
    background: var(--filmless-accent);
    color: var(--filmless-accent-text);
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  .strip {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(76px, 1fr));
    gap: 6px;
    margin-block-end: 10px;
  }
  .key {
    position: relative;
  }
  .key > button:first-child {
    display: block;
    inline-size: 100%;
    block-size: auto;
    padding: 0;
    overflow: hidden;
    background: var(--filmless-image-background);
    aspect-ratio: 1;
  }
  .key img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  .key .caption {
    overflow: hidden;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
    text-align: center;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .key .remove {
    position: absolute;
    inset-block-start: 2px;
    inset-inline-end: 2px;
    inline-size: 24px;
    block-size: 24px;
    padding: 0;
    border-color: transparent;
    background: rgb(0 0 0 / 65%);
    color: var(--filmless-overlay-text);
  }
  label {
    display: grid;
    grid-template-columns: 72px minmax(0, 1fr);
    align-items: center;
    gap: 8px;
    margin-block-start: 6px;
    color: var(--filmless-text-secondary);
  }
  select,
  input {
    min-inline-size: 0;
    block-size: 28px;
    padding: 0 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-0);
    color: var(--filmless-text);
    font: inherit;
  }
  details + details {
    border-block-start: 1px solid var(--filmless-line);
  }
  summary {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 6px 0;
    cursor: pointer;
    list-style: none;
  }
  summary .what {
    flex: 1;
    min-inline-size: 0;
  }
  summary .what > div {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  summary .turn {
    color: var(--filmless-text-secondary);
    transition: rotate 0.12s;
  }
  details[open] summary .turn {
    rotate: 90deg;
  }
  .tag {
    padding: 0 5px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  .superseded {
    opacity: 0.75;
  }
  ul {
    margin: 0 0 8px;
    padding: 0;
    list-style: none;
  }
  li button {
    justify-content: flex-start;
    inline-size: 100%;
    block-size: auto;
    min-block-size: 28px;
    padding-block: 3px;
    text-align: start;
    overflow-wrap: anywhere;
  }
`;
