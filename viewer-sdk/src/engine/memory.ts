/** The share of the page's memory that may be held beside the frames: these have to be shown all the same. */
const MOST_RESERVED = 0.6;

/** The memory of all viewers of a page: what decoded frames take, and what is held beside them, has one cap. */
export class PageMemory {
  readonly mostBytes: number;
  #reserved = 0;
  readonly #changed: (frameBytes: number) => void;

  /** @param changed told how many bytes frames may take from now on */
  constructor(mostBytes: number, changed: (frameBytes: number) => void) {
    this.mostBytes = mostBytes;
    this.#changed = changed;
    changed(mostBytes);
  }

  get reservedBytes(): number {
    return this.#reserved;
  }

  /** What frames may take. */
  get frameBytes(): number {
    return this.mostBytes - this.#reserved;
  }

  /** @returns what gives the bytes back, once; `undefined` where there are not so many */
  reserve(bytes: number): (() => void) | undefined {
    if (!(bytes >= 0) || this.#reserved + bytes > this.mostBytes * MOST_RESERVED) return undefined;
    let held = bytes;
    this.#change(held);
    return () => {
      this.#change(-held);
      held = 0;
    };
  }

  #change(by: number): void {
    if (by === 0) return;
    this.#reserved += by;
    this.#changed(this.frameBytes);
  }
}
