import { css } from 'lit';

/** Looks of the grids and of the cells in them, for the screen that holds a fl-data-grid. */
export const gridStyles = css`
  fl-data-grid {
    display: flex;
    flex-direction: column;
    min-height: 0;
    flex: 1;
  }
  vaadin-grid {
    height: 100%;
    min-height: 0;
    font-size: var(--filmless-font-size-table);
    --vaadin-grid-cell-background: var(--filmless-surface-1);
    --_lumo-grid-selected-row-color: var(--filmless-surface-selected);
  }
  vaadin-grid::part(cell) {
    min-height: var(--filmless-row-height);
  }
  vaadin-grid::part(header-cell) {
    min-height: var(--filmless-row-height);
    background: var(--filmless-surface-2);
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
  vaadin-grid::part(body-row):hover {
    --vaadin-grid-cell-background: var(--filmless-surface-hover);
  }
  vaadin-grid::part(loading-row-cell)::before {
    content: '';
    display: block;
    height: 10px;
    width: 60%;
    margin-left: 8px;
    border-radius: 3px;
    background: var(--filmless-surface-2);
  }
  vaadin-grid-cell-content {
    line-height: 22px;
  }
  .sorter {
    font: inherit;
    font-weight: 500;
    color: inherit;
    display: inline-flex;
    align-items: center;
    gap: 3px;
    max-width: 100%;
    padding: 4px 0;
    background: none;
    border: 0;
    cursor: pointer;
  }
  .sorter span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .sorter:hover {
    color: var(--filmless-text);
  }
  .cell-actions {
    display: flex;
    gap: 2px;
    align-items: center;
  }
  .cell-actions .icon-button {
    height: 26px;
    min-width: 28px;
  }
`;
