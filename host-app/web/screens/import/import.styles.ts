import { css } from 'lit';
import { gridStyles } from '../../components/grid-styles.ts';
import { page, shared } from '../../styles/shared.ts';

export const importStyles = [
  shared,
  page,
  gridStyles,
  css`
    .page.started {
      min-height: 100%;
    }
    .drop {
      display: flex;
      align-items: center;
      flex-wrap: wrap;
      gap: var(--filmless-space-3);
      padding: 56px var(--filmless-space-6);
      border: 1px dashed var(--filmless-line-strong);
      border-radius: var(--filmless-radius-l);
      background: var(--filmless-surface-1);
    }
    .drop.small {
      padding: var(--filmless-space-3) var(--filmless-space-4);
    }
    .drop.over {
      border-color: var(--filmless-accent);
      background: var(--filmless-accent-surface);
    }
    .words {
      flex: 1;
      min-width: 240px;
    }
    .words strong {
      font-weight: 600;
    }
    .progress {
      display: flex;
      flex-direction: column;
      gap: 10px;
      padding: var(--filmless-space-3) var(--filmless-space-4);
    }
    .progress .row {
      flex-wrap: wrap;
      min-height: 32px;
    }
    .progress strong {
      font-weight: 600;
    }
    vaadin-progress-bar {
      margin: 0;
      height: 6px;
    }
    .tallies {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px 20px;
      font-size: var(--filmless-font-size-table);
    }
    .tallies b {
      vertical-align: middle;
      font-weight: 600;
    }
    .files {
      flex: 1;
      min-height: 320px;
      display: flex;
      flex-direction: column;
      overflow: hidden;
    }
    .none {
      padding: var(--filmless-space-4);
    }
  `,
];
