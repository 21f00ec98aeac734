import { css } from 'lit';
import { gridStyles } from '../../components/grid-styles.ts';
import { page, shared } from '../../styles/shared.ts';

export const devicesStyles = [
  shared,
  page,
  gridStyles,
  css`
    .panel {
      overflow: hidden;
    }
    .pending {
      border-color: var(--filmless-state-waiting);
    }
    .warn {
      color: var(--filmless-state-waiting);
    }
    ul {
      list-style: none;
      margin: 0;
      padding: 0;
    }
    li {
      display: flex;
      align-items: center;
      flex-wrap: wrap;
      gap: 4px var(--filmless-space-4);
      min-height: 44px;
      padding: 4px var(--filmless-space-4);
    }
    li + li {
      border-top: 1px solid var(--filmless-line);
    }
    b {
      font-weight: 600;
    }
    .link {
      font: inherit;
      display: inline-flex;
      align-items: center;
      gap: 6px;
      padding: 0 4px;
      vertical-align: middle;
      color: var(--filmless-link);
      background: none;
      border: 0;
      border-radius: var(--filmless-radius);
      cursor: pointer;
    }
    .link:hover {
      text-decoration: underline;
    }
    fl-data-grid {
      font-variant-numeric: tabular-nums;
    }
  `,
];
