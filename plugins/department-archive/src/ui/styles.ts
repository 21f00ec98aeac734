import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    box-sizing: border-box;
    font-family: var(--filmless-font);
    font-size: var(--filmless-font-size-table);
    color: var(--filmless-text);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 2px solid var(--filmless-accent);
    outline-offset: 1px;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd {
    margin: 0;
  }
  h1 {
    font-size: var(--filmless-font-size-l);
    font-weight: 600;
  }
  h2,
  h3 {
    font-size: var(--filmless-font-size-form);
    font-weight: 600;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .row {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: var(--filmless-space-2);
  }
  .spacer {
    flex: 1;
  }
  button,
  select {
    font: inherit;
    height: 30px;
    padding: 0 12px;
    color: var(--filmless-text);
    background: var(--filmless-surface-2);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius);
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    background: var(--filmless-surface-hover);
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  button.primary,
  button.primary:hover:not(:disabled) {
    color: var(--filmless-accent-text);
    background: var(--filmless-accent);
    border-color: var(--filmless-accent);
  }
  button.critical,
  button.critical:hover:not(:disabled) {
    color: var(--filmless-state-critical-text);
    background: var(--filmless-state-critical);
    border-color: var(--filmless-state-critical);
  }
  .panel {
    background: var(--filmless-surface-1);
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius-l);
    min-width: 0;
  }
  .panel-head {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: var(--filmless-space-2);
    min-height: 42px;
    padding: 5px var(--filmless-space-3);
    border-bottom: 1px solid var(--filmless-line);
  }
  .panel-body {
    display: flex;
    flex-direction: column;
    gap: var(--filmless-space-3);
    padding: var(--filmless-space-3);
  }
  textarea,
  input {
    width: 100%;
    padding: var(--filmless-space-2);
    color: var(--filmless-text);
    background: var(--filmless-surface-0);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius);
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 5px 8px;
    text-align: left;
    vertical-align: middle;
    border-bottom: 1px solid var(--filmless-line);
    overflow-wrap: anywhere;
  }
  th {
    position: sticky;
    top: 0;
    background: var(--filmless-surface-1);
    font-weight: 600;
    color: var(--filmless-text-secondary);
    white-space: nowrap;
  }
  .note {
    padding: 8px 10px;
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    overflow-wrap: anywhere;
  }
  .note.error {
    background: var(--filmless-state-critical-surface);
    color: var(--filmless-state-critical);
  }
  .note.warning {
    background: var(--filmless-state-waiting-surface);
    color: var(--filmless-state-waiting);
  }
  .note.ok {
    background: var(--filmless-state-done-surface);
    color: var(--filmless-state-done);
  }
  .scroll {
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-line-strong) transparent;
  }
  input,
  textarea {
    font: inherit;
    height: 30px;
  }
  textarea {
    height: 84px;
    resize: vertical;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  td {
    font-variant-numeric: tabular-nums;
  }
  th.number,
  td.number {
    text-align: right;
    white-space: nowrap;
  }
  .dot {
    display: inline-block;
    width: 9px;
    height: 9px;
    margin-right: 7px;
    border-radius: 50%;
    background: var(--filmless-text-secondary);
  }
  .dot.complete {
    background: var(--filmless-state-done);
  }
  .dot.coming,
  .dot.differs {
    background: var(--filmless-state-waiting);
  }
  .dot.late {
    background: var(--filmless-state-critical);
  }
`;
