import { css } from 'lit';
import { page, shared } from '../../styles/shared.ts';

export const tabStyles = css`
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
    border-bottom: 1px solid var(--filmless-line);
  }
  .tabs a {
    padding: 8px 14px 7px;
    color: var(--filmless-text-secondary);
    border-bottom: 2px solid transparent;
    margin-bottom: -1px;
  }
  .tabs a:hover {
    color: var(--filmless-text);
    text-decoration: none;
  }
  .tabs a[aria-current='page'] {
    color: var(--filmless-link);
    border-bottom-color: var(--filmless-accent);
    font-weight: 600;
  }
`;

export const registrationStyles = [
  shared,
  page,
  tabStyles,
  css`
    .whole {
      min-height: 100%;
    }
  `,
];

/** One search field and a choice over a list. */
export const searchStyles = css`
  .search {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .search input,
  .search select {
    font: inherit;
    font-size: var(--filmless-font-size-form);
    height: var(--filmless-control-height);
    padding: 0 10px;
    color: var(--filmless-text);
    background: var(--filmless-surface-2);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius);
    color-scheme: inherit;
  }
  .search input {
    width: min(360px, 60vw);
  }
  .ids {
    font-variant-numeric: tabular-nums;
  }
`;

/** Two identities beside each other. */
export const compareStyles = css`
  table.compare {
    width: 100%;
    border-collapse: collapse;
    table-layout: fixed;
    font-size: var(--filmless-font-size-table);
  }
  .compare th,
  .compare td {
    padding: 5px 10px;
    text-align: left;
    overflow-wrap: anywhere;
    vertical-align: top;
    border-top: 1px solid var(--filmless-line);
  }
  .compare th:first-child {
    width: 116px;
    font-weight: 400;
    color: var(--filmless-text-secondary);
  }
  .compare thead th {
    border-top: 0;
    background: var(--filmless-surface-2);
    font-weight: 600;
    color: var(--filmless-text);
  }
  .compare tr.differs td {
    background: var(--filmless-state-waiting-surface);
    font-weight: 600;
  }
  .compare mark {
    background: none;
    color: var(--filmless-state-waiting);
    font-size: var(--filmless-font-size-small);
    margin-left: 6px;
    white-space: nowrap;
  }
  .warn {
    display: flex;
    gap: 8px;
    padding: 8px 10px;
    color: var(--filmless-state-waiting);
    background: var(--filmless-state-waiting-surface);
    border-radius: var(--filmless-radius);
  }
  .warn > div {
    color: var(--filmless-text);
  }
`;
