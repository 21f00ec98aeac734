import type {
  ByteSource,
  Delivery,
  Ingest,
  InstanceHeader,
  InstanceSource,
  Logger,
  Metrics,
  Placed,
} from '@filmless/core/plugin';
import { FilmlessError } from '@filmless/core/plugin';
import type { Devices } from '../devices.ts';
import type { Operations } from '../services/operations.ts';
import type { Associations } from './associations.ts';
import type { Caller, MainMethods } from './protocol.ts';
import type { PoolHandlers, ReceiverPeer } from './receiver-pool.ts';
import type { Implementation } from './rpc.ts';

interface Options {
  associations: Associations;
  devices: Devices;
  operations: Operations;
  ingest: () => Ingest;
  delivery: () => Delivery;
  metrics: Metrics;
  log: Logger;
}

type Blob = ByteSource & { close(): Promise<void> };

/** What receivers ask of the main thread: decisions, the catalogue, services, stored bytes. */
export class MainSide implements PoolHandlers {
  readonly #options: Options;
  /** Which receiver runs an association, and the blobs a receiver has open. */
  readonly #peerOf = new Map<string, ReceiverPeer>();
  readonly #blobs = new Map<number, { peer: ReceiverPeer; blob: Blob }>();
  /** What a receiver is giving its name in the store just now. */
  readonly #placings = new Map<ReceiverPeer, Map<number, PromiseWithResolvers<Placed>>>();
  #lastHandle = 0;
  readonly #decided: ReturnType<Metrics['counter']>;
  readonly #open: ReturnType<Metrics['gauge']>;
  readonly #received: ReturnType<Metrics['counter']>;
  readonly #bytes: ReturnType<Metrics['counter']>;
  readonly #requests: ReturnType<Metrics['counter']>;

  constructor(options: Options) {
    this.#options = options;
    const { metrics } = options;
    this.#decided = metrics.counter('dimse_associations_total', 'Associations asked for by peers', ['result']);
    this.#open = metrics.gauge('dimse_associations_open', 'Associations peers have open');
    this.#received = metrics.counter('dimse_instances_received_total', 'Instances received by C-STORE', ['outcome']);
    this.#bytes = metrics.counter('dimse_received_bytes_total', 'Bytes of instances received by C-STORE');
    this.#requests = metrics.counter('dimse_requests_total', 'Requests other than C-STORE and C-ECHO', ['service']);
  }

  /** The receiver of an open association. Throws DEVICE_UNREACHABLE. */
  peerOf(association: string): ReceiverPeer {
    const peer = this.#peerOf.get(association);
    if (!peer) throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    return peer;
  }

