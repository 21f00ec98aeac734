/** A piece of a clinical document, as plain text. */
export type CdaPart =
  | { readonly kind: 'heading' | 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

/** Elements of the narrative block that end a line. @see HL7 CDA R2 4.3.5 */
const BLOCKS = new Set(['paragraph', 'item', 'br', 'list', 'caption', 'tr', 'div', 'p', 'li']);
/** More pieces are no document to read on a screen. */
const MOST_PARTS = 20_000;

/**
 * Reads the titles and narrative texts of a CDA document. It is parsed as XML and never put into the page: entities, styles, scripts and
 * links of it have no effect.
 * @throws Error when it is not well-formed XML
 */
export function readCda(bytes: Uint8Array<ArrayBuffer>): { title: string; parts: CdaPart[] } {
  const source = new TextDecoder(encodingOf(bytes)).decode(bytes);
  const xml = new DOMParser().parseFromString(source, 'application/xml');
  if (xml.querySelector('parsererror')) throw new Error('not well-formed XML');
  const parts: CdaPart[] = [];
  const bodies = [...xml.getElementsByTagNameNS('*', 'component')].slice(0, 1);
  for (const body of bodies.length > 0 ? bodies : [xml.documentElement]) walk(body, parts);
  const title = [...xml.documentElement.children].find(({ localName }) => localName === 'title');
  return { title: tidy(title?.textContent ?? ''), parts };
}

/** The encoding that the XML declaration names; UTF-8 otherwise. Labels that no browser knows are taken for UTF-8. */
function encodingOf(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const named = /^<\?xml[^>]*encoding=["']([\w.:-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return 'utf-8';
  }
}

function walk(element: Element, parts: CdaPart[]): void {
  if (parts.length >= MOST_PARTS) return;
  switch (element.localName) {
    case 'title': {
      const text = tidy(element.textContent ?? '');
      if (text) parts.push({ kind: 'heading', text });
      return;
    }
    case 'text':
      narrative(element, parts);
      return;
    case 'script':
    case 'style':
      return;
    default:
      for (const child of element.children) walk(child, parts);
  }
}

function narrative(element: Element, parts: CdaPart[]): void {
  let line = '';
  const flush = () => {
    const text = tidy(line);
    line = '';
    if (text) parts.push({ kind: 'text', text });
  };
  const visit = (node: Node): void => {
    if (node instanceof Text) {
      line += node.data;
      return;
    }
    if (!(node instanceof Element)) return;
    if (node.localName === 'table') {
      flush();
      parts.push({ kind: 'table', rows: rowsOf(node) });
      return;
    }
    if (node.localName === 'script' || node.localName === 'style') return;
    if (BLOCKS.has(node.localName)) flush();
    for (const child of node.childNodes) visit(child);
    if (BLOCKS.has(node.localName)) flush();
  };
  for (const child of element.childNodes) visit(child);
  flush();
}

const rowsOf = (table: Element): string[][] =>
  [...table.getElementsByTagNameNS('*', 'tr')].map((row) =>
    [...row.children]
      .filter(({ localName }) => localName === 'td' || localName === 'th')
      .map((cell) => tidy(cell.textContent ?? '')),
  );

const tidy = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
