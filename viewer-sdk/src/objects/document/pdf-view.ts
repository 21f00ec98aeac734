import { getDocument, type PDFDocumentLoadingTask, type PDFDocumentProxy, PDFWorker } from 'pdfjs-dist';
import { startWorker } from '../parts/start-worker.ts';
import { findInPage, type PdfMatch, rangesOf } from './pdf-find.ts';
import { PdfPage } from './pdf-page.ts';

const SMALLEST_SCALE = 0.25;
const LARGEST_SCALE = 5;
const PRINT_DPI = 150;
const FOUND = 'filmless-pdf-find';
const CURRENT = 'filmless-pdf-current';

/** A PDF in a scrolling element: pages are drawn when they come near the screen and freed when they are far from it. */
export class PdfView {
  /** Another page is at the top, another scale, another match. */
  onChange: (() => void) | undefined;
  readonly pages: readonly PdfPage[];
  readonly #task: PDFDocumentLoadingTask;
  readonly #worker: Worker;
  readonly #scroller: HTMLElement;
  readonly #seen: IntersectionObserver;
  readonly #resized: ResizeObserver;
  readonly #near = new Set<PdfPage>();
  readonly #firstSize: { readonly width: number; readonly height: number };
  #scale = 1;
  #fits = true;
  #matches: readonly PdfMatch[] = [];
  #current = -1;
  #search = 0;

  /**
   * @param files the folder of PDF.js's worker, character maps, fonts and decoders
   * @throws an error of PDF.js for damaged and for protected documents
   */
  static async open(bytes: Uint8Array<ArrayBuffer>, files: string, scroller: HTMLElement): Promise<PdfView> {
    const worker = startWorker(new URL('pdf-worker.js', files).href);
    const task = getDocument({
      data: bytes,
      worker: PDFWorker.create({ port: worker }),
      cMapUrl: files,
      cMapPacked: true,
      standardFontDataUrl: files,
      wasmUrl: files,
      iccUrl: files,
      // Forms and scripts of a document are not run: it is shown as it is printed.
      enableXfa: false,
    });
    try {
      const document = await task.promise;
      const size = (await document.getPage(1)).getViewport({ scale: 1 });
      return new PdfView(task, document, worker, scroller, size);
    } catch (error) {
      void task.destroy();
      worker.terminate();
      throw error;
    }
  }

