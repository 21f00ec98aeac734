import { css } from 'lit';

/** Forms in dialogs. */
export const formStyles = css`
  .form {
    display: flex;
    flex-direction: column;
    gap: 6px;
    width: min(440px, 84vw);
  }
  vaadin-text-field,
  vaadin-text-area,
  vaadin-password-field {
    width: 100%;
  }
  fieldset {
    margin: 4px 0 0;
    padding: 0;
    border: 0;
    display: grid;
    grid-template-columns: 1fr 1fr;
  }
  fieldset.column {
    grid-template-columns: 1fr;
    gap: 4px;
  }
  legend {
    padding: 0;
    font-size: var(--filmless-font-size-table);
    color: var(--filmless-text-secondary);
  }
  .problem {
    grid-column: 1 / -1;
    color: var(--filmless-state-critical);
    font-size: var(--filmless-font-size-small);
  }
  .choices {
    display: flex;
    gap: var(--filmless-space-4);
  }
  .choices label {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 28px;
  }
  .secret {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 8px 10px;
    background: var(--filmless-surface-2);
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    overflow-wrap: anywhere;
    user-select: all;
  }
  .codes {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 4px 24px;
    margin: 0;
    padding: 8px 12px;
    list-style: none;
    background: var(--filmless-surface-2);
    border-radius: var(--filmless-radius);
  }
`;

/** What was typed between commas, full-width ones too. */
export function listOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,，、;；\n]/)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  ];
}

export type FieldEvent = Event & { currentTarget: HTMLElement & { value: string } };
export type CheckEvent = Event & { currentTarget: HTMLElement & { checked: boolean } };
