import { html, nothing, type TemplateResult } from 'lit';
import { renderTable, tableRun } from './tables.ts';
import { srText } from './texts.ts';
import type { ContentItem } from './tree.ts';
import { formatDateTime, nameOf, renderValue, type SrScene } from './values.ts';

/** Who, what and when the content is about, and what qualifies a name: said before the content itself. @dicom PS3.3 C.17.3.2.4 */
const CONTEXT = new Set(['HAS OBS CONTEXT', 'HAS ACQ CONTEXT', 'HAS CONCEPT MOD']);

/** The content of a report as a document: headings, paragraphs, measurements, tables. */
export function renderDocument(scene: SrScene): TemplateResult {
  const { root } = scene;
  return html`${renderContext(root, scene)}${renderItems(contents(root), scene, 2)}`;
}

const context = (item: ContentItem): ContentItem[] =>
  item.children.filter(({ relationship }) => CONTEXT.has(relationship));
const contents = (item: ContentItem): ContentItem[] =>
  item.children.filter(({ relationship }) => !CONTEXT.has(relationship));

/** The context of the whole document, as a list of names and values; UIDs and codes of languages are for machines. */
function renderContext(root: ContentItem, scene: SrScene): TemplateResult | typeof nothing {
  const shown = context(root).filter(({ value }) => value.type !== 'UIDREF');
  if (shown.length === 0) return nothing;
  return html`<section class="context" aria-label=${srText(scene.locale, 'context')}>
    <dl>
      ${shown.map(
        (item) => html`<dt>${nameOf(item, scene.locale)}</dt>
          <dd data-path=${item.path}>${renderValue(item, scene)}${renderDetails(item, scene)}</dd>`,
      )}
    </dl>
  </section>`;
}

function renderItems(items: readonly ContentItem[], scene: SrScene, level: number): TemplateResult {
  const parts: TemplateResult[] = [];
  for (let index = 0; index < items.length; ) {
    const rows = tableRun(items, index);
    const [first] = rows;
    if (first) {
      const name = nameOf(first, scene.locale);
      parts.push(html`${heading(name, level)}${renderTable(rows, scene)}`);
      index += rows.length;
      continue;
    }
    const item = items[index];
    if (item) parts.push(renderItem(item, scene, level));
    index += 1;
  }
  return html`${parts}`;
}

function renderItem(item: ContentItem, scene: SrScene, level: number): TemplateResult {
  if (item.value.type === 'CONTAINER' && item.target === undefined) return renderContainer(item, scene, level);
  const name = nameOf(item, scene.locale);
  const long = item.value.type === 'TEXT' && (item.value.text.length > 40 || item.value.text.includes('\n'));
  return html`<div class=${long ? 'item long' : 'item'} data-path=${item.path}>
    ${name ? html`<div class="label">${name}</div>` : nothing}
    <div class="value">
      ${renderValue(item, scene)}
      ${item.observed ? html` <span class="secondary">${formatDateTime(item.observed)}</span>` : nothing}
      ${renderDetails(item, scene)}
    </div>
  </div>`;
}

function renderContainer(item: ContentItem, scene: SrScene, level: number): TemplateResult {
  if (item.children.length === 0) return html``;
  const name = nameOf(item, scene.locale);
  const flows = item.value.type === 'CONTAINER' && item.value.continuous && isProse(item);
  return html`<section data-path=${item.path}>
    ${heading(name, level)}
    ${renderModifiers(item, scene)}
    ${
      flows
        ? html`<p>${contents(item).map((child) => html`<span data-path=${child.path} title=${nameOf(child, scene.locale)}>${renderValue(child, scene)}</span> `)}</p>`
        : renderItems(contents(item), scene, Math.min(6, level + (name ? 1 : 0)))
    }
  </section>`;
}

/** Pieces of one sentence: texts, codes and numbers in a row that make sense without their names. */
const isProse = (item: ContentItem): boolean =>
  contents(item).some(({ value }) => value.type === 'TEXT') &&
  contents(item).every(({ value }) => value.type === 'TEXT' || value.type === 'CODE' || value.type === 'NUM');

function renderModifiers(item: ContentItem, scene: SrScene): TemplateResult | typeof nothing {
  const shown = context(item).filter(({ value }) => value.type !== 'UIDREF');
  if (shown.length === 0) return nothing;
  return html`<div class="modifiers">
    ${shown.map((child) => html`<span data-path=${child.path}><span class="secondary">${nameOf(child, scene.locale)}</span> ${renderValue(child, scene)}${renderDetails(child, scene)}</span>`)}
  </div>`;
}

/** What hangs below a value: modifiers, properties, what it was inferred or selected from. */
function renderDetails(item: ContentItem, scene: SrScene): TemplateResult | typeof nothing {
  const shown = item.children.filter(({ value }) => value.type !== 'UIDREF');
  if (shown.length === 0) return nothing;
  return html`<ul class="details">
    ${shown.map((child) => {
      if (child.value.type === 'CONTAINER' && child.target === undefined)
        return html`<li>${renderContainer(child, scene, 6)}</li>`;
      const name = detailName(child, scene.locale);
      return html`<li data-path=${child.path}>
        ${name ? html`<span class="secondary">${name}</span> ` : nothing}${renderValue(child, scene)}${renderDetails(child, scene)}
      </li>`;
    })}
  </ul>`;
}

function detailName(item: ContentItem, locale: string): string {
  const name = nameOf(item, locale);
  if (item.relationship === 'SELECTED FROM') return srText(locale, 'selectedFrom');
  if (item.relationship === 'INFERRED FROM') return [srText(locale, 'inferredFrom'), name].filter(Boolean).join(' ');
  return name;
}

function heading(name: string, level: number): TemplateResult | typeof nothing {
  if (!name) return nothing;
  switch (level) {
    case 2:
      return html`<h2>${name}</h2>`;
    case 3:
      return html`<h3>${name}</h3>`;
    case 4:
      return html`<h4>${name}</h4>`;
    case 5:
      return html`<h5>${name}</h5>`;
    default:
      return html`<h6>${name}</h6>`;
  }
}
