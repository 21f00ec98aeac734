/** What came from the network while nothing more could be taken. The memory is kept for the next time. */
export class HeldBytes {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** Copies `bytes`. */
  add(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(needed);
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }

  /** Empties it into `take`, which may add again what it leaves over. */
  drain<T>(take: (bytes: Uint8Array) => T): T {
    const buffer = this.#buffer;
    const bytes = buffer.subarray(0, this.#length);
    // What is added meanwhile must not overwrite what is being read.
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    const result = take(bytes);
    if (this.#length === 0) this.#buffer = buffer;
    return result;
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }
}
