/** Something that an extension puts in the place of all images for a while. */
export class BenchInstead {
  #shown: { readonly element: HTMLElement; readonly removed: (() => void) | undefined } | undefined;
  readonly #redraw: () => void;

  constructor(redraw: () => void) {
    this.#redraw = redraw;
  }

  get element(): HTMLElement | undefined {
    return this.#shown?.element;
  }

  /** @returns what takes it away again */
  show(element: HTMLElement, removed?: () => void): () => void {
    this.clear();
    const own = { element, removed };
    this.#shown = own;
    this.#redraw();
    return () => {
      if (this.#shown !== own) return;
      this.#shown = undefined;
      this.#redraw();
    };
  }

  /** Takes away what is shown, and tells whoever showed it. */
  clear(): void {
    const shown = this.#shown;
    if (!shown) return;
    this.#shown = undefined;
    shown.removed?.();
    this.#redraw();
  }
}
