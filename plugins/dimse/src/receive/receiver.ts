import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { type MessagePort, threadId } from 'node:worker_threads';
import {
  BlobPlacer,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  IMPLICIT_VR_LITTLE_ENDIAN,
  SOP_CLASS,
  type StagedFile,
  StagingAhead,
  TLS_POLICY,
} from '@filmless/core/plugin';
import type { AbstractSyntaxPolicy } from '../upper-layer/negotiate.ts';
import { ABORT } from '../upper-layer/pdu.ts';
import { adoptAccepted } from '../upper-layer/user-buffer-socket.ts';
import { Admission } from './admission.ts';
import type { Caller, MainMethods, PeerTls, ReceiverMethods, ReceiverSettings, ReceiverStart } from './protocol.ts';
import { type Implementation, Rpc } from './rpc.ts';
import { Session } from './session.ts';
import type { StoreTarget } from './store-sink.ts';

/** How long an association may rest before a stopping receiver ends it. */
const REST_MS = 500;
/** Identifiers are small: the two every implementation has. */
const IDENTIFIER_SYNTAXES: ReadonlySet<string> = new Set([EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN]);
/** Relational queries; fuzzy matching of names is not negotiated. @dicom PS3.4 C.5.1.1 */
const RELATIONAL = Uint8Array.of(1);

/** Listens, and runs the associations of one thread. */
export class Receiver {
  readonly #main: Rpc<ReceiverMethods, MainMethods>;
  readonly #ownThread: boolean;
  readonly #sessions = new Map<string, Session>();
  readonly #connectionsByAddress = new Map<string, number>();
  #connections = 0;
  #accepted = 0;
  #server: Server | undefined;
  #tlsServer: TlsServer | undefined;
  #start: ReceiverStart | undefined;
  #policies = new Map<string, AbstractSyntaxPolicy>();
  #admission: Admission;
  #staging: StagingAhead | undefined;
  #lastPlacing = 0;

  constructor(port: MessagePort, ownThread: boolean) {
    this.#ownThread = ownThread;
    this.#main = new Rpc<ReceiverMethods, MainMethods>(port, this.#methods());
    this.#admission = new Admission((sizeBytes) => this.#main.call('admit', { sizeBytes }));
  }

  #methods(): Implementation<ReceiverMethods> {
    return {
      start: (start) => this.#listen(start),
      settings: (settings) => this.#apply(settings),
      respond: ({ association, operation, responses }) => this.#session(association).respond(operation, responses),
      store: ({ association, instance }) => this.#session(association).store(instance),
      reportEvent: async ({ association, sopClassUID, sopInstanceUID, eventTypeId, dataset }) => ({
        status: await this.#session(association).reportEvent(sopClassUID, sopInstanceUID, eventTypeId, dataset),
      }),
      abort: ({ associations, detail }) => {
        for (const id of associations) this.#sessions.get(id)?.association.abort(ABORT.BY_USER, detail);
      },
      stop: ({ drainTimeoutMs }) => this.#stop(drainTimeoutMs),
      ping: () => ({ associations: this.#sessions.size }),
    };
  }

  #session(id: string): Session {
    const session = this.#sessions.get(id);
    if (!session) throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    return session;
  }

