import type { Socket } from 'node:net';
import {
  type DicomJson,
  type DimseResponse,
  decodeDataset,
  encodeDataset,
  FilmlessError,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
  SOP_CLASS,
} from '@filmless/core/plugin';
import { sendInstance } from '../client/send-instance.ts';
import { Association } from '../upper-layer/association.ts';
import type { AcceptedContext, AssociationClosed } from '../upper-layer/association-contract.ts';
import { type Command, subOperationCounts } from '../upper-layer/command.ts';
import { DimseChannel } from '../upper-layer/dimse-channel.ts';
import { BufferSink, type DataSink } from '../upper-layer/message-receiver.ts';
import { type AbstractSyntaxPolicy, negotiate } from '../upper-layer/negotiate.ts';
import { APPLICATION_CONTEXT, type AssociateRequest } from '../upper-layer/pdu.ts';
import type {
  AssociationDecision,
  Caller,
  InstanceToSend,
  MainMethods,
  PeerTls,
  ReceiverMethods,
  ReceiverStart,
} from './protocol.ts';
import { openRemoteBlob } from './remote-blob.ts';
import type { Rpc } from './rpc.ts';
import { StoreSink, type StoreTarget } from './store-sink.ts';

const STORE_PERMISSION = 'study.import';
export const VERIFY_PERMISSION = 'dimse.verify';

type Grant = Extract<AssociationDecision, { accepted: true }>;

export interface SessionOptions {
  id: string;
  address: string;
  tls: PeerTls | undefined;
  start: ReceiverStart;
  main: Rpc<ReceiverMethods, MainMethods>;
  policyOf(abstractSyntax: string): AbstractSyntaxPolicy | undefined;
  target(caller: Caller): StoreTarget;
  closed(): void;
}

