import { html, type TemplateResult } from 'lit';
import { sameCode } from '../parts/code.ts';
import { srText } from './texts.ts';
import type { ContentItem } from './tree.ts';
import { nameOf, renderValue, type SrScene } from './values.ts';

/** Containers that say the same of several things: irradiation events, measurement groups. They read better as a table. */
const TABLED = new Set(['DCM:113706', 'DCM:113819', 'DCM:125007']);

/** The run of like containers that begins at `index`, if they make a table. */
export function tableRun(items: readonly ContentItem[], index: number): readonly ContentItem[] {
  const first = items[index];
  if (!first?.concept || first.value.type !== 'CONTAINER' || first.children.length === 0) return [];
  if (!TABLED.has(`${first.concept.scheme}:${first.concept.value}`)) return [];
  let end = index;
  while (items[end]?.value.type === 'CONTAINER' && sameCode(items[end]?.concept, first.concept)) end += 1;
  return items.slice(index, end);
}

interface Column {
  readonly key: string;
  readonly name: string;
}

/** Every value below a row's container by the path of concepts that leads to it; containers in between give no column of their own. */
function cells(item: ContentItem, locale: string, prefix = ''): { column: Column; item: ContentItem }[] {
  return item.children.flatMap((child) => {
    const concept = child.concept ? `${child.concept.scheme}:${child.concept.value}` : child.value.type;
    const key = `${prefix}/${concept}`;
    if (child.value.type === 'CONTAINER') return cells(child, locale, key);
    return [{ column: { key, name: nameOf(child, locale) || child.value.type }, item: child }];
  });
}

/** Like containers as a table: one row each, a column for everything that any of them says. */
export function renderTable(rows: readonly ContentItem[], scene: SrScene): TemplateResult {
  const { locale } = scene;
  const filled = rows.map((row) => ({ row, values: cells(row, locale) }));
  const columns = new Map<string, Column>();
  for (const { values } of filled) for (const { column } of values) columns.set(column.key, column);
  const shown = [...columns.values()].filter(({ key }) => !isIdentifier(filled, key));
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">${srText(locale, 'number')}</th>
          ${shown.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${filled.map(
          ({ row, values }, index) => html`<tr data-path=${row.path}>
            <td>${index + 1}</td>
            ${shown.map(
              ({ key }) =>
                html`<td>
                  ${values
                    .filter(({ column }) => column.key === key)
                    .map(
                      ({ item }) =>
                        html`<div data-path=${item.path}>${renderValue(item, scene)}${selected(item, scene)}</div>`,
                    )}
                </td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** UIDs mean nothing to a reader. */
const isIdentifier = (rows: readonly { values: ReturnType<typeof cells> }[], key: string): boolean =>
  rows.every(({ values }) => values.every(({ column, item }) => column.key !== key || item.value.type === 'UIDREF'));

/** A region says on which image it lies; a value may carry its modifiers. */
function selected(item: ContentItem, scene: SrScene): TemplateResult[] {
  return item.children
    .filter(({ value }) => value.type !== 'UIDREF' && value.type !== 'CONTAINER')
    .map((child) => {
      const isImage = child.value.type === 'IMAGE';
      const name = isImage ? '' : nameOf(child, scene.locale);
      return html`<div class=${isImage ? '' : 'secondary'}>${name ? `${name}: ` : ''}${renderValue(child, scene)}</div>`;
    });
}
