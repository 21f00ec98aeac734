import { css } from 'lit';
import { menuStyles } from '../../components/menu-button.ts';
import { modalityStyles } from '../../components/modality-badges.ts';
import { shared } from '../../styles/shared.ts';

export const studyStyles = [
  shared,
  menuStyles,
  modalityStyles,
  css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
      background: var(--filmless-surface-0);
    }
    header {
      flex: none;
      display: flex;
      align-items: center;
      padding: 0 var(--filmless-space-2);
      background: var(--filmless-surface-1);
      border-bottom: 1px solid var(--filmless-line);
    }
    fl-patient-banner {
      flex: 1;
      min-width: 0;
    }
    .history {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      white-space: nowrap;
      color: var(--filmless-text);
    }
    .history b {
      min-width: 20px;
      padding: 0 5px;
      border-radius: 9px;
      background: var(--filmless-surface-2);
      font-weight: 600;
      font-size: var(--filmless-font-size-small);
    }
    .share {
      color: var(--filmless-text);
      white-space: nowrap;
    }
    .when {
      white-space: nowrap;
    }
    .exam {
      flex: 1;
    }
    a.menu-item:hover {
      text-decoration: none;
    }
    a[aria-current='page'] {
      background: var(--filmless-accent-surface);
    }
    fl-error-note {
      padding: 8px 12px;
    }
    .notice {
      flex: none;
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 4px var(--filmless-space-4);
      font-size: var(--filmless-font-size-table);
      color: var(--filmless-state-information);
      background: var(--filmless-state-information-surface);
      border-bottom: 1px solid var(--filmless-line);
    }
    .notice.critical {
      color: var(--filmless-state-critical);
      background: var(--filmless-state-critical-surface);
      font-weight: 600;
    }
    .notice span {
      color: var(--filmless-text);
    }
    .viewer {
      flex: 1;
      min-height: 0;
      position: relative;
      background: var(--filmless-image-background);
      color: #e6edf3;
    }
    filmless-viewer {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
    }
    /* The page's own banner stands above, with the exam's number and the way to earlier exams. */
    filmless-viewer::part(banner) {
      visibility: hidden;
      min-block-size: 0;
      block-size: 0;
      padding: 0;
      border: 0;
    }
    .middle {
      height: 100%;
      background: var(--filmless-surface-1);
      padding-top: 12vh;
    }
  `,
];
