import { html } from 'lit';
import { t } from '../i18n/index.ts';
import type { DataColumn, DataGrid } from './data-grid.ts';
import { icon } from './icon.ts';
import { iconColumns } from './icons.ts';
import './menu-button.ts';

/** The menu that chooses the columns of a grid; the screen's styles need menuStyles. */
export function columnMenu<T extends object>(
  columns: readonly DataColumn<T>[],
  grid: DataGrid<T> | undefined,
  changed: () => void,
) {
  return html`<fl-menu-button .label=${t.common.columns}>
    <span slot="button">${icon(iconColumns, 18)}</span>
    ${columns
      .filter((column) => !column.fixed)
      .map(
        (column) => html`<label class="menu-item">
          <input
            type="checkbox"
            .checked=${grid?.isShown(column.key) ?? !column.hidden}
            @change=${(event: Event & { currentTarget: HTMLInputElement }) => {
              grid?.show(column.key, event.currentTarget.checked);
              changed();
            }}
          />
          ${column.header()}
        </label>`,
      )}
    <div class="menu-line"></div>
    <button
      class="menu-item"
      data-close
      @click=${() => {
        grid?.resetColumns();
        changed();
      }}
    >
      ${t.common.columnsReset}
    </button>
  </fl-menu-button>`;
}
