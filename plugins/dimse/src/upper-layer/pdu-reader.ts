import { ABORT, PDU_HEADER_BYTES, PDU_TYPE, PDV_HEADER_BYTES, ProtocolViolation } from './pdu.ts';

/** Told what comes, in order. Every `Uint8Array` is valid during the call alone. Throwing a ProtocolViolation ends the association. */
export interface PduHandler {
  /** A PDU begins; nothing of its body was buffered yet. Throws when the PDU may not come now. */
  pdu(type: number, lengthBytes: number): void;
  /** The whole body of any PDU but P-DATA-TF. */
  body(type: number, body: Uint8Array): void;
  /** A fragment of a command set or data set begins. */
  fragment(contextId: number, command: boolean, last: boolean, lengthBytes: number): void;
  fragmentData(bytes: Uint8Array): void;
  fragmentEnd(): void;
}

export interface PduLimits {
  /** What we announced as our maximum length. */
  maxDataPduBytes: number;
  /** A-ASSOCIATE-RQ and -AC, which announce no limit. */
  maxAssociatePduBytes: number;
}

const IN_HEADER = 0;
const IN_BODY = 1;
const IN_PDV_HEADER = 2;
const IN_PDV = 3;

/**
 * Takes the byte stream of one association apart, whatever the chunks look like, holding at most one association PDU.
 * P-DATA fragments are passed on as they come and are never collected here.
 * @dicom PS3.8 9.3
 */
export class PduReader {
  readonly #handler: PduHandler;
  readonly #limits: PduLimits;
  readonly #header = Buffer.alloc(PDU_HEADER_BYTES);
  #state = IN_HEADER;
  #headerFilled = 0;
  #type = 0;
  #body = Buffer.alloc(0);
  #bodyFilled = 0;
  /** Bytes of the current P-DATA-TF PDU not yet seen. */
  #pduLeft = 0;
  #fragmentLeft = 0;
  #stopped = false;

  constructor(handler: PduHandler, limits: PduLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  /** True while a PDU has begun and not ended. */
  get insidePdu(): boolean {
    return this.#state !== IN_HEADER || this.#headerFilled > 0;
  }

  /** Ends the running `feed` after the current step: the handler must wait for something. */
  stop(): void {
    this.#stopped = true;
  }

  /** Returns how many bytes were taken: fewer than given only when the handler called `stop`. */
  feed(chunk: Uint8Array): number {
    this.#stopped = false;
    let position = 0;
    while (!this.#stopped) {
      // A fragment of zero bytes ends without any byte to wait for.
      if (this.#state === IN_PDV && this.#fragmentLeft === 0) {
        this.#endFragment();
        continue;
      }
      if (position >= chunk.length) break;
      if (this.#state === IN_PDV) position += this.#fragmentBytes(chunk, position);
      else if (this.#state === IN_BODY) position += this.#bodyBytes(chunk, position);
      else position += this.#headerBytes(chunk, position);
    }
    return position;
  }

  #headerBytes(chunk: Uint8Array, position: number): number {
    const taken = Math.min(PDU_HEADER_BYTES - this.#headerFilled, chunk.length - position);
    for (let i = 0; i < taken; i++) this.#header[this.#headerFilled + i] = chunk[position + i] ?? 0;
    this.#headerFilled += taken;
    if (this.#headerFilled === PDU_HEADER_BYTES) {
      this.#headerFilled = 0;
      if (this.#state === IN_HEADER) this.#beginPdu();
      else this.#beginFragment();
    }
    return taken;
  }

  #beginPdu(): void {
    const type = this.#header[0] ?? 0;
    const length = this.#header.readUInt32BE(2);
    const limit = this.#limitOf(type);
    if (limit === undefined) throw new ProtocolViolation(ABORT.UNRECOGNIZED_PDU, `PDU type ${type} is unknown`);
    this.#handler.pdu(type, length);
    if (length > limit)
      throw new ProtocolViolation(
        ABORT.INVALID_PARAMETER,
        `a PDU of ${length} bytes is longer than the ${limit} allowed`,
      );
    this.#type = type;
    if (type === PDU_TYPE.DATA_TF) {
      if (length < PDV_HEADER_BYTES)
        throw new ProtocolViolation(ABORT.INVALID_PARAMETER, 'a P-DATA-TF PDU holds no fragment');
      this.#pduLeft = length;
      this.#state = IN_PDV_HEADER;
      return;
    }
    if (length < 4) throw new ProtocolViolation(ABORT.INVALID_PARAMETER, `a PDU of type ${type} is too short`);
    this.#body = Buffer.allocUnsafe(length);
    this.#bodyFilled = 0;
    this.#state = IN_BODY;
  }

  #limitOf(type: number): number | undefined {
    switch (type) {
      case PDU_TYPE.DATA_TF:
        return this.#limits.maxDataPduBytes;
      case PDU_TYPE.ASSOCIATE_RQ:
      case PDU_TYPE.ASSOCIATE_AC:
        return this.#limits.maxAssociatePduBytes;
      case PDU_TYPE.ASSOCIATE_RJ:
      case PDU_TYPE.RELEASE_RQ:
      case PDU_TYPE.RELEASE_RP:
      case PDU_TYPE.ABORT:
        return 4;
      default:
        return undefined;
    }
  }

  #bodyBytes(chunk: Uint8Array, position: number): number {
    const taken = Math.min(this.#body.length - this.#bodyFilled, chunk.length - position);
    this.#body.set(chunk.subarray(position, position + taken), this.#bodyFilled);
    this.#bodyFilled += taken;
    if (this.#bodyFilled === this.#body.length) {
      const body = this.#body;
      this.#body = Buffer.alloc(0);
      this.#state = IN_HEADER;
      this.#handler.body(this.#type, body);
    }
    return taken;
  }

  #beginFragment(): void {
    const itemLength = this.#header.readUInt32BE(0);
    const contextId = this.#header[4] ?? 0;
    const control = this.#header[5] ?? 0;
    if (itemLength < 2 || itemLength + 4 > this.#pduLeft) {
      throw new ProtocolViolation(ABORT.INVALID_PARAMETER, 'the length of a fragment does not fit its PDU');
    }
    this.#pduLeft -= itemLength + 4;
    this.#fragmentLeft = itemLength - 2;
    this.#state = IN_PDV;
    this.#handler.fragment(contextId, (control & 1) === 1, (control & 2) === 2, this.#fragmentLeft);
  }

  #fragmentBytes(chunk: Uint8Array, position: number): number {
    const taken = Math.min(this.#fragmentLeft, chunk.length - position);
    this.#fragmentLeft -= taken;
    this.#handler.fragmentData(chunk.subarray(position, position + taken));
    return taken;
  }

  #endFragment(): void {
    if (this.#pduLeft === 0) this.#state = IN_HEADER;
    else if (this.#pduLeft < PDV_HEADER_BYTES)
      throw new ProtocolViolation(ABORT.INVALID_PARAMETER, 'a P-DATA-TF PDU ends inside a fragment header');
    else this.#state = IN_PDV_HEADER;
    this.#handler.fragmentEnd();
  }
}
