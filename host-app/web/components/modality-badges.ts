import { css, html } from 'lit';

export const modalityStyles = css`
  .modality {
    display: inline-block;
    min-width: 28px;
    padding: 0 5px;
    border: 1px solid var(--filmless-line-strong);
    border-radius: 3px;
    font-size: var(--filmless-font-size-xs);
    line-height: 17px;
    text-align: center;
    font-weight: 600;
    letter-spacing: 0.02em;
    color: var(--filmless-text);
    background: var(--filmless-surface-2);
  }
  .modality + .modality {
    margin-left: 4px;
  }
`;

/** Modalities as DICOM writes them; presentation states and reports come after images. */
export function modalityBadges(modalities: readonly string[]) {
  const rank = (modality: string) => (['PR', 'KO', 'SR', 'SEG', 'OT'].includes(modality) ? 1 : 0);
  return [...modalities]
    .sort((a, b) => rank(a) - rank(b))
    .map((modality) => html`<span class="modality">${modality}</span>`);
}
