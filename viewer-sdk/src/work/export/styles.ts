import { css } from 'lit';

export const exportStyles = css`
  label:first-child {
    margin-block-start: 0;
  }
  label.check {
    grid-template-columns: 20px 1fr;
    min-block-size: 28px;
    color: var(--filmless-text);
  }
  .check input {
    inline-size: 16px;
    block-size: 16px;
    margin: 0;
    accent-color: var(--filmless-accent);
  }
  .note {
    margin-block-start: 8px;
  }
  progress {
    flex: 1 1 100%;
    accent-color: var(--filmless-accent);
  }
  .actions {
    align-items: center;
    margin-block-start: 12px;
  }
`;