  lost(peer: ReceiverPeer): void {
    for (const [association, owner] of this.#peerOf)
      if (owner === peer) this.#closed(association, 'the receiving thread ended');
    for (const [handle, { peer: owner }] of this.#blobs) if (owner === peer) void this.#closeBlob(handle);
    for (const { reject } of this.#placings.get(peer)?.values() ?? [])
      reject(new FilmlessError('UNAVAILABLE', 'the receiving thread ended'));
    this.#placings.delete(peer);
  }

  #placing(peer: ReceiverPeer, placing: number): Promise<Placed> {
    const ending = Promise.withResolvers<Placed>();
    const ofPeer = this.#placings.get(peer) ?? new Map<number, PromiseWithResolvers<Placed>>();
    this.#placings.set(peer, ofPeer.set(placing, ending));
    // Whoever was refused before does not wait for it.
    ending.promise.catch(() => undefined);
    return ending.promise;
  }

  #endPlacing(peer: ReceiverPeer, placing: number): PromiseWithResolvers<Placed> | undefined {
    const ending = this.#placings.get(peer)?.get(placing);
    this.#placings.get(peer)?.delete(placing);
    return ending;
  }

  methods(peer: () => ReceiverPeer): Implementation<MainMethods> {
    const { associations, operations, ingest, log } = this.#options;
    return {
      associate: async (asked) => {
        const decision = await associations.decide(asked);
        // The thread may have died meanwhile, and what it had was closed already.
        if (peer().rpc.isClosed) associations.close(asked.association);
        const told = {
          association: asked.association,
          calling: asked.callingAeTitle,
          called: asked.calledAeTitle,
          address: asked.address,
        };
        this.#decided.inc({ result: decision.accepted ? 'accepted' : 'rejected' });
        this.#open.set({}, associations.size);
        if (decision.accepted) {
          this.#peerOf.set(asked.association, peer());
          log.debug({ ...told, implementation: asked.implementation }, 'Association accepted');
        } else log.warn({ ...told, reason: decision.detail }, 'Association rejected');
        return decision;
      },
      closed: ({ association, how, detail }) => this.#closed(association, `${how}: ${detail}`),
      admit: ({ sizeBytes }) => ingest().admit(sizeBytes),
      receive: async ({ source, file, header, placing }) => {
        const placed = placing === undefined ? undefined : this.#placing(peer(), placing);
        const { status } = await ingest().receive(
          { file: { ...file, ...(placed && { placed }) }, header: JSON.parse(header) as InstanceHeader },
          this.#source(source),
        );
        this.#options.devices.received(source.aeTitle);
        this.#received.inc({ outcome: status });
        this.#bytes.inc({}, file.sizeBytes);
        return { status };
      },
      placed: ({ placing, formerBytes }) => this.#endPlacing(peer(), placing)?.resolve({ formerBytes }),
      notPlaced: ({ placing, code, detail }) =>
        this.#endPlacing(peer(), placing)?.reject(new FilmlessError(code, detail)),
      quarantine: async ({ source, file, code, detail }) => {
        this.#received.inc({ outcome: 'quarantined' });
        log.warn({ calling: source.aeTitle, code }, 'A data set that cannot be kept went to quarantine');
        await ingest().quarantine(file, new FilmlessError(code, detail), this.#source(source));
      },
      operate: (asked) => {
        this.#requests.inc({ service: asked.service });
        const { association, operation } = asked;
        const { rpc } = peer();
        const link = {
          id: association,
          store: (instance: Parameters<typeof toSend>[0]) =>
            rpc.call('store', { association, instance: toSend(instance) }),
        };
        return operations.run(asked, link, (responses) => rpc.call('respond', { association, operation, responses }));
      },
      cancel: ({ operation }) => operations.cancel(operation),
      openBlob: async (asked) => {
        const blob = await this.#options.delivery().open(asked);
        this.#lastHandle += 1;
        this.#blobs.set(this.#lastHandle, { peer: peer(), blob });
        return { handle: this.#lastHandle, sizeBytes: blob.sizeBytes, datasetOffsetBytes: blob.datasetOffsetBytes };
      },
      readBlob: ({ handle, offsetBytes, lengthBytes }) => {
        const open = this.#blobs.get(handle);
        if (!open) throw new FilmlessError('BLOB_MISSING', 'not open');
        return open.blob.read(offsetBytes, lengthBytes);
      },
      closeBlob: ({ handle }) => this.#closeBlob(handle),
      log: ({ level, fields, message }) => log[level](fields, message),
    };
  }

  #source({ aeTitle, address }: Caller): InstanceSource {
    const device = this.#options.devices.get(aeTitle);
    return {
      via: 'dimse',
      name: aeTitle,
      address,
      ...(device?.department ? { department: device.department } : {}),
      ...(device?.characterSet ? { assumedCharacterSet: device.characterSet } : {}),
    };
  }

  #closed(association: string, detail: string): void {
    this.#peerOf.delete(association);
    this.#options.operations.associationClosed(association);
    const closed = this.#options.associations.close(association);
    this.#open.set({}, this.#options.associations.size);
    if (closed)
      this.#options.log.debug(
        { association, calling: closed.callingAeTitle, detail, ms: Date.now() - closed.openedAt },
        'Association ended',
      );
  }

  async #closeBlob(handle: number): Promise<void> {
    const open = this.#blobs.get(handle);
    this.#blobs.delete(handle);
    await open?.blob.close();
  }
}

/** Nothing but what the receiver needs goes to its thread. */
function toSend(instance: {
  SOPClassUID: string;
  SOPInstanceUID: string;
  transferSyntaxUID: string;
  sha256: string;
  sizeBytes: number;
  datasetOffsetBytes: number;
}) {
  const { SOPClassUID, SOPInstanceUID, transferSyntaxUID, sha256, sizeBytes, datasetOffsetBytes } = instance;
  return { SOPClassUID, SOPInstanceUID, transferSyntaxUID, sha256, sizeBytes, datasetOffsetBytes };
}
