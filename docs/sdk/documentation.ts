import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escaped, inline, renderMarkdown } from './markdown.ts';

/** What is used of a custom-elements manifest. */
interface Manifest {
  readonly modules: readonly { readonly declarations?: readonly Declaration[] }[];
}
interface Named {
  readonly name?: string;
  readonly description?: string;
  readonly default?: string;
  readonly type?: { readonly text?: string };
}
interface Declaration extends Named {
  readonly tagName?: string;
  readonly attributes?: readonly (Named & { readonly fieldName?: string })[];
  readonly members?: readonly (Named & {
    readonly kind?: string;
    readonly privacy?: string;
    readonly static?: boolean;
  })[];
  readonly events?: readonly Named[];
  readonly slots?: readonly Named[];
  readonly cssParts?: readonly Named[];
  readonly cssProperties?: readonly Named[];
}

const LANGUAGES = {
  'zh-CN': {
    file: 'index.html',
    other: { href: '/sdk/docs/en.html', text: 'English' },
    title: 'Filmless 影像浏览器 SDK',
    reference: '元素参考',
    attributes: '属性',
    properties: '脚本属性与方法',
    events: '事件',
    slots: '插槽',
    parts: '样式部件（::part）',
    tokens: '样式变量',
    columns: ['名称', '类型', '默认值', '说明（英文）'],
    contents: '目录',
  },
  en: {
    file: 'en.html',
    other: { href: '/sdk/docs', text: '中文' },
    title: 'Filmless viewer SDK',
    reference: 'Elements',
    attributes: 'Attributes',
    properties: 'Properties and methods',
    events: 'Events',
    slots: 'Slots',
    parts: 'Parts (::part)',
    tokens: 'Custom properties',
    columns: ['Name', 'Type', 'Default', 'Meaning'],
    contents: 'Contents',
  },
} as const;
type Language = keyof typeof LANGUAGES;

/** What Lit brings into every element. */
const NOT_OURS = new Set(['styles', 'renderRoot', 'updateComplete', 'engineLoader']);

export interface DocumentationFile {
  readonly fileName: string;
  readonly source: string;
}

/** The pages of `/sdk/docs`: the texts of this folder, and what the manifest says of each element. */
export function documentation(manifest: unknown, tokens: string): DocumentationFile[] {
  const here = import.meta.dirname;
  const page = (language: Language): DocumentationFile => {
    const source = readFileSync(join(here, `${language}.md`), 'utf8');
    return {
      fileName: `docs/${LANGUAGES[language].file}`,
      source: render(language, source, manifest as Manifest, tokens),
    };
  };
  const style = { fileName: 'docs/docs.css', source: readFileSync(join(here, 'docs.css'), 'utf8') };
  return [page('zh-CN'), page('en'), style];
}

function render(language: Language, source: string, manifest: Manifest, tokens: string): string {
  const t = LANGUAGES[language];
  const { html, headings } = renderMarkdown(source);
  const elements = manifest.modules.flatMap(({ declarations = [] }) => declarations.filter(({ tagName }) => tagName));
  const links = [
    ...headings.filter(({ level }) => level === 2).map(({ id, text }) => [id, text] as const),
    ...elements.map(({ tagName = '' }) => [tagName, `<${tagName}>`] as const),
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${t.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sdk/docs/docs.css">
<script type="module" src="/sdk/filmless-viewer.js"></script>
<script type="module" src="/sdk/filmless-docs-page.js"></script>
</head>
<body>
<nav aria-label="${t.contents}"><a class="language" href="${t.other.href}">${t.other.text}</a>
${links.map(([id, text]) => `<a href="#${escaped(id)}">${escaped(text)}</a>`).join('\n')}
</nav>
<main>
<h1>${t.title}</h1>
<p id="sign-in" role="status" hidden></p>
${html}
<h2 id="reference">${t.reference}</h2>
${elements.map((element) => describe(element, language)).join('\n')}
<h3>${t.tokens}</h3>
<pre><code>${escaped(tokens)}</code></pre>
</main>
</body>
</html>
`;
}

function describe(element: Declaration, language: Language): string {
  const t = LANGUAGES[language];
  const own = (element.members ?? []).filter(
    ({ name = '', privacy, kind, description }) =>
      privacy !== 'private' &&
      privacy !== 'protected' &&
      !name.startsWith('#') &&
      !NOT_OURS.has(name) &&
      (kind === 'method' ? description !== undefined : true),
  );
  return `<h3 id="${escaped(element.tagName ?? '')}"><code>&lt;${escaped(element.tagName ?? '')}&gt;</code></h3>
<p>${inline(element.description ?? '')}</p>
${rows(t.attributes, element.attributes, t.columns)}${rows(t.properties, own, t.columns)}${rows(t.events, element.events, t.columns)}${rows(t.slots, element.slots, t.columns)}${rows(t.parts, element.cssParts, t.columns)}${rows(t.tokens, element.cssProperties, t.columns)}`;
}

function rows(title: string, entries: readonly Named[] = [], columns: readonly string[]): string {
  if (entries.length === 0) return '';
  const row = ({ name = '', type, default: value, description = '' }: Named) =>
    `<tr><td><code>${escaped(name)}</code></td><td><code>${escaped(type?.text ?? '')}</code></td><td><code>${escaped(value ?? '')}</code></td><td>${inline(description)}</td></tr>`;
  return `<h4>${title}</h4><table><thead><tr>${columns.map((column) => `<th>${column}</th>`).join('')}</tr></thead><tbody>${entries.map(row).join('')}</tbody></table>`;
}
