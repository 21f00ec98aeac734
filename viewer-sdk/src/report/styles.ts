import { css } from 'lit';

export const reportStyles = css`
  :host {
    display: block;
    min-block-size: 0;
    overflow: hidden;
    background: var(--filmless-surface-0);
    font-size: var(--filmless-font-size-form);
  }
  :host([hidden]) {
    display: none !important;
  }
  /* A page may set the element's own display. */
  .column {
    display: flex;
    flex-direction: column;
    inline-size: 100%;
    block-size: 100%;
  }
  .bar {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 8px;
    min-block-size: 40px;
    padding: 4px 12px;
    border-block-end: 1px solid var(--filmless-line);
    background: var(--filmless-surface-1);
  }
  .bar .grow {
    flex: 1;
  }
  .bar label {
    display: flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    color: var(--filmless-text-secondary);
  }
  select {
    max-inline-size: 240px;
    block-size: 28px;
    padding: 0 6px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-0);
    color: var(--filmless-text);
    font: inherit;
  }
  .bar button,
  .message button {
    border-color: var(--filmless-line);
    background: var(--filmless-surface-2);
    block-size: 28px;
  }
  .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 1px 8px 1px 6px;
    border: 1px solid currentColor;
    border-radius: var(--filmless-radius);
    font-size: var(--filmless-font-size-table);
    white-space: nowrap;
  }
  .badge.draft {
    color: var(--filmless-state-waiting);
  }
  .badge.reported,
  .badge.amended {
    color: var(--filmless-state-information);
  }
  .badge.cancelled {
    color: var(--filmless-state-critical);
  }
  .badge.reviewed {
    color: var(--filmless-state-done);
  }
  .scroll {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    scrollbar-width: thin;
  }
  article {
    max-inline-size: 860px;
    margin-inline: auto;
    padding: 16px 20px 32px;
    background: var(--filmless-surface-1);
    user-select: text;
  }
  h2 {
    margin: 0 0 8px;
    font-size: 18px;
    text-align: center;
  }
  .patient {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    padding-block: 8px;
    border-block: 1px solid var(--filmless-line);
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .warning {
    display: flex;
    align-items: center;
    gap: 6px;
    margin-block: 8px 0;
    color: var(--filmless-state-waiting);
  }
  .text {
    margin-block: 12px;
    font-size: 15px;
    line-height: 1.7;
    overflow-wrap: anywhere;
  }
  .text p {
    min-block-size: 0.8em;
    margin: 0;
  }
  .text .heading {
    margin-block-start: 10px;
    font-weight: 600;
  }
  .sentence {
    border-radius: 3px;
  }
  .sentence.current {
    background: var(--filmless-accent-surface);
    box-shadow: 0 0 0 2px var(--filmless-accent-surface);
  }
  .reference {
    display: inline;
    block-size: auto;
    padding: 0;
    color: var(--filmless-accent);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));
    gap: 8px;
    margin-block: 12px;
  }
  .pictures button {
    display: grid;
    inline-size: 100%;
    block-size: auto;
    padding: 3px;
    border-color: var(--filmless-line);
  }
  .pictures .current {
    border-color: var(--filmless-accent);
    background: var(--filmless-accent-surface);
  }
  .pictures .frame {
    display: block;
    overflow: hidden;
    background: var(--filmless-image-background);
    aspect-ratio: 1;
  }
  .pictures img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  dl {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 24px;
    margin: 16px 0 0;
    padding-block-start: 8px;
    border-block-start: 1px solid var(--filmless-line);
  }
  dl div {
    display: flex;
    gap: 6px;
  }
  dt {
    color: var(--filmless-text-secondary);
  }
  dd {
    margin: 0;
  }
  .object {
    position: relative;
    flex: 1;
    min-block-size: 320px;
  }
  .message {
    display: grid;
    place-items: center;
    gap: 8px;
    padding: 32px 16px;
    color: var(--filmless-text-secondary);
    text-align: center;
  }
  .message .title {
    color: var(--filmless-text);
  }
  .message .critical {
    color: var(--filmless-state-critical);
  }
`;
