/** The page that is printed: black on white, whatever the theme. */
const SHEET = `
  @page { margin: 14mm; }
  body { margin: 0; background: white; color: black; font: 11pt/1.5 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', system-ui, sans-serif; }
  button { all: unset; }
  .bar, .no-print, .icon { display: none; }
  h1 { font-size: 16pt; } h2 { font-size: 13pt; } h3, h4, h5, h6 { font-size: 11pt; }
  table { border-collapse: collapse; inline-size: 100%; font-size: 9pt; }
  th, td { border: 0.5pt solid #888; padding: 2pt 4pt; text-align: start; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 2pt 10pt; margin: 0; } dd { margin: 0; }
  .page { break-after: page; } .page img, .page svg { inline-size: 100%; block-size: auto; }
  .text { white-space: pre-line; }
  @media print { tr, .keep { break-inside: avoid; } }
`;

/**
 * Prints a copy of an element on a clean sheet: in a frame of its own, so that the page around the viewer is not printed with it.
 * The element's styles stay behind; `SHEET` and `extra` are all there is.
 */
export async function printElement(source: Element | DocumentFragment, title: string, extra = ''): Promise<void> {
  const frame = document.createElement('iframe');
  frame.setAttribute('aria-hidden', 'true');
  Object.assign(frame.style, { position: 'fixed', inlineSize: '0', blockSize: '0', border: '0' });
  document.body.append(frame);
  const page = frame.contentDocument;
  const view = frame.contentWindow as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
  if (!page || !view) {
    frame.remove();
    return;
  }
  // Made from script and not as an element: a strict policy forbids those.
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(SHEET + extra);
  page.adoptedStyleSheets = [sheet];
  page.title = title;
  page.body.append(page.importNode(source, true));
  await Promise.all([...page.images].map((image) => image.decode().catch(() => undefined)));
  view.addEventListener('afterprint', () => setTimeout(() => frame.remove()), { once: true });
  view.focus();
  view.print();
}
