import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, TLSSocket } from 'node:tls';
import {
  FilmlessError,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
  TLS_POLICY,
  type TlsMaterial,
} from '@filmless/core/plugin';
import { Association } from '../upper-layer/association.ts';
import type { AcceptedContext, AssociationClosed, AssociationLimits } from '../upper-layer/association-contract.ts';
import { DimseChannel } from '../upper-layer/dimse-channel.ts';
import { DiscardSink } from '../upper-layer/message-receiver.ts';
import {
  ABORT,
  APPLICATION_CONTEXT,
  type AssociateAccept,
  CONTEXT_RESULT,
  describeReject,
  type RoleSelection,
} from '../upper-layer/pdu.ts';
import { connectSocket } from '../upper-layer/user-buffer-socket.ts';

/** At most so many fit into an association: IDs are odd and one byte. @dicom PS3.8 9.3.2.2 */
export const MAX_CONTEXTS = 128;

export interface ClientTarget {
  aeTitle: string;
  address: string;
  port: number;
  /** Over TLS; to the peer with this certificate alone, when it is named. */
  tls?: { certificate?: string | undefined } | undefined;
}

export interface ContextProposal {
  abstractSyntax: string;
  transferSyntaxes: string[];
  /** What we want to be; SCU when absent. */
  role?: { scu: boolean; scp: boolean };
}

export interface ClientOptions {
  callingAeTitle: string;
  limits: AssociationLimits;
  connectTimeoutMs: number;
  responseTimeoutMs: number;
  maxIdentifierBytes: number;
  /** Who we are over TLS, and whom we trust. */
  tls?: () => TlsMaterial | undefined;
}

/** Opens associations to devices with this node's name and limits. */
export type OpenClient = (
  target: ClientTarget,
  contexts: ContextProposal[],
  signal?: AbortSignal,
) => Promise<ClientAssociation>;

export function clientOpener(options: ClientOptions): OpenClient {
  return (target, contexts, signal) => ClientAssociation.open(target, contexts, options, signal);
}

/** An association this node opened. @dicom PS3.7 7 */
export class ClientAssociation {
  readonly channel: DimseChannel;
  readonly responseTimeoutMs: number;
  readonly #association: Association;
  readonly #options: ClientOptions;
  readonly #proposals: ContextProposal[];
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<AssociationClosed>();

