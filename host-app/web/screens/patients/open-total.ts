import { countReconciliation, type ReconciliationPage } from '../../api/patients.ts';

/** A total that is older is counted again when somebody looks. */
const COUNTS_AGAIN_MS = 600_000;

interface Total {
  found: number;
  /** Studies compared so far. */
  looked: number;
  studies: number;
  isWhole: boolean;
}

/** How many studies wait for a decision in all: every one is compared with the registers, so it is added up part by part. */
export class OpenTotal {
  #total: Total | undefined;
  #countedAt = Number.NEGATIVE_INFINITY;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get now(): Total | undefined {
    return this.#total;
  }

  /** Goes on from the first page, which says all where there is no more. An abort ends it. */
  async count({ items, nextOffset, studies }: ReconciliationPage, signal: AbortSignal): Promise<void> {
    let next = nextOffset;
    if (next !== undefined && performance.now() - this.#countedAt < COUNTS_AGAIN_MS) return;
    this.#countedAt = performance.now();
    const known = this.#total?.isWhole ? this.#total : undefined;
    let total: Total = { found: items.length, looked: next ?? studies, studies, isWhole: next === undefined };
    // An old total stays until there is a new one.
    const show = () => {
      if (known && !total.isWhole) return;
      this.#total = total;
      this.#changed();
    };
    show();
    try {
      while (next !== undefined) {
        const part: Awaited<ReturnType<typeof countReconciliation>> = await countReconciliation(next, signal);
        next = part.nextOffset;
        total = {
          found: total.found + part.found,
          looked: next ?? part.studies,
          studies: part.studies,
          isWhole: next === undefined,
        };
        show();
      }
    } catch (error) {
      this.#countedAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  /** Somebody decided on one of them, or took that back. */
  add(by: 1 | -1): void {
    if (this.#total) this.#total = { ...this.#total, found: Math.max(0, this.#total.found + by) };
  }
}
