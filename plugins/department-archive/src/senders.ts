import type { PluginContext } from '@filmless/core/plugin';
import type { Role } from './config.ts';
import type { LinkClient } from './link-client.ts';
import type { Peer } from './peers.ts';

export interface SenderState {
  database: string;
  sent: number;
  isCaughtUp: boolean;
}

/** What a node in this role sends. A gateway sends what was stored at it: measurements and key images of whoever reads there. */
const DATABASES: Readonly<Record<Role, readonly string[]>> = {
  department: ['instances', 'reports'],
  centre: ['instances', 'reports', 'patients', 'orders'],
  gateway: ['instances'],
};

interface Options {
  context: Pick<PluginContext, 'replication' | 'log'>;
  linkTo(peer: Peer): LinkClient;
}

interface Sending {
  stopping: AbortController;
  ended: Promise<unknown>;
  states: SenderState[];
}

/** What goes to which node, all the time: one sender for each node and database. */
export class Senders {
  readonly #options: Options;
  readonly #sending = new Map<string, Sending>();
  readonly #ending = new Set<Promise<unknown>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Sends to these nodes from now on and to no other. */
  keep(receivers: readonly Peer[], role: Role | undefined): void {
    const wanted = new Map(receivers.map((peer) => [peer.fingerprint, peer]));
    for (const [key, sending] of this.#sending) {
      if (wanted.has(key)) continue;
      sending.stopping.abort();
      this.#ending.add(sending.ended.finally(() => this.#ending.delete(sending.ended)));
      this.#sending.delete(key);
    }
    const databases = role === undefined ? [] : DATABASES[role];
    for (const [key, peer] of wanted) {
      if (!this.#sending.has(key)) this.#sending.set(key, this.#start(peer, databases, role));
    }
  }

  statesOf(peer: Peer): readonly SenderState[] {
    return this.#sending.get(peer.fingerprint)?.states ?? [];
  }

  async stop(): Promise<void> {
    this.keep([], undefined);
    await Promise.allSettled(this.#ending);
  }

  #start(peer: Peer, databases: readonly string[], role: Role | undefined): Sending {
    const { context, linkTo } = this.#options;
    const stopping = new AbortController();
    const states = databases.map((database): SenderState => ({ database, sent: 0, isCaughtUp: false }));
    const ended = Promise.allSettled(
      states.map((state) =>
        context.replication.send({
          database: state.database,
          // The host stands for the node: the link knows where it is.
          url: `https://${peer.fingerprint.slice(0, 32)}.invalid/db/${state.database}`,
          // Asked for each time: a node that has moved has another link.
          fetch: (address, request) => linkTo(peer).fetch(address, request),
          // Towards the centre goes what came to this node itself; what came from another node is that one's to send.
          ...(role !== 'centre' && { filter: ({ received }) => received.via !== 'replication' }),
          signal: stopping.signal,
          onProgress: ({ sent, isCaughtUp, error }) => {
            if (error === undefined) Object.assign(state, { sent, isCaughtUp });
            else context.log.debug({ node: peer.name, err: error }, 'records could not be sent');
          },
        }),
      ),
    );
    return { stopping, ended, states };
  }
}
