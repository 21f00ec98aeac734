import { type PDFDocumentProxy, type PDFPageProxy, TextLayer } from 'pdfjs-dist';

/** A canvas larger than this fails on small machines: the page is drawn coarser and scaled up. */
const MOST_PIXELS = 16_000_000;

/** One page: a place of its size at once, canvas and selectable text when it comes into sight. */
export class PdfPage {
  readonly element: HTMLElement;
  readonly number: number;
  readonly #document: PDFDocumentProxy;
  #page: Promise<PDFPageProxy> | undefined;
  #drawn: { readonly scale: number; cancel(): void } | undefined;
  #layer: TextLayer | undefined;

  constructor(document: PDFDocumentProxy, number: number) {
    this.#document = document;
    this.number = number;
    this.element = globalThis.document.createElement('div');
    this.element.className = 'page';
    this.element.dataset['page'] = String(number);
  }

  get page(): Promise<PDFPageProxy> {
    this.#page ??= this.#document.getPage(this.number);
    return this.#page;
  }

  /** The pieces of text on the screen and what each of them says; empty before the page is drawn. */
  get textPieces(): { readonly elements: readonly HTMLElement[]; readonly texts: readonly string[] } {
    const layer = this.#layer;
    return layer ? { elements: layer.textDivs, texts: layer.textContentItemsStr } : { elements: [], texts: [] };
  }

  /** Gives the page its size. @param scale CSS pixels for each PDF point (1/72 inch) */
  resize(scale: number, size: { readonly width: number; readonly height: number }): void {
    const { style } = this.element;
    style.inlineSize = `${Math.round(size.width * scale)}px`;
    style.blockSize = `${Math.round(size.height * scale)}px`;
    style.setProperty('--total-scale-factor', String(scale));
    style.setProperty('--scale-round-x', '1px');
    style.setProperty('--scale-round-y', '1px');
  }

  async draw(scale: number): Promise<void> {
    if (this.#drawn?.scale === scale) return;
    this.#drawn?.cancel();
    let wanted = true;
    let cancel = (): void => undefined;
    this.#drawn = {
      scale,
      cancel: () => {
        wanted = false;
        cancel();
      },
    };
    const page = await this.page;
    if (!wanted) return;
    const viewport = page.getViewport({ scale });
    this.resize(scale, page.getViewport({ scale: 1 }));
    const canvas = globalThis.document.createElement('canvas');
    const ratio = Math.min(
      globalThis.devicePixelRatio || 1,
      Math.sqrt(MOST_PIXELS / Math.max(1, viewport.width * viewport.height)),
    );
    canvas.width = Math.max(1, Math.floor(viewport.width * ratio));
    canvas.height = Math.max(1, Math.floor(viewport.height * ratio));
    const task = page.render({ canvas, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
    cancel = () => task.cancel();
    const text = globalThis.document.createElement('div');
    text.className = 'textLayer';
    const layer = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport });
    try {
      await Promise.all([task.promise, layer.render()]);
    } catch (error) {
      if (!wanted) return;
      throw error;
    }
    if (!wanted) return;
    this.#layer = layer;
    this.element.replaceChildren(canvas, text);
  }

  /** Frees what is out of sight. */
  clear(): void {
    this.#drawn?.cancel();
    this.#drawn = undefined;
    this.#layer = undefined;
    this.element.replaceChildren();
  }

  /** The page as a picture for the printer. @param dpi dots per inch */
  async picture(dpi: number): Promise<Blob> {
    const page = await this.page;
    const viewport = page.getViewport({ scale: dpi / 72 });
    const canvas = globalThis.document.createElement('canvas');
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    await page.render({ canvas, viewport, intent: 'print' }).promise;
    return new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('page too large to print'))), 'image/png'),
    );
  }
}
