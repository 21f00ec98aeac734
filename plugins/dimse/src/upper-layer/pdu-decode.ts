import {
  ABORT,
  type AbortPdu,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  CONTEXT_RESULT,
  type ContextResult,
  type ContextResultReason,
  type ProposedContext,
  ProtocolViolation,
  type UserInformation,
} from './pdu.ts';

/** Reads items and never past the end of what it was given; anything that does not fit is a violation. */
class ItemReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  take(count: number): Buffer {
    if (count > this.remaining) throw invalid('an item is longer than what encloses it');
    this.#position += count;
    return this.#bytes.subarray(this.#position - count, this.#position);
  }

  uint8(): number {
    return this.take(1)[0] ?? 0;
  }

  uint16(): number {
    return this.take(2).readUInt16BE(0);
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  item(): { type: number; content: ItemReader } {
    const type = this.uint8();
    this.uint8();
    const length = this.uint16();
    return { type, content: new ItemReader(this.take(length)) };
  }

  rest(): Buffer {
    return this.take(this.remaining);
  }

  uid(count = this.remaining): string {
    const value = text(this.take(count));
    if (!/^[0-9.]{1,64}$/.test(value)) throw invalid('a unique identifier is not valid');
    return value;
  }
}

function invalid(what: string): ProtocolViolation {
  return new ProtocolViolation(ABORT.INVALID_PARAMETER, what);
}

/** Names and UIDs come padded with spaces or (against the rules, but often) NULs. */
function text(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .replace(/^ +/, '');
}

/** The parts that requests and acceptances share; `context` reads one presentation context item. */
function associate<C extends { id: number }>(
  body: Uint8Array,
  contextItem: number,
  context: (reader: ItemReader) => C,
) {
  const reader = new ItemReader(body);
  const protocolVersion = reader.uint16();
  reader.take(2);
  const calledAeTitle = text(reader.take(16));
  const callingAeTitle = text(reader.take(16));
  reader.take(32);
  let applicationContext = '';
  let info: UserInformation | undefined;
  const contexts = new Map<number, C>();
  while (reader.remaining > 0) {
    const { type, content } = reader.item();
    if (type === 0x10) applicationContext = text(content.rest());
    else if (type === contextItem) {
      const value = context(content);
      if (value.id % 2 === 0) throw invalid('a presentation context ID is even');
      if (contexts.has(value.id)) throw invalid('a presentation context ID is used twice');
      contexts.set(value.id, value);
    } else if (type === 0x50) info = decodeUserInformation(content);
    // Unrecognized items are skipped. @dicom PS3.8 9.3.1
  }
  if (!info) throw invalid('the user information item is missing');
  return {
    protocolVersion,
    calledAeTitle,
    callingAeTitle,
    applicationContext,
    contexts: [...contexts.values()],
    userInformation: info,
  };
}

function decodeUserInformation(reader: ItemReader): UserInformation {
  const info: UserInformation = { maxPduBytes: 0, implementationClassUID: '', roles: [], extended: [] };
  while (reader.remaining > 0) {
    const { type, content } = reader.item();
    if (type === 0x51) info.maxPduBytes = content.uint32();
    else if (type === 0x52) info.implementationClassUID = text(content.rest());
    else if (type === 0x53) info.asynchronousOperations = { invoked: content.uint16(), performed: content.uint16() };
    else if (type === 0x54) {
      const sopClassUID = content.uid(content.uint16());
      info.roles.push({ sopClassUID, scu: content.uint8() === 1, scp: content.uint8() === 1 });
    } else if (type === 0x55) info.implementationVersionName = text(content.rest());
    else if (type === 0x56) {
      const sopClassUID = content.uid(content.uint16());
      info.extended.push({ sopClassUID, information: Uint8Array.from(content.rest()) });
    } else if (type === 0x58) {
      info.userIdentity = {
        type: content.uint8(),
        positiveResponseRequested: content.uint8() === 1,
        primaryField: Uint8Array.from(content.take(content.uint16())),
        secondaryField: Uint8Array.from(content.take(content.uint16())),
      };
    }
  }
  return info;
}

/** @dicom PS3.8 9.3.2 */
export function decodeAssociateRequest(body: Uint8Array): AssociateRequest {
  return associate(body, 0x20, (reader): ProposedContext => {
    const id = reader.uint8();
    reader.take(3);
    let abstractSyntax = '';
    const transferSyntaxes: string[] = [];
    while (reader.remaining > 0) {
      const { type, content } = reader.item();
      if (type === 0x30) abstractSyntax = content.uid();
      else if (type === 0x40) transferSyntaxes.push(content.uid());
    }
    if (!abstractSyntax) throw invalid('a presentation context has no abstract syntax');
    return { id, abstractSyntax, transferSyntaxes };
  });
}

/** @dicom PS3.8 9.3.3 */
export function decodeAssociateAccept(body: Uint8Array): AssociateAccept {
  return associate(body, 0x21, (reader): ContextResult => {
    const id = reader.uint8();
    reader.uint8();
    const result = contextResult(reader.uint8());
    reader.uint8();
    let transferSyntax = '';
    while (reader.remaining > 0) {
      const { type, content } = reader.item();
      if (type === 0x40) transferSyntax = text(content.rest());
    }
    return { id, result, transferSyntax };
  });
}

function contextResult(value: number): ContextResultReason {
  return Object.values(CONTEXT_RESULT).find((known) => known === value) ?? CONTEXT_RESULT.NO_REASON;
}

/** @dicom PS3.8 9.3.4 */
export function decodeAssociateReject(body: Uint8Array): AssociateReject {
  return { result: body[1] ?? 0, source: body[2] ?? 0, reason: body[3] ?? 0 };
}

/** @dicom PS3.8 9.3.8 */
export function decodeAbort(body: Uint8Array): AbortPdu {
  return { source: body[2] ?? 0, reason: body[3] ?? 0 };
}