  private constructor(
    task: PDFDocumentLoadingTask,
    document: PDFDocumentProxy,
    worker: Worker,
    scroller: HTMLElement,
    size: { readonly width: number; readonly height: number },
  ) {
    this.#task = task;
    this.#worker = worker;
    this.#scroller = scroller;
    this.#firstSize = size;
    this.pages = Array.from({ length: document.numPages }, (_, index) => new PdfPage(document, index + 1));
    this.#seen = new IntersectionObserver((entries) => this.#moved(entries), {
      root: scroller,
      rootMargin: '100% 0%',
    });
    for (const page of this.pages) this.#seen.observe(page.element);
    scroller.replaceChildren(...this.pages.map(({ element }) => element));
    scroller.addEventListener('scroll', () => this.onChange?.(), { passive: true });
    this.#resized = new ResizeObserver(() => {
      if (this.#fits) this.fitWidth();
    });
    this.#resized.observe(scroller);
    this.fitWidth();
  }

  get scale(): number {
    return this.#scale;
  }

  /** The page at the middle of the screen, from 1. */
  get pageNumber(): number {
    const middle = this.#scroller.scrollTop + this.#scroller.clientHeight / 2;
    const page = this.pages.findLast(({ element }) => element.offsetTop <= middle);
    return page?.number ?? 1;
  }

  get matchCount(): number {
    return this.#matches.length;
  }

  /** From 0; -1 when there is none. */
  get matchIndex(): number {
    return this.#current;
  }

  goTo(number: number): void {
    const page = this.pages[Math.min(this.pages.length, Math.max(1, Math.round(number))) - 1];
    if (page) this.#scroller.scrollTop = page.element.offsetTop - 12;
  }

  fitWidth(): void {
    this.#fits = true;
    const room = Math.max(120, this.#scroller.clientWidth - 40);
    this.#zoomTo(Math.min(2, room / this.#firstSize.width));
  }

  zoomBy(factor: number): void {
    this.#fits = false;
    this.#zoomTo(this.#scale * factor);
  }

  /** Looks for words on every page and shows the first place at or after the page on the screen. */
  async find(words: string): Promise<void> {
    this.#search += 1;
    const search = this.#search;
    const from = this.pageNumber;
    const matches: PdfMatch[] = [];
    for (const page of this.pages) {
      if (words.trim() === '') break;
      const content = await (await page.page).getTextContent();
      if (search !== this.#search) return;
      const pieces = content.items.flatMap((item) => ('str' in item ? [item.str] : []));
      matches.push(...findInPage(pieces, words, page.number));
    }
    this.#matches = matches;
    const next = matches.findIndex(({ page }) => page >= from);
    this.#current = matches.length === 0 ? -1 : Math.max(0, next);
    this.#reveal();
  }

  step(by: 1 | -1): void {
    const count = this.#matches.length;
    if (count === 0) return;
    this.#current = (this.#current + by + count) % count;
    this.#reveal();
  }

  /** The pages as pictures, one after another. @param progress told before each, from 1 */
  async *pictures(progress: (page: number) => void): AsyncGenerator<Blob> {
    for (const page of this.pages) {
      progress(page.number);
      yield await page.picture(PRINT_DPI);
    }
  }

  dispose(): void {
    this.#search += 1;
    this.#seen.disconnect();
    this.#resized.disconnect();
    for (const page of this.pages) page.clear();
    CSS.highlights?.delete(FOUND);
    CSS.highlights?.delete(CURRENT);
    void this.#task.destroy().then(() => this.#worker.terminate());
  }

  #zoomTo(scale: number): void {
    const wanted = Math.min(LARGEST_SCALE, Math.max(SMALLEST_SCALE, scale));
    if (Math.abs(wanted - this.#scale) < 1e-3 && this.pages[0]?.element.style.inlineSize) return;
    const { scrollTop, scrollHeight } = this.#scroller;
    const place = scrollHeight > 0 ? scrollTop / scrollHeight : 0;
    this.#scale = wanted;
    for (const page of this.pages) page.resize(wanted, this.#firstSize);
    this.#scroller.scrollTop = place * this.#scroller.scrollHeight;
    for (const page of this.#near) void this.#draw(page);
    this.onChange?.();
  }

  #moved(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const page = this.pages.find(({ element }) => element === target);
      if (!page) continue;
      if (isIntersecting) {
        this.#near.add(page);
        void this.#draw(page);
      } else if (this.#near.delete(page)) {
        page.clear();
      }
    }
    this.onChange?.();
  }

  async #draw(page: PdfPage): Promise<void> {
    try {
      await page.draw(this.#scale);
      this.#highlight();
    } catch {
      // One page that cannot be drawn stays white; the others are read.
    }
  }

  #reveal(): void {
    const match = this.#matches[this.#current];
    if (match) {
      const page = this.pages[match.page - 1];
      if (page && this.pageNumber !== match.page) this.goTo(match.page);
    }
    this.#highlight();
    this.onChange?.();
  }

  #highlight(): void {
    // Browsers without highlights still step from page to page.
    if (!CSS.highlights) return;
    const found: Range[] = [];
    let current: Range[] = [];
    this.#matches.forEach((match, index) => {
      const page = this.pages[match.page - 1];
      if (!page || !this.#near.has(page)) return;
      const ranges = rangesOf(match, page.textPieces.elements, page.textPieces.texts);
      if (index === this.#current) current = ranges;
      else found.push(...ranges);
    });
    CSS.highlights.set(FOUND, new Highlight(...found));
    CSS.highlights.set(CURRENT, new Highlight(...current));
    const box = current[0]?.getBoundingClientRect();
    const frame = this.#scroller.getBoundingClientRect();
    if (box && (box.top < frame.top || box.bottom > frame.bottom))
      this.#scroller.scrollTop += box.top - frame.top - frame.height / 3;
  }
}
