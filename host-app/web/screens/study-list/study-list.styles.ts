import { css } from 'lit';
import { gridStyles } from '../../components/grid-styles.ts';
import { menuStyles } from '../../components/menu-button.ts';
import { modalityStyles } from '../../components/modality-badges.ts';
import { shared } from '../../styles/shared.ts';
import { printStyles } from './print-sheet.ts';

export const studyListStyles = [
  shared,
  gridStyles,
  modalityStyles,
  menuStyles,
  printStyles,
  css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
      background: var(--filmless-surface-1);
    }
    .tools {
      display: flex;
      align-items: center;
      gap: 2px;
    }
    .work {
      flex: 1;
      min-height: 0;
      display: flex;
    }
    .rows {
      flex: 1;
      min-width: 0;
      display: flex;
      flex-direction: column;
    }
    .grid-box {
      flex: 1;
      min-height: 0;
      position: relative;
      display: flex;
      flex-direction: column;
      font-variant-numeric: tabular-nums;
    }
    .cover {
      position: absolute;
      inset: var(--filmless-row-height) 0 0 0;
      overflow: auto;
      background: var(--filmless-surface-1);
    }
    fl-preview-panel {
      flex: none;
      width: clamp(280px, 24vw, 400px);
    }
    fl-error-note {
      padding: 8px 12px;
    }
    .status {
      flex: none;
      display: flex;
      align-items: stretch;
      gap: 12px;
      height: 30px;
      padding-left: 12px;
      line-height: 29px;
      font-size: var(--filmless-font-size-small);
      color: var(--filmless-text-secondary);
      background: var(--filmless-surface-2);
      border-top: 1px solid var(--filmless-line);
    }
    .live {
      font: inherit;
      font-size: var(--filmless-font-size-table);
      display: flex;
      align-items: center;
      gap: 8px;
      padding: 0 12px;
      color: var(--filmless-text);
      background: var(--filmless-accent-surface);
      border: 0;
      border-left: 1px solid var(--filmless-line);
      border-right: 1px solid var(--filmless-line);
      cursor: pointer;
    }
    .live:hover {
      background: var(--filmless-surface-selected);
    }
    .live b {
      font-weight: 600;
    }
    .live span:last-child {
      color: var(--filmless-text-secondary);
    }
    .dot {
      display: inline-block;
      flex: none;
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--filmless-state-information);
    }
    .patient .dot {
      margin-right: 6px;
    }
    .patient b {
      font-weight: 600;
    }
    .patient .other {
      color: var(--filmless-text-secondary);
      margin-left: 6px;
      font-size: var(--filmless-font-size-small);
    }
    @media print {
      :host {
        display: block;
        height: auto;
      }
      fl-filter-bar,
      .work {
        display: none;
      }
    }
  `,
];
