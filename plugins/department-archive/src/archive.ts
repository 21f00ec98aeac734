import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BlobSource,
  disposable,
  FilmlessError,
  type InstanceRecord,
  type PluginContext,
} from '@filmless/core/plugin';
import { z } from 'zod';
import { Bandwidth } from './bandwidth.ts';
import { NodeBlobs } from './blob-transfer.ts';
import { CacheLimit } from './cache-limit.ts';
import type { ArchiveConfig, Role } from './config.ts';
import { Fetcher } from './fetcher.ts';
import { Holdings } from './holdings.ts';
import { Inventory } from './inventory.ts';
import { JoinCodes, readJoinCode } from './join-codes.ts';
import { LinkClient } from './link-client.ts';
import { linkRoutes } from './link-routes.ts';
import { LinkServer } from './link-server.ts';
import { Links } from './links.ts';
import { type NodeIdentity, openIdentity } from './node-identity.ts';
import { PartialFiles } from './partial-files.ts';
import { type Peer, Peers } from './peers.ts';
import { Senders } from './senders.ts';

const REPAIR_EVERY_MS = 5_000;
/** Where one listens, but what nobody can call. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const DISAGREE_MS = 5_000;
const ROLE_ID = 'own-role';
const roleSchema = z.object({ role: z.enum(['department', 'centre', 'gateway']) });
const joinedSchema = z.object({ name: z.string(), role: z.enum(['department', 'centre', 'gateway']).optional() });
const recordsSchema = z.object({ records: z.array(z.custom<InstanceRecord>((each) => typeof each === 'object')) });

interface Parts {
  context: PluginContext<ArchiveConfig>;
  identity: NodeIdentity;
  peers: Peers;
  holdings: Holdings;
  partials: PartialFiles;
}

/** This node as one of several: the link, what it sends, what it fetches, and what it knows of the others. */
export class Archive {
  readonly peers: Peers;
  readonly holdings: Holdings;
  readonly codes = new JoinCodes();
  readonly senders: Senders;
  readonly links: Links;
  readonly #blobs: NodeBlobs;
  readonly #context: PluginContext<ArchiveConfig>;
  readonly #identity: NodeIdentity;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];
  #role: Role | undefined;
  #server: LinkServer | undefined;
  #fetcher: Fetcher | undefined;
  #inventory: Inventory | undefined;

