import { css } from 'lit';

/** What the timeline and the list of studies share: a message in the place of the rows. */
export const listMessageStyles = css`
  .message {
    display: grid;
    inline-size: 100%;
    justify-items: center;
    gap: 8px;
    padding: 32px 16px;
    text-align: center;
    color: var(--filmless-text-secondary);
  }
  .message .title {
    color: var(--filmless-text);
    font-size: var(--filmless-font-size-form);
  }
  .message.critical > .icon {
    color: var(--filmless-state-critical);
  }
  .message .code {
    font-size: var(--filmless-font-size-small);
    overflow-wrap: anywhere;
  }
  button.bordered {
    border-color: var(--filmless-line);
    color: var(--filmless-text);
  }
`;

export const timelineStyles = css`
  :host {
    display: block;
    min-block-size: 120px;
    background: var(--filmless-surface-1);
    overflow: hidden;
  }
  :host([hidden]) {
    display: none !important;
  }
  .scroller {
    inline-size: 100%;
    block-size: 100%;
    container-type: inline-size;
    overflow-y: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-surface-3) transparent;
  }
  .rows {
    position: relative;
  }
  .year,
  .study {
    position: absolute;
    inset-inline: 0;
  }
  .year {
    display: flex;
    align-items: center;
    justify-content: space-between;
    block-size: 28px;
    padding-inline: 10px;
    background: var(--filmless-surface-2);
    border-block-end: 1px solid var(--filmless-line);
    font-weight: 600;
  }
  .year .secondary {
    font-weight: 400;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .study {
    block-size: 64px;
    border-block-end: 1px solid var(--filmless-line);
  }
  .open {
    display: grid;
    grid-template-columns: 52px 1fr;
    gap: 8px;
    align-items: center;
    justify-content: stretch;
    inline-size: 100%;
    block-size: 100%;
    padding: 5px 40px 5px 8px;
    border-radius: 0;
    text-align: start;
  }
  /* Without the button that puts it beside, there is room to the edge. */
  .open:last-child {
    padding-inline-end: 8px;
  }
  /* Modality and state are worth more than the time. */
  @container (max-width: 280px) {
    .time {
      display: none;
    }
  }
  .study.current .open {
    background: var(--filmless-accent-surface);
    box-shadow: inset 3px 0 0 var(--filmless-accent);
  }
  .study.current .secondary {
    color: var(--filmless-text);
  }
  .picture {
    display: grid;
    place-items: center;
    inline-size: 52px;
    block-size: 52px;
    border-radius: 2px;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-secondary);
    overflow: hidden;
  }
  .picture img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  .text {
    min-inline-size: 0;
    font-size: var(--filmless-font-size-small);
    line-height: 1.4;
  }
  .text > div {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .date {
    font-size: var(--filmless-font-size-table);
    font-weight: 600;
  }
  .badge {
    padding: 0 5px;
    border: 1px solid currentColor;
    border-radius: 3px;
    font-size: 11px;
    font-weight: 600;
    line-height: 15px;
  }
  .state {
    color: var(--filmless-state-information);
    font-weight: 600;
  }
  .study.current .state {
    color: inherit;
  }
  .compare {
    position: absolute;
    inset-block-start: 16px;
    inset-inline-end: 4px;
    inline-size: 32px;
    padding: 0;
    color: var(--filmless-text-secondary);
  }
  .compare:hover,
  .compare:focus-visible {
    color: var(--filmless-text);
  }
  .skeleton {
    block-size: 48px;
    margin: 8px;
    border-radius: 2px;
    background: var(--filmless-surface-2);
  }
`;
