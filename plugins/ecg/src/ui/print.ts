/** Prints a sheet at its true size: 25 mm of paper are one second. */
export function printSheet(sheet: Element, lines: readonly string[], title: string): void {
  const frame = document.createElement('iframe');
  Object.assign(frame.style, { position: 'fixed', inlineSize: '0', blockSize: '0', border: '0' });
  document.body.append(frame);
  const page = frame.contentDocument;
  const view = frame.contentWindow as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
  if (!page || !view) {
    frame.remove();
    return;
  }
  const style = new view.CSSStyleSheet();
  style.replaceSync(`
    @page { size: A4 landscape; margin: 8mm; }
    body { margin: 0; font: 9pt/1.4 'Noto Sans SC', 'Microsoft YaHei', system-ui, sans-serif; }
    p { margin: 0 0 1mm; }
    .fine { stroke: #f6d5d0; stroke-width: 0.12; } .coarse { stroke: #e9a49b; stroke-width: 0.2; }
    .trace, .pulse { fill: none; stroke: black; stroke-width: 0.3; } text { font-size: 3.4px; } .scale { font-size: 2.8px; }
    .caliper rect { fill: none; stroke: #0b57a4; stroke-width: 0.25; }
  `);
  page.adoptedStyleSheets = [style];
  page.title = title;
  for (const line of lines) {
    const text = page.createElement('p');
    text.textContent = line;
    page.body.append(text);
  }
  const copy = page.importNode(sheet, true) as SVGElement;
  const [, , width = '0', height = '0'] = (copy.getAttribute('viewBox') ?? '').split(' ');
  copy.setAttribute('width', `${width}mm`);
  copy.setAttribute('height', `${height}mm`);
  page.body.append(copy);
  view.addEventListener('afterprint', () => setTimeout(() => frame.remove()), { once: true });
  view.focus();
  view.print();
}