/** One association a peer opened: C-ECHO and C-STORE are answered here, everything else by the main thread. */
export class Session {
  readonly association: Association;
  readonly #options: SessionOptions;
  readonly #channel: DimseChannel;
  readonly #operations = new Map<string, { context: AcceptedContext; command: Command }>();
  #grant: Grant | undefined;
  #running: Promise<void> | undefined;
  #operationCount = 0;
  #announced = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.association = new Association('acceptor', options.start.limits, {
      associateRequest: (request) => this.association.wait(this.#decide(request)),
      associateAccept: () => undefined,
      associateReject: () => undefined,
      command: (context, bytes) => this.#channel.command(context, bytes),
      busy: () => this.busy,
      closed: (how) => this.#closed(how),
    });
    this.#channel = new DimseChannel(
      this.association,
      {
        request: (context, command) => this.#request(context, command),
        cancel: (messageId) => this.#cancel(messageId),
      },
      options.start.maxIdentifierBytes,
    );
  }

  get busy(): boolean {
    return this.#operations.size > 0 || this.#channel.awaiting || this.association.isWaiting;
  }

  attach(socket: Socket): void {
    this.association.attach(socket);
  }

  /** Responses of an operation of the main thread. Resolves when the socket has taken them. */
  async respond(operation: string, responses: readonly DimseResponse[]): Promise<void> {
    const running = this.#operations.get(operation);
    if (!running) throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    const { context, command } = running;
    const characterSet = this.#grant?.characterSet ?? '';
    for (const { status, dataset, errorComment, subOperations, command: more } of responses) {
      const bytes =
        dataset &&
        encodeDataset(dataset, {
          transferSyntaxUID: context.transferSyntax,
          ...(characterSet ? { characterSet } : {}),
        });
      const counts = subOperations ? subOperationCounts(status, subOperations) : {};
      await this.#channel.respond(context, command, status, {
        comment: errorComment,
        more: { ...counts, ...more },
        dataset: bytes,
      });
    }
  }

  /** A C-STORE sub-operation of C-GET. @dicom PS3.4 C.4.3 */
  store(instance: InstanceToSend): Promise<{ status: number }> {
    return sendInstance(this.#channel, instance, {
      contexts: this.association.contexts.values(),
      openObject: (object) => openRemoteBlob(this.#options.main, object),
      timeoutMs: this.#options.start.responseTimeoutMs,
    });
  }

  /** N-EVENT-REPORT to the peer that opened the association. @dicom PS3.7 10.1.1 */
  async reportEvent(
    sopClassUID: string,
    sopInstanceUID: string,
    eventTypeId: number,
    dataset: DicomJson,
  ): Promise<number> {
    // The answer to what the report is about goes first.
    await this.#running;
    const context = this.#contextFor(sopClassUID);
    if (!context || !this.association.isOpen)
      throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    const response = await this.#channel.requestOne(context, 'N-EVENT-REPORT', {
      more: { '00001000': { vr: 'UI', Value: [sopInstanceUID] }, '00001002': { vr: 'US', Value: [eventTypeId] } },
      dataset: encodeDataset(dataset, { transferSyntaxUID: context.transferSyntax }),
      timeoutMs: this.#options.start.responseTimeoutMs,
    });
    return response.command.status;
  }

  #contextFor(sopClassUID: string): AcceptedContext | undefined {
    return [...this.association.contexts.values()].find((context) => context.abstractSyntax === sopClassUID);
  }

  async #decide(request: AssociateRequest): Promise<void> {
    const { id, address, tls, main, start, policyOf } = this.#options;
    this.#announced = true;
    const decision = await main.call('associate', {
      association: id,
      callingAeTitle: request.callingAeTitle,
      calledAeTitle: request.calledAeTitle,
      address,
      tls,
      implementation:
        request.userInformation.implementationVersionName ?? request.userInformation.implementationClassUID,
      protocolVersion: request.protocolVersion,
      applicationContext: request.applicationContext,
    });
    if (!decision.accepted) return this.association.reject(decision.reject, decision.detail);
    this.#grant = decision;
    const { results, contexts, roles, extended } = negotiate(request, policyOf);
    const accept = {
      protocolVersion: 1,
      calledAeTitle: request.calledAeTitle,
      callingAeTitle: request.callingAeTitle,
      applicationContext: APPLICATION_CONTEXT,
      contexts: results,
      userInformation: {
        maxPduBytes: start.limits.maxPduBytes,
        implementationClassUID: IMPLEMENTATION_CLASS_UID,
        implementationVersionName: IMPLEMENTATION_VERSION_NAME,
        roles,
        extended,
        // We take one operation after another. @dicom PS3.7 D.3.3.3
        ...(request.userInformation.asynchronousOperations
          ? { asynchronousOperations: { invoked: 1, performed: 1 } }
          : {}),
      },
    };
    this.association.accept(accept, contexts, request.userInformation.maxPduBytes);
    // The peer may have gone while the main thread was deciding.
    if (!this.association.isOpen) this.#tellClosed('lost', 'gone before the answer');
  }

  #request(context: AcceptedContext, command: Command): DataSink | undefined {
    if (command.service === 'C-STORE' && command.hasDataset) return this.#store(context, command);
    if (!command.hasDataset) {
      const waiting = this.#begin(context, command, undefined);
      if (waiting) this.association.wait(waiting);
      return undefined;
    }
    return new BufferSink(this.#options.start.maxIdentifierBytes, (bytes) => this.#begin(context, command, bytes));
  }

  #store(context: AcceptedContext, command: Command): DataSink {
    const sink = new StoreSink({
      context,
      command,
      assumedCharacterSet: this.#grant?.characterSet ?? '',
      permitted: this.#grant?.permissions.includes(STORE_PERMISSION) ?? false,
      target: this.#options.target({ aeTitle: this.#grant?.aeTitle ?? '', address: this.#options.address }),
      respond: async (error) => {
        await this.#channel.respond(context, command, error?.dimseStatus ?? 0, { comment: commentOf(error) });
      },
    });
    const opening = sink.open();
    if (opening) this.association.wait(opening);
    return sink;
  }

  /** One operation after another; the promise, if any, is when the next message may come. */
  #begin(context: AcceptedContext, command: Command, bytes: Uint8Array | undefined): Promise<void> | undefined {
    const previous = this.#running;
    const run = () => {
      const running = this.#operate(context, command, bytes).finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
      this.#running = running;
    };
    if (previous) return previous.then(run);
    run();
    return undefined;
  }

  /** Never rejects: what fails is answered, and what cannot be answered has ended with the association. */
  async #operate(context: AcceptedContext, command: Command, bytes: Uint8Array | undefined): Promise<void> {
    this.#operationCount += 1;
    const operation = `${this.#options.id}/${this.#operationCount}`;
    this.#operations.set(operation, { context, command });
    try {
      if (command.sopClassUID !== context.abstractSyntax)
        throw new FilmlessError('SOP_CLASS_NOT_SUPPORTED', 'not the SOP class of the presentation context');
      if (command.service === 'C-ECHO' && command.sopClassUID === SOP_CLASS.Verification) {
        if (!this.#grant?.permissions.includes(VERIFY_PERMISSION))
          throw new FilmlessError('FORBIDDEN', VERIFY_PERMISSION);
        return await this.#channel.respond(context, command, 0);
      }
      const assumed = this.#grant?.characterSet;
      await this.#options.main.call('operate', {
        association: this.#options.id,
        operation,
        service: command.service ?? 'C-ECHO',
        sopClassUID: command.sopClassUID,
        sopInstanceUID: command.sopInstanceUID,
        command: command.json,
        dataset: bytes && decodeDataset(bytes, context.transferSyntax, assumed ? { assumedCharacterSet: assumed } : {}),
      });
    } catch (error) {
      await this.#answerFailure(context, command, FilmlessError.from(error));
    } finally {
      this.#operations.delete(operation);
    }
  }

  async #answerFailure(context: AcceptedContext, command: Command, error: FilmlessError): Promise<void> {
    if (!this.association.isOpen) return;
    try {
      await this.#channel.respond(context, command, error.dimseStatus, { comment: commentOf(error) });
    } catch (failure) {
      this.association.fail(failure);
    }
  }

  #cancel(messageId: number): void {
    for (const [operation, { command }] of this.#operations) {
      if (command.messageId === messageId) void this.#options.main.call('cancel', { operation }).catch(() => undefined);
    }
  }

  #closed(how: AssociationClosed): void {
    this.#channel.closed(how);
    this.#operations.clear();
    this.#options.closed();
    if (this.#announced) this.#tellClosed(how.how, how.detail);
  }

  #tellClosed(how: string, detail: string): void {
    const { id, main } = this.#options;
    // Fails only when the main thread is gone, and this one is about to end as well.
    main
      .call('closed', { association: id, how, detail, bytesReceived: this.association.bytesReceived })
      .catch(() => undefined);
  }
}

/** An error comment is short, and the status says the rest. */
function commentOf(error: FilmlessError | undefined): string | undefined {
  return error && (error.detail ?? error.message);
}
