/** Which rows of a long list are on the screen, and where: rows of known heights, in pixels. */
export interface VisibleRows {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
  /** Where the first one begins. */
  readonly offset: number;
  readonly total: number;
}

/** Rows rendered beyond the edges, so that scrolling finds them there. */
const SPARE_PX = 240;

/** The heights of a list's rows, summed up once. */
export class RowHeights {
  /** `starts[n]` is where row n begins; the last one is the whole height. */
  readonly #starts: number[] = [0];

  constructor(count: number, heightOf: (index: number) => number) {
    for (let index = 0; index < count; index += 1) this.#starts.push((this.#starts[index] ?? 0) + heightOf(index));
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  get total(): number {
    return this.#starts.at(-1) ?? 0;
  }

  start(index: number): number {
    return this.#starts[Math.min(Math.max(0, index), this.count)] ?? 0;
  }

  /** The rows to draw for a scroll position. */
  visible(scrollTop: number, height: number): VisibleRows {
    const first = this.#at(scrollTop - SPARE_PX);
    const end = this.count === 0 ? 0 : this.#at(scrollTop + height + SPARE_PX) + 1;
    return { first, end, offset: this.start(first), total: this.total };
  }

  /** The scroll position, as near as can be to the given one, at which a row is wholly in sight. */
  reveal(index: number, scrollTop: number, height: number): number {
    const top = this.start(index);
    const bottom = this.start(index + 1);
    if (top < scrollTop) return top;
    return bottom > scrollTop + height ? bottom - height : scrollTop;
  }

  /** The row at a position, by halving. */
  #at(position: number): number {
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
