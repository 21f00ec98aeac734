import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeDataset } from '../../src/dicom/index.ts';
import type { DicomJson } from '../../src/dicom/types.ts';
import { type AssociateOptions, associateRequest } from './pdus.ts';

export interface ReceivedPdu {
  type: number;
  body: Buffer;
}

export interface ReceivedMessage {
  contextId: number;
  command: DicomJson;
  status: number;
  dataset: Buffer | undefined;
}

/** A DICOM peer that sends exactly the bytes it is told, right or wrong, and shows what comes back. */
export class RawPeer {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    // A reset ends the conversation too; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  /** Connected and associated; throws when not accepted. */
  static async associate(port: number, options: AssociateOptions = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    peer.send(associateRequest(options));
    const answer = await peer.pdu();
    if (answer?.type !== 0x02) throw new Error(`not accepted: PDU ${answer?.type} ${answer?.body.toString('hex')}`);
    return peer;
  }

  send(...bytes: Uint8Array[]): void {
    for (const part of bytes) this.socket.write(part);
  }

  /** Every chunk in a segment of its own, as far as the system lets it. */
  async sendInPieces(bytes: Uint8Array, pieceBytes = 1): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#closed; start += pieceBytes) {
      await new Promise((resolve) => this.socket.write(bytes.subarray(start, start + pieceBytes), resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The next PDU; undefined when the peer closed instead. */
  async pdu(): Promise<ReceivedPdu | undefined> {
    for (;;) {
      const length = this.#received.length >= 6 ? this.#received.readUInt32BE(2) : Number.POSITIVE_INFINITY;
      if (this.#received.length >= 6 + length) {
        const pdu = { type: this.#received[0] ?? 0, body: Buffer.from(this.#received.subarray(6, 6 + length)) };
        this.#received = this.#received.subarray(6 + length);
        return pdu;
      }
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next whole DIMSE message. Throws on any PDU but P-DATA-TF. */
  async message(): Promise<ReceivedMessage> {
    const command: Buffer[] = [];
    const dataset: Buffer[] = [];
    let decoded: DicomJson | undefined;
    for (;;) {
      const pdu = await this.pdu();
      if (pdu?.type !== 0x04) throw new Error(`PDU ${pdu?.type} ${pdu?.body.toString('hex')} instead of a message`);
      for (let at = 0; at < pdu.body.length; ) {
        const length = pdu.body.readUInt32BE(at);
        const contextId = pdu.body[at + 4] ?? 0;
        const control = pdu.body[at + 5] ?? 0;
        const bytes = pdu.body.subarray(at + 6, at + 4 + length);
        at += 4 + length;
        (control & 1 ? command : dataset).push(bytes);
        if ((control & 2) === 0) continue;
        if (control & 1) decoded = decodeDataset(Buffer.concat(command), '1.2.840.10008.1.2');
        const hasDataset = decoded?.['00000800']?.Value?.[0] !== 0x0101;
        if (decoded && (!hasDataset || (control & 1) === 0)) {
          const status = Number(decoded['00000900']?.Value?.[0] ?? 0);
          return { contextId, command: decoded, status, dataset: hasDataset ? Buffer.concat(dataset) : undefined };
        }
      }
    }
  }

  /** What ended the association: the A-ABORT's or A-ASSOCIATE-RJ's fields, or the closed connection. */
  async ending(): Promise<{ type: number; source: number; reason: number; result: number } | 'closed'> {
    for (;;) {
      const pdu = await this.pdu();
      if (!pdu) return 'closed';
      if (pdu.type === 0x07 || pdu.type === 0x03) {
        return { type: pdu.type, result: pdu.body[1] ?? 0, source: pdu.body[2] ?? 0, reason: pdu.body[3] ?? 0 };
      }
    }
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    while (await this.pdu());
  }

  destroy(): void {
    this.socket.destroy();
  }
}
