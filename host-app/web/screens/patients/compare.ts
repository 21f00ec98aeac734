import { html, nothing } from 'lit';
import { t } from '../../i18n/index.ts';

export interface CompareRow {
  label: string;
  one: string;
  other: string;
  /** Both say something, and not the same. */
  differs: boolean;
}

/** Two identities beside each other, what differs marked by word and colour. */
export function compareTable(heads: readonly [string, string], rows: readonly CompareRow[]) {
  return html`<table class="compare">
    <thead><tr><th scope="col"><span class="visually-hidden">${t.registration.patient}</span></th><th scope="col">${heads[0]}</th><th scope="col">${heads[1]}</th></tr></thead>
    <tbody>
      ${rows.map(
        ({ label, one, other, differs }) => html`<tr class=${differs ? 'differs' : ''}>
          <th scope="row">${label}${differs ? html`<mark>${t.registration.differs}</mark>` : nothing}</th>
          <td class="num">${one}</td><td class="num">${other}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}
