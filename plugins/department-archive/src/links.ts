import { setTimeout as sleep } from 'node:timers/promises';
import { LinkClient } from './link-client.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { Peer } from './peers.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

export interface LinkState {
  /** Null until it was tried. */
  isReachable: boolean | null;
  /** When that began, in milliseconds of this process (`performance.now`). */
  since: number;
}

interface Link {
  address: string;
  client: LinkClient;
  stopping: AbortController;
  state: LinkState;
  ended: Promise<void>;
}

interface Options {
  identity: NodeIdentity;
  /** A node answers, for the first time or again. */
  onReached(peer: Peer): void;
  /** A node that answered does not any more. */
  onLost(peer: Peer): void;
}

/** A link to each node that is known, held open and opened again by itself. */
export class Links {
  readonly #options: Options;
  readonly #links = new Map<string, Link>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: Options) {
    this.#options = options;
  }

  to(peer: Peer): LinkClient {
    return this.#open(peer).client;
  }

  stateOf(peer: Peer): LinkState {
    return this.#links.get(peer.fingerprint)?.state ?? { isReachable: null, since: 0 };
  }

  /** Holds links to these nodes from now on and to no other. */
  keep(peers: readonly Peer[]): void {
    const wanted = new Set(peers.map(({ fingerprint }) => fingerprint));
    for (const key of this.#links.keys()) if (!wanted.has(key)) this.#close(key);
    for (const peer of peers) this.#open(peer);
  }

  async close(): Promise<void> {
    for (const key of this.#links.keys()) this.#close(key);
    await Promise.all(this.#ending);
  }

  #open(peer: Peer): Link {
    const found = this.#links.get(peer.fingerprint);
    if (found?.address === peer.address) return found;
    if (found) this.#close(peer.fingerprint);
    const { address } = peer;
    const client = new LinkClient(peer, this.#options.identity);
    const stopping = new AbortController();
    const state: LinkState = { isReachable: null, since: performance.now() };
    const ended = this.#keepOpen(peer, client, state, stopping.signal);
    const link: Link = { address, client, stopping, state, ended };
    this.#links.set(peer.fingerprint, link);
    return link;
  }

  #close(key: string): void {
    const link = this.#links.get(key);
    if (!link) return;
    this.#links.delete(key);
    link.stopping.abort();
    link.client.close();
    this.#ending.add(link.ended);
    void link.ended.finally(() => this.#ending.delete(link.ended));
  }

  async #keepOpen(peer: Peer, client: LinkClient, state: LinkState, signal: AbortSignal): Promise<void> {
    const become = (isReachable: boolean) => {
      if (state.isReachable === isReachable) return;
      const wasReachable = state.isReachable === true;
      Object.assign(state, { isReachable, since: performance.now() });
      if (isReachable) this.#options.onReached(peer);
      else if (wasReachable) this.#options.onLost(peer);
    };
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      try {
        await client.json('GET', '/hello', undefined, signal);
        become(true);
        waitMs = FIRST_WAIT_MS;
        await client.closed();
      } catch {
        if (signal.aborted) return;
        become(false);
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
  }
}
