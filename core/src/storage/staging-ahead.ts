import { StagedWriter } from './staged-writer.ts';

/**
 * Staging files of one receiving thread, the next of which is made while the thread would only wait: making a file waits for the journal of the file
 * system, and then a sender waits with it.
 */
export class StagingAhead {
  readonly #directory: string;
  #next: StagedWriter | undefined;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** STORAGE_FULL, STORAGE_FAILED. */
  open(prefix: Uint8Array): StagedWriter {
    const writer = this.#next ?? StagedWriter.openSync(this.#directory);
    this.#next = undefined;
    writer.writeMany([prefix]);
    return writer;
  }

  /** Blocks for a moment; a failure shows when a file is wanted. */
  prepare(): void {
    if (this.#next || this.#closed) return;
    try {
      this.#next = StagedWriter.openSync(this.#directory);
    } catch {
      this.#next = undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#next?.abort();
    this.#next = undefined;
  }
}