  async #listen(start: ReceiverStart): Promise<void> {
    this.#start = start;
    if (this.#ownThread) this.#staging = new StagingAhead(start.stagingDirectory);
    this.#apply(start.settings);
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#connected(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        { host: start.host, port: start.port, backlog: 256, ...(start.shared ? { reusePort: true } : {}) },
        resolve,
      );
    });
    server.on('error', (error) => this.#log('error', { reason: error.message }, 'The listening socket failed'));
    if (start.tls) await this.#listenTls(start, start.tls);
  }

  /** @dicom PS3.15 B.12: the BCP 195 profile, on a port of its own */
  async #listenTls(start: ReceiverStart, tls: NonNullable<ReceiverStart['tls']>): Promise<void> {
    const server = createTlsServer(
      {
        ...TLS_POLICY,
        ...start.settings.tls,
        requestCert: true,
        rejectUnauthorized: tls.clientCertificate === 'required',
        handshakeTimeout: start.limits.associateTimeoutMs,
        noDelay: true,
      },
      (socket) => this.#connected(socket, peerOf(socket)),
    );
    // Whoever has not finished the handshake is not counted anywhere else.
    server.maxConnections = start.maxConnections;
    this.#tlsServer = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        { host: start.host, port: tls.port, backlog: 256, ...(start.shared ? { reusePort: true } : {}) },
        resolve,
      );
    });
    server.on('error', (error) => this.#log('error', { reason: error.message }, 'The listening TLS socket failed'));
    server.on('tlsClientError', (error, socket) =>
      this.#log(
        'warn',
        { address: plainAddress(socket.remoteAddress ?? ''), reason: error.message.slice(0, 200) },
        'A TLS handshake failed',
      ),
    );
  }

  #apply(settings: ReceiverSettings): void {
    if (settings.tls) this.#tlsServer?.setSecureContext({ ...TLS_POLICY, ...settings.tls });
    const storage = { transferSyntaxes: new Set(settings.storageTransferSyntaxes), peerMayBeScp: true };
    const service = { transferSyntaxes: IDENTIFIER_SYNTAXES, peerMayBeScp: false, extended: RELATIONAL };
    const verification = { transferSyntaxes: IDENTIFIER_SYNTAXES, peerMayBeScp: false };
    this.#policies = new Map<string, AbstractSyntaxPolicy>([
      [SOP_CLASS.Verification, verification],
      ...settings.serviceSopClasses.map((uid): [string, AbstractSyntaxPolicy] => [uid, service]),
      ...settings.storageSopClasses.map((uid): [string, AbstractSyntaxPolicy] => [uid, storage]),
    ]);
  }

  #connected(accepted: Socket, tls?: PeerTls): void {
    const start = this.#start;
    const address = plainAddress(accepted.remoteAddress ?? '');
    const ofAddress = this.#connectionsByAddress.get(address) ?? 0;
    if (!start || this.#connections >= start.maxConnections || ofAddress >= start.maxConnectionsPerAddress) {
      accepted.destroy();
      return;
    }
    this.#accepted += 1;
    this.#connections += 1;
    this.#connectionsByAddress.set(address, ofAddress + 1);
    const id = `${threadId}-${this.#accepted}`;
    const session = new Session({
      id,
      address,
      tls,
      start,
      main: this.#main,
      policyOf: (abstractSyntax) => this.#policies.get(abstractSyntax),
      target: (caller) => this.#target(caller, start.stagingDirectory),
      closed: () => this.#sessions.delete(id),
    });
    this.#sessions.set(id, session);
    const socket = adoptAccepted(accepted, session.association.receive);
    socket.once('close', () => this.#disconnected(address));
    session.attach(socket);
  }

  #disconnected(address: string): void {
    this.#connections -= 1;
    const left = (this.#connectionsByAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#connectionsByAddress.set(address, left);
    else this.#connectionsByAddress.delete(address);
  }

  #target(source: Caller, stagingDirectory: string): StoreTarget {
    return {
      stagingDirectory,
      staging: this.#staging,
      admission: this.#admission,
      receive: (file, header) => this.#receive(source, file, JSON.stringify(header)),
      quarantine: (file, error) =>
        this.#main.call('quarantine', { source, file, code: error.code, detail: error.detail }),
    };
  }

  /**
   * In its own thread, and when nobody may refuse it any more, a file is named and synced here, while the main thread makes its record ready: each turn
   * through another thread costs more. The next staging file is made while the record is written.
   */
  async #receive(source: Caller, file: StagedFile, header: string): Promise<void> {
    const { placeIn } = this.#admission;
    if (!this.#staging || placeIn === undefined)
      return void (await this.#main.call('receive', { source, file, header }));
    this.#lastPlacing += 1;
    const placing = this.#lastPlacing;
    const received = this.#main.call('receive', { source, file, header, placing });
    try {
      this.#main.tell('placed', { placing, ...new BlobPlacer(placeIn).placeNow(file.path, file.sha256) });
    } catch (error) {
      const { code, detail } = FilmlessError.from(error);
      this.#main.tell('notPlaced', { placing, code, detail });
    }
    this.#staging.prepare();
    await received;
  }

  /** Associations at work may finish; those that rest are ended, and after the time limit all. */
  async #stop(drainTimeoutMs: number): Promise<void> {
    this.#server?.close();
    this.#tlsServer?.close();
    const deadline = Date.now() + drainTimeoutMs;
    const bytesBefore = new Map<Session, number>();
    while (this.#sessions.size > 0) {
      const late = Date.now() >= deadline;
      for (const session of this.#sessions.values()) {
        const { association } = session;
        const resting = !session.busy && bytesBefore.get(session) === association.bytesReceived;
        if (late || resting) association.abort(ABORT.NOT_SPECIFIED, 'the node is stopping');
        bytesBefore.set(session, association.bytesReceived);
      }
      if (this.#sessions.size > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.min(REST_MS, Math.max(1, deadline - Date.now()))));
    }
    await this.#staging?.close();
    // Peers read our last word and close; they are not waited for long.
    for (let tries = 0; this.#connections > 0 && tries < 10; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  #log(level: 'warn' | 'error', fields: Record<string, string | number>, message: string): void {
    this.#main.call('log', { level, fields, message }).catch(() => undefined);
  }
}

/** IPv4 addresses of a socket that listens on IPv6 as well come in IPv6 clothes. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function peerOf(socket: TLSSocket): PeerTls {
  return { certificate: socket.authorized ? socket.getPeerCertificate().fingerprint256 : undefined };
}
