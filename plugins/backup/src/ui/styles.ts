import { css } from 'lit';

/** Of all parts of the backup screen. */
export const styles = css`
  :host {
    display: block;
    font-family: var(--filmless-font);
    font-size: var(--filmless-font-size-table);
    color: var(--filmless-text);
  }
  * {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 2px solid var(--filmless-accent);
    outline-offset: 1px;
  }
  h1,
  h2,
  p,
  dl,
  dd,
  fieldset {
    margin: 0;
  }
  h1 {
    font-size: var(--filmless-font-size-l);
    font-weight: 600;
  }
  h2 {
    font-size: var(--filmless-font-size-form);
    font-weight: 600;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .stack {
    display: flex;
    flex-direction: column;
    gap: var(--filmless-space-3);
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
  .num {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  button,
  select,
  input {
    font: inherit;
    height: 30px;
    padding: 0 10px;
    color: var(--filmless-text);
    background: var(--filmless-surface-2);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius);
  }
  input {
    background: var(--filmless-surface-0);
    min-width: 0;
  }
  button {
    cursor: pointer;
    white-space: nowrap;
  }
  button:hover:not(:disabled) {
    background: var(--filmless-surface-hover);
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  button.primary {
    color: var(--filmless-accent-text);
    background: var(--filmless-accent);
    border-color: var(--filmless-accent);
  }
  button.primary:hover:not(:disabled),
  button.critical:hover:not(:disabled) {
    filter: brightness(1.1);
  }
  button.primary:hover:not(:disabled) {
    background: var(--filmless-accent);
  }
  button.critical:hover:not(:disabled) {
    background: var(--filmless-state-critical);
  }
  button.critical {
    color: var(--filmless-state-critical-text);
    background: var(--filmless-state-critical);
    border-color: var(--filmless-state-critical);
  }
  [role='tablist'] {
    display: flex;
    gap: var(--filmless-space-1);
  }
  [role='tab'] {
    background: none;
    border: 0;
    border-bottom: 2px solid transparent;
    border-radius: 0;
    color: var(--filmless-text-secondary);
  }
  [role='tab'][aria-selected='true'] {
    color: var(--filmless-text);
    border-bottom-color: var(--filmless-accent);
  }
  .panel {
    background: var(--filmless-surface-1);
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius-l);
    min-width: 0;
    overflow: hidden;
  }
  .head {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: var(--filmless-space-2);
    min-height: 42px;
    padding: 5px var(--filmless-space-3);
    border-bottom: 1px solid var(--filmless-line);
  }
  .body {
    padding: var(--filmless-space-3);
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 6px var(--filmless-space-3);
    text-align: left;
    border-bottom: 1px solid var(--filmless-line);
  }
  tbody tr:last-child td {
    border-bottom: 0;
  }
  th {
    color: var(--filmless-text-secondary);
    font-weight: 600;
    white-space: nowrap;
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  }
  .figures div {
    padding: var(--filmless-space-2) var(--filmless-space-3);
  }
  dt {
    color: var(--filmless-text-secondary);
  }
  dd {
    font-size: 16px;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .bar {
    height: 10px;
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    overflow: hidden;
  }
  .bar i {
    display: block;
    height: 100%;
    background: var(--filmless-accent);
  }
  .bar.full i {
    background: var(--filmless-state-critical);
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
  .note.warning,
  .warn {
    color: var(--filmless-state-waiting);
  }
  .note.warning {
    background: var(--filmless-state-waiting-surface);
  }
  .note.ok {
    background: var(--filmless-state-done-surface);
    color: var(--filmless-state-done);
  }
  .empty {
    padding: 28px;
    text-align: center;
    color: var(--filmless-text-secondary);
  }
  td .row {
    flex-wrap: nowrap;
    justify-content: flex-end;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    white-space: nowrap;
  }
  .state svg {
    flex: none;
  }
  .done {
    color: var(--filmless-state-done);
  }
  .critical-text {
    color: var(--filmless-state-critical);
  }
  .info {
    color: var(--filmless-accent);
  }
  code {
    overflow-wrap: anywhere;
    font-family: ui-monospace, monospace;
    font-size: 12px;
  }
  dialog {
    width: min(560px, calc(100vw - 32px));
    padding: var(--filmless-space-4);
    color: var(--filmless-text);
    background: var(--filmless-surface-1);
    border: 1px solid var(--filmless-line-strong);
    border-radius: var(--filmless-radius-l);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 55%);
  }
  dialog label {
    display: grid;
    gap: 4px;
  }
  dialog label.check {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  label.check input {
    height: auto;
  }
`;
