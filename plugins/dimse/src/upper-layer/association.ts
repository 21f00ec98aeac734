import type { Socket } from 'node:net';
import type {
  AcceptedContext,
  AssociationClosed,
  AssociationHandler,
  AssociationLimits,
} from './association-contract.ts';
import { Headway } from './headway.ts';
import { HeldBytes } from './held-bytes.ts';
import { MessageReceiver } from './message-receiver.ts';
import {
  ABORT,
  type AbortPdu,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  PDU_TYPE,
  ProtocolViolation,
} from './pdu.ts';
import { decodeAbort, decodeAssociateAccept, decodeAssociateReject, decodeAssociateRequest } from './pdu-decode.ts';
import {
  encodeAbort,
  encodeAssociateAccept,
  encodeAssociateReject,
  encodeAssociateRequest,
  encodeReleaseRequest,
  encodeReleaseResponse,
} from './pdu-encode.ts';
import { PduReader } from './pdu-reader.ts';
import { PduSender } from './pdu-sender.ts';

type State = 'await-request' | 'deciding' | 'await-accept' | 'open' | 'releasing' | 'closing' | 'closed';

/** Which PDUs may come in which state. @dicom PS3.8 9.2.3 */
const EXPECTED: Record<State, readonly number[]> = {
  'await-request': [PDU_TYPE.ASSOCIATE_RQ, PDU_TYPE.ABORT],
  deciding: [PDU_TYPE.ABORT],
  'await-accept': [PDU_TYPE.ASSOCIATE_AC, PDU_TYPE.ASSOCIATE_RJ, PDU_TYPE.ABORT],
  open: [PDU_TYPE.DATA_TF, PDU_TYPE.RELEASE_RQ, PDU_TYPE.ABORT],
  releasing: [PDU_TYPE.DATA_TF, PDU_TYPE.RELEASE_RQ, PDU_TYPE.RELEASE_RP, PDU_TYPE.ABORT],
  closing: [],
  closed: [],
};

/**
 * One association of either side: framing, the state machine, time limits and back-pressure. What messages mean is the handler's affair.
 * @dicom PS3.8 9.2
 */
export class Association {
  readonly contexts = new Map<number, AcceptedContext>();
  readonly sender: PduSender;
  readonly #limits: AssociationLimits;
  readonly #handler: AssociationHandler;
  readonly #reader: PduReader;
  readonly #messages: MessageReceiver;
  readonly #headway: Headway;
  #socket: Socket | undefined;
  #state: State;
  #closed: AssociationClosed | undefined;
  /** How many promises reading waits for, and what came meanwhile. */
  #waits = 0;
  readonly #held = new HeldBytes();
  bytesReceived = 0;

