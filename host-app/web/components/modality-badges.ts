import { css, html, nothing } from 'lit';

export const modalityStyles = css`
  .modalities {
    display: inline-flex;
    flex: none;
    flex-wrap: nowrap;
    overflow: hidden;
    align-items: center;
    gap: 4px;
    max-width: 100%;
    vertical-align: middle;
  }
  .modality {
    flex: none;
    min-width: 28px;
    padding: 0 5px;
    border: 1px solid var(--filmless-line-strong);
    border-radius: 3px;
    font-size: var(--filmless-font-size-xs);
    line-height: 17px;
    text-align: center;
    font-weight: 600;
    letter-spacing: 0.02em;
    white-space: nowrap;
    color: var(--filmless-text);
    background: var(--filmless-surface-2);
  }
`;

/** Modalities of objects that are not pictures by themselves. @dicom PS3.3 C.7.3.1.1.1 */
const NOT_PICTURES = new Set([
  'PR',
  'KO',
  'SR',
  'SEG',
  'REG',
  'DOC',
  'AU',
  'RTPLAN',
  'RTSTRUCT',
  'RTRECORD',
  'ECG',
  'PLAN',
  'FID',
  'RWV',
  'SMR',
]);

export function isPicture(modality: string): boolean {
  return !NOT_PICTURES.has(modality);
}

/** Modalities as DICOM writes them, pictures first; beyond `most` only how many there are. */
export function modalityBadges(modalities: readonly string[], most = Number.POSITIVE_INFINITY) {
  if (modalities.length === 0) return nothing;
  const ordered = [...modalities.filter(isPicture), ...modalities.filter((modality) => !isPicture(modality))];
  const shown = ordered.length > most ? ordered.slice(0, Math.max(1, most - 1)) : ordered;
  return html`<span class="modalities" title=${ordered.join(', ')}
    >${shown.map((modality) => html`<span class="modality">${modality}</span>`)}${shown.length < ordered.length ? html`<span>+${ordered.length - shown.length}</span>` : nothing}</span
  >`;
}