  private constructor({ context, identity, peers, holdings, partials }: Parts) {
    this.#context = context;
    this.#identity = identity;
    this.peers = peers;
    this.holdings = holdings;
    this.links = new Links({
      identity,
      onReached: ({ name }) => {
        context.log.info({ node: name }, 'another node is connected');
        this.#reached();
      },
      onLost: ({ name }) => context.log.warn({ node: name }, 'another node cannot be reached'),
    });
    this.#blobs = new NodeBlobs({
      holdings,
      partials,
      bandwidth: new Bandwidth(context.config.bandwidth),
      peers: () => peers.list(),
      linkTo: (peer) => this.links.to(peer),
    });
    this.senders = new Senders({ context, linkTo: (peer) => this.links.to(peer) });
    peers.onChange(() => this.#peersChanged());
  }

  static async open(context: PluginContext<ArchiveConfig>): Promise<Archive> {
    const directory = join(context.node.dataDirectory, 'archive');
    const identity = await openIdentity(join(directory, 'node-key.json'), context.node.name);
    const peers = await Peers.open(context.documents);
    const holdings = new Holdings(join(directory, 'archive.sqlite'), Date.now);
    const partials = await PartialFiles.open(join(directory, 'partial'));
    const archive = new Archive({ context, identity, peers, holdings, partials });
    context.onDispose(disposable(() => archive.#close()));
    const stored = roleSchema.safeParse(await context.documents.get(ROLE_ID));
    const role = context.config.role ?? (stored.success ? stored.data.role : undefined);
    const source = wantedWhenSeen(holdings, () => archive.#fetcher?.wake(), archive.#blobs.asSource());
    context.points.contribute('BlobSource', 'other-nodes', source);
    if (role) await archive.#become(role);
    else await context.replication.follow(false);
    return archive;
  }

  get role(): Role | undefined {
    return this.#role;
  }

  get fingerprint(): string {
    return this.#identity.fingerprint;
  }

  /** host:port under which others reach the link. */
  get address(): string {
    const { linkAddress, linkHost, linkPort } = this.#context.config;
    return linkAddress ?? `${linkHost}:${this.#server?.port ?? linkPort}`;
  }

  /** @throws CONFLICT when this node is no centre and has been something else */
  async makeCode(role: Exclude<Role, 'centre'>): Promise<{ code: string; validForSeconds: number }> {
    const { linkAddress, linkHost } = this.#context.config;
    if (linkAddress === undefined && EVERYWHERE.has(linkHost)) {
      throw new FilmlessError(
        'CONFLICT',
        'Set plugins.department-archive.linkAddress: where other nodes reach this one',
      );
    }
    if (this.#role === undefined) await this.#decide('centre');
    if (this.#role !== 'centre') throw new FilmlessError('CONFLICT', 'Join codes are made at the centre');
    return this.codes.make(role, this.address, this.#identity.fingerprint);
  }

  /** @throws INVALID_REQUEST, CONFLICT, UNAVAILABLE; FORBIDDEN when the code was used or is too old */
  async join(code: string): Promise<Peer> {
    const { address, fingerprint, secret, role } = readJoinCode(code);
    if (this.#role !== undefined && this.#role !== role) {
      throw new FilmlessError('CONFLICT', `This node is a ${this.#role} already; the code makes it a ${role}`);
    }
    await this.#listen();
    const link = new LinkClient({ address, fingerprint }, this.#identity);
    try {
      const { linkAddress } = this.#context.config;
      const asked = { secret, name: this.#context.node.name, port: this.#server?.port, address: linkAddress };
      const { name } = joinedSchema.parse(await link.join(asked));
      const peer: Peer = { name, role: 'centre', address, fingerprint, joinedAt: new Date().toISOString() };
      await this.peers.add(peer);
      await this.#decide(role);
      return peer;
    } finally {
      link.close();
    }
  }

  async remove(name: string): Promise<void> {
    const peer = await this.peers.remove(name);
    this.#server?.drop(peer.fingerprint);
    this.holdings.forget(name);
  }

  /** What is wanted has changed. */
  wake(): void {
    this.#fetcher?.wake();
  }

  /** Asks the nodes again for what is missing here, now. */
  async repair(olderThanMs = 0): Promise<void> {
    if (olderThanMs === 0) this.holdings.retryAll();
    for (const { node, study } of this.holdings.disagreeing(olderThanMs)) {
      const peer = this.peers.get(node);
      if (!peer) continue;
      const found = await this.links.to(peer).json('GET', `/studies/${study}`, undefined, this.#stopping.signal);
      await this.#receive(peer, recordsSchema.parse(found).records);
    }
    this.#fetcher?.wake();
  }

  async #decide(role: Role): Promise<void> {
    const stored = await this.#context.documents.get(ROLE_ID);
    await this.#context.documents.put(ROLE_ID, { role }, stored?.rev);
    await this.#become(role);
  }

  async #become(role: Role): Promise<void> {
    if (this.#role === role) return;
    this.#role = role;
    await this.#context.replication.follow(role === 'gateway');
    await this.#listen();
    const { context, holdings } = { context: this.#context, holdings: this.holdings };
    const { signal } = this.#stopping;
    if (role !== 'centre') {
      this.#inventory = new Inventory({ context, holdings, centres: () => this.#upstream(), signal });
      this.#running.push(this.#inventory.run());
    }
    if (role !== 'department') {
      const { cacheBytes: limitBytes } = context.config;
      // In a store of several nodes a copy is not the gateway's to remove, and its own disk does not fill.
      const limit =
        role === 'gateway' && !context.storage.isShared
          ? new CacheLimit({ holdings, storage: context.storage, limitBytes, log: context.log })
          : undefined;
      this.#fetcher = new Fetcher({
        holdings,
        storage: context.storage,
        streams: context.config.streams,
        onlyWanted: role === 'gateway',
        onFetched: () => limit?.fetched(),
        signal,
        log: context.log,
      });
      this.#running.push(this.#fetcher.run());
      if (role === 'centre') this.#running.push(this.#repairRegularly());
    }
    this.#peersChanged();
  }

  async #listen(): Promise<void> {
    if (this.#server) return;
    const { linkHost, linkPort } = this.#context.config;
    this.#server = await LinkServer.open({
      identity: this.#identity,
      host: linkHost,
      port: linkPort,
      peerOf: (fingerprint) => this.peers.byFingerprint(fingerprint),
      handle: linkRoutes({
        context: this.#context,
        holdings: this.holdings,
        peers: this.peers,
        blobs: this.#blobs,
        codes: this.codes,
        role: () => this.#role,
        receive: (peer, records) => this.#receive(peer, records),
        onInventory: () => this.#fetcher?.wake(),
      }),
      onRefused: (fingerprint, address) =>
        this.#context.audit.record({
          action: 'refused',
          outcome: 'refused',
          actor: { kind: 'unknown', id: fingerprint.slice(0, 16) },
          address,
          target: 'link between nodes',
        }),
      log: this.#context.log,
    });
  }

  async #receive(peer: Peer, records: readonly InstanceRecord[]): Promise<void> {
    const settled = await Promise.allSettled(records.map((record) => this.#receiveOne(peer, record)));
    this.#fetcher?.wake();
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #receiveOne(peer: Peer, record: InstanceRecord): Promise<void> {
    const { ingest, storage, log } = this.#context;
    const { SOPInstanceUID: uid, StudyInstanceUID: study, sha256, sizeBytes } = record;
    // First: whoever settles the record may have to compare its bytes, and must know where they are.
    const isNew = this.holdings.note({ node: peer.name, uid, study, sha256, sizeBytes }, await storage.has(sha256));
    const department = record.received.department;
    try {
      const outcome = await ingest.receiveRecord(record, {
        via: 'replication',
        name: peer.name,
        address: peer.address,
        ...(department !== undefined && { department }),
      });
      if (outcome.status === 'duplicate' && outcome.record.sha256 !== sha256) this.holdings.setState(sha256, 'equal');
      if (outcome.status === 'conflict' && this.#role === 'gateway') await this.#decideAsCentre(peer, record);
    } catch (error) {
      if (isNew || this.#role === 'centre') this.holdings.forgetOne(peer.name, uid);
      // It cannot be compared with the same instance of another node, which is away. All others go on, and this one is asked for again when what is
      // known here is compared with what its node says it has.
      if (this.#role !== 'centre' || FilmlessError.from(error).code !== 'UNAVAILABLE') throw error;
      log.info({ node: peer.name }, 'a record waits until the same instance of another node can be read');
    }
  }

  /** The centre has decided which of two data sets counts; a gateway shows what the centre has. */
  async #decideAsCentre({ name }: Peer, { SOPInstanceUID, sha256 }: InstanceRecord): Promise<void> {
    const { ingest, storage } = this.#context;
    await storage.fetch?.(sha256, { priority: 'background', signal: this.#stopping.signal });
    try {
      await ingest.resolveConflict(`conflict:${SOPInstanceUID}:${sha256}`, 'received', name);
    } catch (error) {
      // Decided here before, when the centre said the same.
      if (FilmlessError.from(error).code !== 'CONFLICT') throw error;
    }
  }

  #upstream(): { peer: Peer; link: LinkClient }[] {
    return this.peers
      .list()
      .filter(({ role }) => role === 'centre')
      .map((peer) => ({ peer, link: this.links.to(peer) }));
  }

  #peersChanged(): void {
    const { role } = this;
    const receivers = this.peers
      .list()
      .filter((peer) => (role === 'centre' ? peer.role === 'gateway' : role !== undefined && peer.role === 'centre'));
    this.links.keep(role === undefined ? [] : this.peers.list());
    this.senders.keep(receivers, role);
    this.#inventory?.wake();
  }

  /** A node answers again: what was put off is asked for at once. */
  #reached(): void {
    this.holdings.retryAll();
    this.#fetcher?.wake();
  }

  async #repairRegularly(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(REPAIR_EVERY_MS, undefined, { signal }).catch(() => undefined);
      await this.repair(DISAGREE_MS).catch((error: unknown) => {
        if (!signal.aborted) this.#context.log.debug({ err: error }, 'a node could not be asked for its records');
      });
    }
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    this.#fetcher?.wake();
    // First the links: nobody waits then for an answer of a node that gives none.
    await this.links.close();
    await this.senders.stop();
    await this.#server?.close();
    await Promise.allSettled(this.#running);
    this.holdings.close();
  }
}

/** Who opens one image of a study wants the others next. */
function wantedWhenSeen(holdings: Holdings, wake: () => void, source: BlobSource): BlobSource {
  return {
    ...source,
    stream(sha256, range, options) {
      const study = options.priority === 'viewing' ? holdings.studyOf(sha256) : undefined;
      if (study !== undefined) {
        holdings.want(study, 'viewing');
        wake();
      }
      return source.stream(sha256, range, options);
    },
  };
}
