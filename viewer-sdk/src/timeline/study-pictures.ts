import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import { isAbort, ViewerError } from '../errors.ts';

/** As many pictures are kept; a list of hundreds forgets those scrolled past first. */
const KEPT = 120;
const SIZE = { width: 96, height: 96 } as const;

/** Pictures of studies, fetched when they come into sight and kept for a while. */
export class StudyPictures {
  readonly #changed: () => void;
  /** In the order of their use; `undefined` while on the way or when there is none. */
  readonly #urls = new Map<string, string | undefined>();
  #controller = new AbortController();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The picture of a study where it is there already; asks for it otherwise. */
  get(client: DicomWebClient, study: string): string | undefined {
    const known = this.#urls.has(study);
    const url = this.#urls.get(study);
    if (!known) void this.#load(client, study);
    // Used last, dropped last.
    this.#urls.delete(study);
    this.#urls.set(study, url);
    return url;
  }

  clear(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    for (const url of this.#urls.values()) if (url) URL.revokeObjectURL(url);
    this.#urls.clear();
  }

  async #load(client: DicomWebClient, study: string): Promise<void> {
    const { signal } = this.#controller;
    try {
      const { blob, location } = await client.thumbnail({ study }, SIZE, {
        signal,
        ticket: { priority: PRIORITY.soon },
      });
      // A picture that shows another study is shown for none.
      if (signal.aborted || (location && location.study !== study)) return;
      this.#urls.set(study, URL.createObjectURL(blob));
      this.#drop();
      this.#changed();
    } catch (error) {
      // A study without a picture keeps its icon.
      if (!isAbort(error) && !(error instanceof ViewerError)) throw error;
    }
  }

  #drop(): void {
    for (const [study, url] of this.#urls) {
      if (this.#urls.size <= KEPT) return;
      if (url) URL.revokeObjectURL(url);
      this.#urls.delete(study);
    }
  }
}
