/** As much of Markdown as the pages of this folder use: headings, paragraphs, lists, tables, fenced code, code, strong, links. */
export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly id: string;
}

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @returns HTML, and the headings for a table of contents. A fence marked `live` is shown, and run below itself. */
export function renderMarkdown(source: string): { html: string; headings: Heading[] } {
  const headings: Heading[] = [];
  const blocks: string[] = [];
  const lines = source.split('\n');
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    for (let line = lines[at]; line !== undefined && belongs(line); line = lines[at]) {
      taken.push(line);
      at += 1;
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const heading = /^(#{1,4}) (.*)$/.exec(line);
    const fence = /^```(\S*) ?(live)?$/.exec(line);
    if (heading) {
      const [, marks = '', text = ''] = heading;
      const id = text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
        .replaceAll(/^-|-$/g, '');
      headings.push({ level: marks.length, text, id });
      blocks.push(`<h${marks.length} id="${escaped(id)}">${inline(text)}</h${marks.length}>`);
      at += 1;
    } else if (fence) {
      at += 1;
      const code = take((one) => one !== '```').join('\n');
      at += 1;
      blocks.push(`<pre><code>${escaped(code)}</code></pre>`);
      // Ours, from this repository: it is run as it stands.
      if (fence[2]) blocks.push(`<div class="live">${code}</div>`);
    } else if (line.startsWith('|')) blocks.push(table(take((one) => one.startsWith('|'))));
    else if (line.startsWith('- ')) {
      const items = take((one) => one.startsWith('- ')).map((one) => `<li>${inline(one.slice(2))}</li>`);
      blocks.push(`<ul>${items.join('')}</ul>`);
    } else if (line.trim() === '') at += 1;
    else blocks.push(`<p>${inline(take((one) => one.trim() !== '' && !/^(#|```|\||- )/.test(one)).join(' '))}</p>`);
  }
  return { html: blocks.join('\n'), headings };
}

function table(lines: readonly string[]): string {
  const cells = (line: string, tag: string) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split('|')
      .map((cell) => `<${tag}>${inline(cell.trim())}</${tag}>`)
      .join('');
  const [head = '', , ...rows] = lines;
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`;
}

/** Code spans first: what stands in them is text. */
export function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`') && part.length > 2
        ? `<code>${escaped(part.slice(1, -1))}</code>`
        : escaped(part)
            .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
            .replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>'),
    )
    .join('');
}
