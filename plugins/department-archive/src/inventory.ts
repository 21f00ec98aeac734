import type { PluginContext } from '@filmless/core/plugin';
import type { Holdings } from './holdings.ts';
import type { LinkClient } from './link-client.ts';
import type { Peer } from './peers.ts';

const PAGE = 500;
const TRY_AGAIN_MS = 2_000;
/** All of it is told again so often, should the other side have lost something. */
const ALL_EVERY_MS = 10 * 60_000;

interface Options {
  context: Pick<PluginContext, 'hooks' | 'log'>;
  holdings: Holdings;
  centres(): { peer: Peer; link: LinkClient }[];
  signal: AbortSignal;
}

/** A department, and a gateway of what was stored at it, tells the centre what it holds of each study, so that both can be compared by their hashes. */
export class Inventory {
  readonly #options: Options;
  /** Studies to tell, for each centre. */
  readonly #untold = new Map<string, Set<string>>();
  #wake: () => void = () => undefined;

  constructor(options: Options) {
    this.#options = options;
    const { context, holdings } = options;
    context.hooks.after(
      'instance.stored',
      'inventory',
      async (records) => {
        for (const { received, SOPInstanceUID, StudyInstanceUID, sha256 } of records) {
          if (received.via === 'replication') continue;
          holdings.noteOwn(SOPInstanceUID, StudyInstanceUID, sha256);
          for (const untold of this.#untold.values()) untold.add(StudyInstanceUID);
        }
        this.#wake();
      },
      { from: 'start' },
    );
  }

  wake(): void {
    this.#wake();
  }

  async run(): Promise<void> {
    const { signal, centres, context } = this.#options;
    let allAt = performance.now();
    while (!signal.aborted) {
      if (performance.now() - allAt > ALL_EVERY_MS) {
        this.#untold.clear();
        allAt = performance.now();
      }
      for (const { peer, link } of centres()) {
        await this.#tell(peer, link).catch((error: unknown) => {
          if (!signal.aborted) context.log.debug({ node: peer.name, err: error }, 'what is held could not be told');
        });
      }
      await this.#pause();
    }
  }

  async #tell(peer: Peer, link: LinkClient): Promise<void> {
    const { holdings, signal } = this.#options;
    const untold = this.#untold.get(peer.fingerprint) ?? new Set(holdings.ownStudies());
    this.#untold.set(peer.fingerprint, untold);
    while (untold.size > 0) {
      const page = [...untold].slice(0, PAGE);
      for (const study of page) untold.delete(study);
      try {
        const studies = page.map((study) => holdings.ownInventory(study));
        await link.json('POST', '/inventory', { studies }, signal);
      } catch (error) {
        for (const study of page) untold.add(study);
        throw error;
      }
    }
  }

  #pause(): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, TRY_AGAIN_MS);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
