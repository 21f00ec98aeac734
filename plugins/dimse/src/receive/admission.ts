import { performance } from 'node:perf_hooks';
import { type Admittance, FilmlessError } from '@filmless/core/plugin';

/** How old an answer of the storage may be. Its own figure of free space is some hundred ms old as well. */
const GOOD_FOR_MS = 250;
/** Asked for before an instance is taken, and again each time so much more of it has come. */
export const ADMISSION_STEP_BYTES = 64 * 1024 * 1024;

/** Asks whether bytes may be taken, but not for every instance of a fast sender anew. */
export class Admission {
  readonly #ask: (sizeBytes: number) => Promise<Admittance>;
  #placeIn: string | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #refusal: FilmlessError | undefined;
  #asking: Promise<void> | undefined;

  constructor(ask: (sizeBytes: number) => Promise<Admittance>) {
    this.#ask = ask;
  }

  /** Where this thread may place what it received, by the latest answer. */
  get placeIn(): string | undefined {
    return this.#placeIn;
  }

  /** Undefined: go on. A promise rejects with STORAGE_FULL or UNAVAILABLE. */
  check(): Promise<void> | undefined {
    if (performance.now() - this.#answeredAt > GOOD_FOR_MS) {
      this.#asking ??= this.#refresh();
      return this.#asking;
    }
    return this.#refusal ? Promise.reject(this.#refusal) : undefined;
  }

  async #refresh(): Promise<void> {
    try {
      this.#placeIn = (await this.#ask(ADMISSION_STEP_BYTES)).placeIn;
      this.#refusal = undefined;
    } catch (error) {
      this.#refusal = FilmlessError.from(error);
      throw this.#refusal;
    } finally {
      this.#answeredAt = performance.now();
      this.#asking = undefined;
    }
  }
}
