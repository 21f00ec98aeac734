import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { PRIORITY } from '../../client/request-queue.ts';
import type { MarkedImage } from '../session/study-work.ts';

const SIZE = { width: 160, height: 160 };

/** Small pictures of key images, as the server renders them. */
export class KeyPictures {
  readonly #changed: () => void;
  readonly #urls = new Map<string, string | undefined>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The picture's address; `undefined` while it is not there. */
  of(client: DicomWebClient | undefined, { study, series, instance, frame }: MarkedImage): string | undefined {
    const key = `${instance}/${frame ?? ''}`;
    if (!client || this.#urls.has(key)) return this.#urls.get(key);
    this.#urls.set(key, undefined);
    client.rendered({ study, series, instance, frame }, SIZE, { ticket: { priority: PRIORITY.soon } }).then(
      ({ blob }) => {
        if (!this.#urls.has(key)) return;
        this.#urls.set(key, URL.createObjectURL(blob));
        this.#changed();
      },
      () => undefined,
    );
    return undefined;
  }

  clear(): void {
    for (const url of this.#urls.values()) if (url) URL.revokeObjectURL(url);
    this.#urls.clear();
  }
}
