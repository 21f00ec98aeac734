import {
  type AbortPdu,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  PDU_HEADER_BYTES,
  PDU_TYPE,
  type UserInformation,
} from './pdu.ts';

/** Big-endian items, as the upper layer writes them (data sets are another matter). */
class ItemWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  ascii(value: string): void {
    this.bytes(Buffer.from(value, 'latin1'));
  }

  /** An item: type, reserved byte, 16-bit length, content. */
  item(type: number, content: () => void): void {
    this.uint8(type);
    this.uint8(0);
    const lengthAt = this.#length;
    this.uint16(0);
    content();
    this.#bytes.writeUInt16BE(this.#length - lengthAt - 2, lengthAt);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function pdu(type: number, content: (writer: ItemWriter) => void): Buffer {
  const writer = new ItemWriter();
  writer.uint8(type);
  writer.uint8(0);
  writer.uint32(0);
  content(writer);
  const bytes = writer.finish();
  bytes.writeUInt32BE(bytes.length - PDU_HEADER_BYTES, 2);
  return bytes;
}

function associateHead(writer: ItemWriter, value: AssociateRequest | AssociateAccept): void {
  writer.uint16(value.protocolVersion);
  writer.uint16(0);
  writer.ascii(value.calledAeTitle.padEnd(16).slice(0, 16));
  writer.ascii(value.callingAeTitle.padEnd(16).slice(0, 16));
  writer.zeros(32);
  writer.item(0x10, () => writer.ascii(value.applicationContext));
}

function userInformation(writer: ItemWriter, info: UserInformation): void {
  writer.item(0x50, () => {
    writer.item(0x51, () => writer.uint32(info.maxPduBytes));
    writer.item(0x52, () => writer.ascii(info.implementationClassUID));
    const operations = info.asynchronousOperations;
    if (operations) {
      writer.item(0x53, () => {
        writer.uint16(operations.invoked);
        writer.uint16(operations.performed);
      });
    }
    for (const role of info.roles) {
      writer.item(0x54, () => {
        writer.uint16(role.sopClassUID.length);
        writer.ascii(role.sopClassUID);
        writer.uint8(role.scu ? 1 : 0);
        writer.uint8(role.scp ? 1 : 0);
      });
    }
    const versionName = info.implementationVersionName;
    if (versionName) writer.item(0x55, () => writer.ascii(versionName.slice(0, 16)));
    for (const extended of info.extended) {
      writer.item(0x56, () => {
        writer.uint16(extended.sopClassUID.length);
        writer.ascii(extended.sopClassUID);
        writer.bytes(extended.information);
      });
    }
    const identity = info.userIdentity;
    if (identity) {
      writer.item(0x58, () => {
        writer.uint8(identity.type);
        writer.uint8(identity.positiveResponseRequested ? 1 : 0);
        writer.uint16(identity.primaryField.length);
        writer.bytes(identity.primaryField);
        writer.uint16(identity.secondaryField.length);
        writer.bytes(identity.secondaryField);
      });
    }
  });
}

/** @dicom PS3.8 9.3.2 */
export function encodeAssociateRequest(request: AssociateRequest): Buffer {
  return pdu(PDU_TYPE.ASSOCIATE_RQ, (writer) => {
    associateHead(writer, request);
    for (const context of request.contexts) {
      writer.item(0x20, () => {
        writer.uint8(context.id);
        writer.zeros(3);
        writer.item(0x30, () => writer.ascii(context.abstractSyntax));
        for (const transferSyntax of context.transferSyntaxes) writer.item(0x40, () => writer.ascii(transferSyntax));
      });
    }
    userInformation(writer, request.userInformation);
  });
}

/** @dicom PS3.8 9.3.3 */
export function encodeAssociateAccept(accept: AssociateAccept): Buffer {
  return pdu(PDU_TYPE.ASSOCIATE_AC, (writer) => {
    associateHead(writer, accept);
    for (const context of accept.contexts) {
      writer.item(0x21, () => {
        writer.uint8(context.id);
        writer.uint8(0);
        writer.uint8(context.result);
        writer.uint8(0);
        writer.item(0x40, () => writer.ascii(context.transferSyntax));
      });
    }
    userInformation(writer, accept.userInformation);
  });
}

/** @dicom PS3.8 9.3.4 */
export function encodeAssociateReject(reject: AssociateReject): Buffer {
  return pdu(PDU_TYPE.ASSOCIATE_RJ, (writer) => {
    writer.uint8(0);
    writer.uint8(reject.result);
    writer.uint8(reject.source);
    writer.uint8(reject.reason);
  });
}

/** @dicom PS3.8 9.3.6 */
export function encodeReleaseRequest(): Buffer {
  return pdu(PDU_TYPE.RELEASE_RQ, (writer) => writer.uint32(0));
}

/** @dicom PS3.8 9.3.7 */
export function encodeReleaseResponse(): Buffer {
  return pdu(PDU_TYPE.RELEASE_RP, (writer) => writer.uint32(0));
}

/** @dicom PS3.8 9.3.8 */
export function encodeAbort(abort: AbortPdu): Buffer {
  return pdu(PDU_TYPE.ABORT, (writer) => {
    writer.uint16(0);
    writer.uint8(abort.source);
    writer.uint8(abort.reason);
  });
}

/** Header of a P-DATA-TF PDU that carries one fragment of `fragmentBytes` bytes. @dicom PS3.8 9.3.5, E.2 */
export function encodeFragmentHeader(
  contextId: number,
  command: boolean,
  last: boolean,
  fragmentBytes: number,
): Buffer {
  const header = Buffer.allocUnsafe(12);
  header[0] = PDU_TYPE.DATA_TF;
  header[1] = 0;
  header.writeUInt32BE(fragmentBytes + 6, 2);
  header.writeUInt32BE(fragmentBytes + 2, 6);
  header[10] = contextId;
  header[11] = (command ? 1 : 0) | (last ? 2 : 0);
  return header;
}
