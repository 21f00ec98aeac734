import { css } from 'lit';
import { shared } from '../../styles/shared.ts';

export const sharePageStyles = [
  shared,
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
      gap: var(--filmless-space-3);
      min-height: var(--filmless-bar-height);
      padding: 0 var(--filmless-space-3);
      background: var(--filmless-surface-1);
      border-bottom: 1px solid var(--filmless-line);
      font-size: var(--filmless-font-size-table);
    }
    .product {
      font-weight: 600;
      font-size: var(--filmless-font-size-form);
      white-space: nowrap;
    }
    header .secondary {
      min-width: 0;
    }
    .languages {
      display: flex;
      gap: 2px;
    }
    .icon-button {
      padding: 0 10px;
      white-space: nowrap;
    }
    .viewer {
      flex: 1;
      min-height: 0;
      position: relative;
      background: var(--filmless-image-background);
    }
    filmless-viewer {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
    }
    main {
      flex: 1;
      min-height: 0;
      overflow: auto;
      display: grid;
      place-items: start center;
      padding: 12vh var(--filmless-space-4) var(--filmless-space-6);
    }
    .box {
      width: min(440px, 100%);
      display: flex;
      flex-direction: column;
      gap: var(--filmless-space-3);
      padding: var(--filmless-space-6);
      background: var(--filmless-surface-1);
      border: 1px solid var(--filmless-line);
      border-radius: var(--filmless-radius-l);
      line-height: 1.6;
    }
    h1 {
      font-size: var(--filmless-font-size-xl);
    }
    .mark {
      display: flex;
      align-items: center;
      gap: 10px;
    }
    .mark.critical > :first-child {
      color: var(--filmless-state-critical);
    }
    .mark.waiting > :first-child {
      color: var(--filmless-state-waiting);
    }
    vaadin-text-field {
      width: 100%;
    }
    @media (max-width: 560px) {
      .wide {
        display: none;
      }
    }
    @media print {
      header .languages {
        display: none;
      }
    }
  `,
];
