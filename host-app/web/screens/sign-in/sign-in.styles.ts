import { css } from 'lit';
import { shared } from '../../styles/shared.ts';

export const signInStyles = [
  shared,
  css`
    :host {
      display: block;
      height: 100%;
      overflow: auto;
      background: var(--filmless-surface-0);
    }
    main {
      min-height: 100%;
      display: grid;
      place-items: center;
      padding: var(--filmless-space-4);
    }
    form {
      width: min(380px, 100%);
      display: flex;
      flex-direction: column;
      gap: var(--filmless-space-3);
      padding: var(--filmless-space-8);
      background: var(--filmless-surface-1);
      border: 1px solid var(--filmless-line);
      border-radius: var(--filmless-radius-l);
    }
    .product {
      color: var(--filmless-text-secondary);
      font-size: var(--filmless-font-size-table);
    }
    h1 {
      font-size: var(--filmless-font-size-xl);
      margin-bottom: var(--filmless-space-2);
    }
    vaadin-text-field,
    vaadin-password-field {
      width: 100%;
      padding-top: 0;
    }
    .submit {
      font: inherit;
      font-weight: 600;
      height: 36px;
      margin-top: var(--filmless-space-2);
      color: var(--filmless-accent-text);
      background: var(--filmless-accent);
      border: 0;
      border-radius: var(--filmless-radius);
      cursor: pointer;
    }
    .submit:disabled {
      color: var(--filmless-text-secondary);
      background: var(--filmless-surface-2);
      cursor: default;
    }
    .note {
      display: flex;
      gap: 10px;
      padding: 10px 12px;
      border: 1px solid currentColor;
      border-radius: var(--filmless-radius);
    }
    .note > div {
      color: var(--filmless-text);
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .note strong {
      font-weight: 600;
    }
    .it {
      font-size: var(--filmless-font-size-small);
      color: var(--filmless-text-secondary);
    }
    .critical {
      color: var(--filmless-state-critical);
      background: var(--filmless-state-critical-surface);
    }
    .waiting {
      color: var(--filmless-state-waiting);
      background: var(--filmless-state-waiting-surface);
    }
    .info {
      color: var(--filmless-state-information);
      background: var(--filmless-state-information-surface);
    }
    .or {
      display: flex;
      align-items: center;
      gap: 10px;
      color: var(--filmless-text-secondary);
      font-size: var(--filmless-font-size-small);
    }
    .or::before,
    .or::after {
      content: '';
      flex: 1;
      border-top: 1px solid var(--filmless-line);
    }
    .provider {
      display: grid;
      place-items: center;
      height: 36px;
      padding: 0 12px;
      color: var(--filmless-text);
      border: 1px solid var(--filmless-line-strong);
      border-radius: var(--filmless-radius);
    }
    .provider:hover {
      background: var(--filmless-surface-2);
      text-decoration: none;
    }
    .languages {
      display: flex;
      gap: 4px;
      margin-top: var(--filmless-space-2);
      padding-top: var(--filmless-space-3);
      border-top: 1px solid var(--filmless-line);
    }
    .languages button {
      font: inherit;
      font-size: var(--filmless-font-size-table);
      padding: 4px 10px;
      color: var(--filmless-text-secondary);
      background: none;
      border: 0;
      border-radius: var(--filmless-radius);
      cursor: pointer;
    }
    .languages button[aria-pressed='true'] {
      color: var(--filmless-link);
      background: var(--filmless-accent-surface);
    }
  `,
];