  private constructor(proposals: ContextProposal[], options: ClientOptions) {
    this.#options = options;
    this.#proposals = proposals;
    this.responseTimeoutMs = options.responseTimeoutMs;
    this.#association = new Association('requestor', options.limits, {
      associateRequest: () => undefined,
      associateAccept: (accept) => this.#accepted(accept),
      associateReject: (reject) => this.#opened.reject(new FilmlessError('DEVICE_UNREACHABLE', describeReject(reject))),
      command: (context, bytes) => this.channel.command(context, bytes),
      busy: () => this.channel.awaiting,
      closed: (how) => this.#ended(how),
    });
    this.channel = new DimseChannel(
      this.#association,
      {
        request: (context, command) => {
          const answer = () =>
            this.channel.respond(context, command, 0x0211, { comment: 'not offered on this association' });
          if (command.hasDataset) return new DiscardSink(answer);
          this.#association.wait(answer());
          return undefined;
        },
        cancel: () => undefined,
      },
      options.maxIdentifierBytes,
    );
    this.#opened.promise.catch(() => undefined);
  }

  /** Throws DEVICE_UNREACHABLE, with what the network or the peer said. */
  static async open(
    target: ClientTarget,
    proposals: ContextProposal[],
    options: ClientOptions,
    signal?: AbortSignal,
  ): Promise<ClientAssociation> {
    if (target.address === '') throw new FilmlessError('DEVICE_UNREACHABLE', `${target.aeTitle} has no address`);
    const client = new ClientAssociation(proposals, options);
    const socket = connectSocket(target.address, target.port, client.#association.receive, tlsOptions(target, options));
    const giveUp = () => socket.destroy();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await connected(socket, options.connectTimeoutMs);
      client.#association.attach(socket);
      client.#request(target);
      await client.#opened.promise;
      return client;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  get isOpen(): boolean {
    return this.#association.isOpen;
  }

  get contexts(): Iterable<AcceptedContext> {
    return this.#association.contexts.values();
  }

  /** The accepted context for a SOP class, with that transfer syntax if one is asked for. */
  contextFor(abstractSyntax: string, transferSyntax?: string): AcceptedContext | undefined {
    return [...this.#association.contexts.values()].find(
      (context) =>
        context.abstractSyntax === abstractSyntax &&
        (transferSyntax === undefined || context.transferSyntax === transferSyntax),
    );
  }

  /** Throws NOT_ACCEPTABLE when the peer did not accept it. */
  requireContext(abstractSyntax: string): AcceptedContext {
    const context = this.contextFor(abstractSyntax);
    if (!context) throw new FilmlessError('NOT_ACCEPTABLE', `the device does not accept SOP class ${abstractSyntax}`);
    return context;
  }

  /** Resolves when the peer has answered, or did not in time. */
  async release(): Promise<void> {
    if (this.#association.isOpen) this.#association.release();
    await this.#closed.promise;
  }

  abort(detail: string): void {
    this.#association.abort(ABORT.BY_USER, detail);
  }

  #request(target: ClientTarget): void {
    const roles = this.#proposals.flatMap(({ abstractSyntax, role }): RoleSelection[] =>
      role ? [{ sopClassUID: abstractSyntax, ...role }] : [],
    );
    this.#association.sendAssociateRequest({
      protocolVersion: 1,
      calledAeTitle: target.aeTitle,
      callingAeTitle: this.#options.callingAeTitle,
      applicationContext: APPLICATION_CONTEXT,
      contexts: this.#proposals.map(({ abstractSyntax, transferSyntaxes }, i) => ({
        id: 2 * i + 1,
        abstractSyntax,
        transferSyntaxes,
      })),
      userInformation: {
        maxPduBytes: this.#options.limits.maxPduBytes,
        implementationClassUID: IMPLEMENTATION_CLASS_UID,
        implementationVersionName: IMPLEMENTATION_VERSION_NAME,
        roles,
        extended: [],
      },
    });
  }

  #accepted(accept: AssociateAccept): void {
    const contexts = accept.contexts.flatMap(({ id, result, transferSyntax }): AcceptedContext[] => {
      const proposal = id % 2 === 1 ? this.#proposals[(id - 1) / 2] : undefined;
      // A transfer syntax that was not proposed cannot be meant.
      if (!proposal || result !== CONTEXT_RESULT.ACCEPTED || !proposal.transferSyntaxes.includes(transferSyntax))
        return [];
      return [
        {
          id,
          abstractSyntax: proposal.abstractSyntax,
          transferSyntax,
          role: proposal.role ?? { scu: true, scp: false },
        },
      ];
    });
    this.#association.open(contexts, accept.userInformation.maxPduBytes);
    this.#opened.resolve();
  }

  #ended(how: AssociationClosed): void {
    this.channel.closed(how);
    this.#opened.reject(new FilmlessError('DEVICE_UNREACHABLE', how.detail));
    this.#closed.resolve(how);
  }
}

/** @dicom PS3.15 B.12 */
function tlsOptions({ tls, address }: ClientTarget, options: ClientOptions): ConnectionOptions | undefined {
  if (!tls) return undefined;
  const pinned = tls.certificate?.toUpperCase();
  return {
    ...TLS_POLICY,
    ...options.tls?.(),
    ...(isIP(address) === 0 ? { servername: address } : {}),
    // A certificate that is named need not name the address; one that is not named must.
    checkServerIdentity: (host, certificate) => {
      if (pinned === undefined) return checkServerIdentity(host, certificate);
      return certificate.fingerprint256 === pinned ? undefined : new Error('not the certificate named for the device');
    },
  };
}

async function connected(socket: Socket, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new FilmlessError('DEVICE_UNREACHABLE', `no connection within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const failed = (error: NodeJS.ErrnoException) =>
    reject(new FilmlessError('DEVICE_UNREACHABLE', error.code ?? 'no connection', { cause: error }));
  const closed = () => reject(new FilmlessError('DEVICE_UNREACHABLE', 'given up'));
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', resolve);
  socket.once('error', failed);
  socket.once('close', closed);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off('error', failed);
    socket.off('close', closed);
    // An error after giving up has nobody else to go to.
    socket.on('error', () => undefined);
  }
}