  constructor(role: 'acceptor' | 'requestor', limits: AssociationLimits, handler: AssociationHandler) {
    this.#limits = limits;
    this.#handler = handler;
    this.#state = role === 'acceptor' ? 'await-request' : 'await-accept';
    this.#messages = new MessageReceiver(
      {
        hasContext: (id) => this.contexts.has(id),
        command: (id, command) => handler.command(this.contexts.get(id)!, command),
        wait: (promise) => this.wait(promise),
      },
      limits.maxCommandBytes,
    );
    this.#reader = new PduReader(
      {
        pdu: (type) => this.#expect(type),
        body: (type, body) => this.#body(type, body),
        fragment: (id, command, last, bytes) => this.#messages.fragment(id, command, last, bytes),
        fragmentData: (bytes) => this.#messages.data(bytes),
        fragmentEnd: () => this.#messages.fragmentEnd(),
      },
      { maxDataPduBytes: limits.maxPduBytes, maxAssociatePduBytes: limits.maxAssociatePduBytes },
    );
    this.#headway = new Headway(limits, {
      underWay: () => this.#reader.insidePdu || this.#messages.insideMessage,
      busy: () => this.#waits > 0 || handler.busy(),
      halted: (detail) => this.abort(ABORT.NOT_SPECIFIED, detail),
    });
    this.sender = new PduSender(limits.sendTimeoutMs, {
      stalled: () => this.#end({ how: 'lost', detail: 'the peer takes nothing any more' }),
      broken: (error) => this.fail(error),
    });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** True while what came is being worked on and nothing more is taken. */
  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  /** The socket must deliver what it reads to {@link receive}. */
  attach(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('error', (error) =>
      this.#end({ how: 'lost', detail: (error as NodeJS.ErrnoException).code ?? 'socket error' }),
    );
    socket.on('end', () => this.#peerClosed());
    socket.on('close', () => this.#peerClosed());
    this.sender.attach(socket);
    this.#headway.deadline(this.#limits.associateTimeoutMs, 'opening the association');
  }

  /** Bytes from the network, valid during the call alone. False: the socket shall pause. */
  readonly receive = (bytes: Uint8Array): boolean => {
    this.bytesReceived += bytes.length;
    this.#headway.bytes(bytes.length);
    if (this.#state === 'closing' || this.#state === 'closed') return true;
    if (this.#waits > 0) {
      this.#held.add(bytes);
      return false;
    }
    return this.#feed(bytes);
  };

  /** Takes nothing from the network until `promise` is settled. Its rejection aborts the association. */
  wait(promise: Promise<void>): void {
    this.#waits += 1;
    this.#reader.stop();
    promise.then(
      () => this.#goOn(),
      (error: unknown) => {
        this.#waits -= 1;
        this.fail(error);
      },
    );
  }

  sendAssociateRequest(request: AssociateRequest): void {
    this.#socket?.write(encodeAssociateRequest(request));
    this.#headway.deadline(this.#limits.associateTimeoutMs, 'opening the association');
  }

  /** Opens the association; `contexts` are those accepted. */
  accept(accept: AssociateAccept, contexts: Iterable<AcceptedContext>, peerMaxPduBytes: number): void {
    if (this.#state !== 'deciding') return;
    this.open(contexts, peerMaxPduBytes);
    this.#socket?.write(encodeAssociateAccept(accept));
  }

  open(contexts: Iterable<AcceptedContext>, peerMaxPduBytes: number): void {
    for (const context of contexts) this.contexts.set(context.id, context);
    this.sender.open(peerMaxPduBytes);
    this.#state = 'open';
    this.#headway.restart();
  }

  reject(reject: AssociateReject, detail: string): void {
    if (this.#state !== 'deciding') return;
    this.#close({ how: 'rejected', detail }, encodeAssociateReject(reject));
  }

  /** Asks for release; `closed` tells when it is done. */
  release(): void {
    if (this.#state !== 'open') {
      this.abort(ABORT.BY_USER, 'not open');
      return;
    }
    this.#state = 'releasing';
    this.#socket?.write(encodeReleaseRequest());
    this.#headway.deadline(this.#limits.silenceTimeoutMs, 'release');
  }

  abort(abort: AbortPdu, detail: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#close({ how: 'aborted', detail }, encodeAbort(abort));
  }

  /** Aborts for what was thrown. */
  fail(error: unknown): void {
    if (error instanceof ProtocolViolation) this.abort(error.abort, error.message);
    else this.abort(ABORT.NOT_SPECIFIED, error instanceof Error ? error.message : 'unexpected failure');
  }

  #feed(bytes: Uint8Array): boolean {
    try {
      const taken = this.#reader.feed(bytes);
      this.#messages.flush();
      if (this.#waits === 0 || this.#state === 'closing' || this.#state === 'closed') return true;
      if (taken < bytes.length) this.#held.add(bytes.subarray(taken));
      return false;
    } catch (error) {
      this.fail(error);
      return true;
    }
  }

  #goOn(): void {
    this.#waits -= 1;
    if (this.#waits > 0 || this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#state === 'open') this.#headway.restart();
    // Also without bytes: a fragment whose last byte was taken has yet to end.
    const goesOn = this.#held.drain((bytes) => this.#feed(bytes));
    if (goesOn) this.#socket?.resume();
  }

  #expect(type: number): void {
    if (!EXPECTED[this.#state].includes(type))
      throw new ProtocolViolation(ABORT.UNEXPECTED_PDU, `PDU type ${type} may not come now (${this.#state})`);
  }

  #body(type: number, body: Uint8Array): void {
    switch (type) {
      case PDU_TYPE.ASSOCIATE_RQ:
        this.#state = 'deciding';
        this.#handler.associateRequest(decodeAssociateRequest(body));
        break;
      case PDU_TYPE.ASSOCIATE_AC:
        this.#handler.associateAccept(decodeAssociateAccept(body));
        break;
      case PDU_TYPE.ASSOCIATE_RJ:
        this.#handler.associateReject(decodeAssociateReject(body));
        this.#close({ how: 'rejected', detail: 'rejected by the peer' });
        break;
      case PDU_TYPE.RELEASE_RQ:
        // Release collision: answer, and wait for the answer to ours. @dicom PS3.8 9.2.3 Sta8-Sta12
        if (this.#state === 'releasing') this.#socket?.write(encodeReleaseResponse());
        else this.#close({ how: 'released', detail: 'released by the peer' }, encodeReleaseResponse());
        break;
      case PDU_TYPE.RELEASE_RP:
        this.#close({ how: 'released', detail: 'released' });
        break;
      case PDU_TYPE.ABORT: {
        const { source, reason } = decodeAbort(body);
        this.#end({ how: 'aborted-by-peer', detail: `source ${source}, reason ${reason}` });
        break;
      }
      default:
        throw new ProtocolViolation(ABORT.UNRECOGNIZED_PDU, `PDU type ${type} is unknown`);
    }
  }

  #peerClosed(): void {
    if (this.#state === 'closing') {
      this.#state = 'closed';
      this.#socket?.destroy();
      return;
    }
    this.#end({ how: 'lost', detail: 'the peer closed the connection' });
  }

  /** Sends a last PDU, then gives the peer a moment to read it and close. */
  #close(how: AssociationClosed, lastPdu?: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    const socket = this.#socket;
    if (socket && !socket.destroyed) {
      this.sender.close();
      if (lastPdu) socket.end(lastPdu);
      else socket.end();
      // Unread bytes at close make the kernel send a reset, and the peer would lose our last PDU.
      socket.resume();
      const timer = setTimeout(() => socket.destroy(), this.#limits.closeTimeoutMs);
      socket.once('close', () => clearTimeout(timer));
    }
    this.#finish(how);
  }

  /** The connection is of no use any more. */
  #end(how: AssociationClosed): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.sender.close();
    this.#socket?.destroy();
    this.#finish(how);
  }

  #finish(how: AssociationClosed): void {
    this.#headway.stop();
    this.#reader.stop();
    this.#held.clear();
    if (this.#closed) return;
    this.#closed = how;
    this.#messages.abort();
    this.#handler.closed(how);
  }
}
