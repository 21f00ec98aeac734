import { css } from 'lit';

export const srStyles = css`
  article {
    max-inline-size: 960px;
    min-block-size: 100%;
    margin: 0 auto;
    padding: 20px 28px 40px;
    background: var(--filmless-surface-1);
    font-size: var(--filmless-font-size-form);
    line-height: 1.6;
    overflow-wrap: anywhere;
  }
  h1 {
    margin: 0 0 8px;
    font-size: 20px;
  }
  h2,
  h3,
  h4,
  h5,
  h6 {
    margin: 18px 0 6px;
    font-size: 14px;
  }
  h2 {
    padding-block-end: 3px;
    border-block-end: 1px solid var(--filmless-line);
    font-size: 16px;
  }
  h3 {
    font-size: 15px;
  }
  h6 {
    color: var(--filmless-text-secondary);
  }
  p {
    margin: 4px 0;
  }
  .flags {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    margin-block-end: 12px;
    font-size: var(--filmless-font-size-table);
  }
  .flags > span {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .flags .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .flags .done {
    color: var(--filmless-state-done);
  }
  .flags .waiting {
    color: var(--filmless-state-waiting);
  }
  .context {
    padding: 8px 12px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    font-size: var(--filmless-font-size-table);
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 2px 16px;
    margin: 0;
  }
  dt {
    max-inline-size: 24ch;
    color: var(--filmless-text-secondary);
  }
  dd {
    margin: 0;
  }
  .item {
    display: grid;
    grid-template-columns: minmax(9em, max-content) minmax(0, 1fr);
    gap: 4px 16px;
    padding: 2px 0;
  }
  .item > .value:only-child {
    grid-column: 1 / -1;
  }
  .item.long {
    grid-template-columns: minmax(0, 1fr);
    gap: 0;
    margin-block: 4px;
  }
  .label {
    max-inline-size: 28ch;
    color: var(--filmless-text-secondary);
  }
  .text {
    white-space: pre-line;
  }
  .number b {
    font-weight: 600;
  }
  .uid {
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  .modifiers {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 20px;
    font-size: var(--filmless-font-size-table);
  }
  .details {
    margin: 2px 0;
    padding-inline-start: 18px;
    font-size: var(--filmless-font-size-table);
  }
  .table {
    margin-block: 6px 12px;
    overflow-x: auto;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: var(--filmless-font-size-table);
    line-height: 1.4;
    overflow-wrap: normal;
  }
  th,
  td {
    padding: 5px 8px;
    border: 1px solid var(--filmless-line);
    text-align: start;
    vertical-align: top;
  }
  th {
    background: var(--filmless-surface-2);
    font-weight: 600;
  }
  td {
    min-inline-size: 5em;
  }
  td:first-child {
    min-inline-size: 0;
  }
  [data-path].found {
    outline: 2px solid var(--filmless-accent);
    outline-offset: 2px;
  }
`;
