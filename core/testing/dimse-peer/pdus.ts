/**
 * PDUs written by hand, from PS3.8 and not from the code under test, so that both can be wrong but not in the same way.
 * @dicom PS3.8 9.3
 */
import { encodeCommandSet } from '../../src/dicom/index.ts';
import type { DicomJson } from '../../src/dicom/types.ts';

export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';

export interface AssociateOptions {
  calling?: string;
  called?: string;
  maxPduBytes?: number;
  contexts?: { id: number; abstractSyntax: string; transferSyntaxes: string[] }[];
  roles?: { sopClassUID: string; scu: number; scp: number }[];
  protocolVersion?: number;
  applicationContext?: string;
  /** More sub-items of the user information. */
  userItems?: Buffer[];
}

/** Verification in context 1, CT storage in context 3. */
export const DEFAULT_CONTEXTS = [
  { id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: [IMPLICIT] },
  { id: 3, abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT] },
];

export function item(type: number, content: Buffer): Buffer {
  const head = Buffer.from([type, 0, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([head, content]);
}

/** Any PDU; `lengthBytes` to lie about its length. */
export function pdu(type: number, body: Buffer, lengthBytes = body.length): Buffer {
  const head = Buffer.alloc(6);
  head[0] = type;
  head.writeUInt32BE(lengthBytes, 2);
  return Buffer.concat([head, body]);
}

export function associateRequest(options: AssociateOptions = {}): Buffer {
  const contexts = (options.contexts ?? DEFAULT_CONTEXTS).map(({ id, abstractSyntax, transferSyntaxes }) =>
    item(
      0x20,
      Buffer.concat([
        Buffer.from([id, 0, 0, 0]),
        item(0x30, Buffer.from(abstractSyntax)),
        ...transferSyntaxes.map((uid) => item(0x40, Buffer.from(uid))),
      ]),
    ),
  );
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(options.maxPduBytes ?? 16_384);
  const roles = (options.roles ?? []).map(({ sopClassUID, scu, scp }) =>
    item(
      0x54,
      Buffer.concat([Buffer.from([0, sopClassUID.length]), Buffer.from(sopClassUID), Buffer.from([scu, scp])]),
    ),
  );
  const user = item(
    0x50,
    Buffer.concat([
      item(0x51, maxLength),
      item(0x52, Buffer.from('1.2.3.4')),
      ...roles,
      item(0x55, Buffer.from('RAWPEER')),
      ...(options.userItems ?? []),
    ]),
  );
  const head = Buffer.alloc(68, 0x20);
  head.writeUInt16BE(options.protocolVersion ?? 1, 0);
  head.writeUInt16BE(0, 2);
  head.write((options.called ?? 'FILMLESS').padEnd(16), 4, 'latin1');
  head.write((options.calling ?? 'RAWPEER').padEnd(16), 20, 'latin1');
  head.fill(0, 36);
  const application = item(0x10, Buffer.from(options.applicationContext ?? '1.2.840.10008.3.1.1.1'));
  return pdu(0x01, Buffer.concat([head, application, ...contexts, user]));
}

export const RELEASE_REQUEST = pdu(0x05, Buffer.alloc(4));
export const ABORT_REQUEST = pdu(0x07, Buffer.alloc(4));

/** One presentation data value; control: 1 = command, 2 = last. `lengthBytes` to lie. */
export function pdv(contextId: number, control: number, bytes: Uint8Array, lengthBytes = bytes.length + 2): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(lengthBytes, 0);
  head[4] = contextId;
  head[5] = control;
  return Buffer.concat([head, bytes]);
}

export function dataPdu(...values: Buffer[]): Buffer {
  return pdu(0x04, Buffer.concat(values));
}

export function commandPdu(contextId: number, command: DicomJson): Buffer {
  return dataPdu(pdv(contextId, 3, encodeCommandSet(command)));
}

/** A data set in P-DATA-TF PDUs of at most this size. */
export function datasetPdus(contextId: number, bytes: Uint8Array, fragmentBytes = 16_000): Buffer {
  const pdus: Buffer[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += fragmentBytes) {
    const end = Math.min(start + fragmentBytes, bytes.length);
    pdus.push(dataPdu(pdv(contextId, end === bytes.length ? 2 : 0, bytes.subarray(start, end))));
  }
  return Buffer.concat(pdus);
}

const us = (value: number) => ({ vr: 'US', Value: [value] });
const ui = (value: string) => ({ vr: 'UI', Value: [value] });

export function echoCommand(messageId: number): DicomJson {
  return {
    '00000002': ui('1.2.840.10008.1.1'),
    '00000100': us(0x30),
    '00000110': us(messageId),
    '00000800': us(0x0101),
  };
}

export function storeCommand(messageId: number, SOPInstanceUID: string, SOPClassUID = CT_IMAGE_STORAGE): DicomJson {
  return {
    '00000002': ui(SOPClassUID),
    '00000100': us(0x01),
    '00000110': us(messageId),
    '00000700': us(0),
    '00000800': us(0x0001),
    '00001000': ui(SOPInstanceUID),
  };
}
