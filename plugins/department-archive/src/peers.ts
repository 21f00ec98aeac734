import type { DocumentStore } from '@filmless/core/plugin';
import { FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';
import { ROLES } from './config.ts';

export const peerSchema = z.object({
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,62}$/u),
  /** What the other node is. */
  role: z.enum(ROLES),
  /** host:port of its link. */
  address: z.string().regex(/^[^\s/]+:\d+$/),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  joinedAt: z.string(),
});
export type Peer = z.infer<typeof peerSchema>;

const PREFIX = 'node:';

/** The other nodes that this one knows. */
export class Peers {
  readonly #documents: DocumentStore;
  readonly #peers = new Map<string, Peer>();
  readonly #listeners = new Set<() => void>();

  private constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  static async open(documents: DocumentStore): Promise<Peers> {
    const peers = new Peers(documents);
    for (const found of await documents.list(PREFIX)) {
      const peer = peerSchema.parse(found);
      peers.#peers.set(peer.name, peer);
    }
    return peers;
  }

  list(): Peer[] {
    return [...this.#peers.values()];
  }

  get(name: string): Peer | undefined {
    return this.#peers.get(name);
  }

  byFingerprint(fingerprint: string): Peer | undefined {
    return this.list().find((peer) => peer.fingerprint === fingerprint);
  }

  /** The same node may join again with another address. @throws CONFLICT when another node has the name */
  async add(peer: Peer): Promise<void> {
    const same = this.#peers.get(peer.name);
    if (same && same.fingerprint !== peer.fingerprint) {
      throw new FilmlessError(
        'CONFLICT',
        'Another node of this name has joined: remove it first, or give this one another name',
      );
    }
    const stored = await this.#documents.get(PREFIX + peer.name);
    await this.#documents.put(PREFIX + peer.name, peer, stored?.rev);
    this.#peers.set(peer.name, peer);
    this.#changed();
  }

  /** @throws NOT_FOUND */
  async remove(name: string): Promise<Peer> {
    const peer = this.#peers.get(name);
    if (!peer) throw new FilmlessError('NOT_FOUND', 'No such node');
    const stored = await this.#documents.get(PREFIX + name);
    if (stored) await this.#documents.remove(PREFIX + name, stored.rev);
    this.#peers.delete(name);
    this.#changed();
    return peer;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
