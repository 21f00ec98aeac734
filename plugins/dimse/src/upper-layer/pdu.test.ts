import { associateRequest, dataPdu, item, pdu, pdv } from '@filmless/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APPLICATION_CONTEXT, type AssociateAccept, type AssociateRequest, ProtocolViolation } from './pdu.ts';
import { decodeAssociateAccept, decodeAssociateRequest } from './pdu-decode.ts';
import { encodeAbort, encodeAssociateAccept, encodeAssociateReject, encodeAssociateRequest } from './pdu-encode.ts';
import { PduReader } from './pdu-reader.ts';

const LIMITS = { maxDataPduBytes: 20_000, maxAssociatePduBytes: 100_000 };

/** What a reader tells, fragments put together. */
function read(chunks: readonly Uint8Array[]): string[] {
  const told: string[] = [];
  let data = '';
  const reader = new PduReader(
    {
      pdu: () => undefined,
      body: (type, body) => told.push(`${type} ${Buffer.from(body).toString('hex')}`),
      fragment: (id, command, last) => {
        data = `${id}${command ? ' command' : ''}${last ? ' last' : ''} `;
      },
      fragmentData: (bytes) => {
        data += Buffer.from(bytes).toString('hex');
      },
      fragmentEnd: () => told.push(data),
    },
    LIMITS,
  );
  for (const chunk of chunks) expect(reader.feed(chunk)).toBe(chunk.length);
  return told;
}

describe('the PDU reader', () => {
  const stream = Buffer.concat([
    associateRequest(),
    dataPdu(pdv(1, 3, Buffer.from('command'))),
    dataPdu(pdv(1, 0, Buffer.from('da')), pdv(1, 0, Buffer.alloc(0)), pdv(1, 2, Buffer.from('ta'))),
    dataPdu(pdv(1, 2, Buffer.alloc(0))),
    pdu(0x05, Buffer.alloc(4)),
  ]);

  it('tells the same wherever the stream is split', () => {
    const whole = read([stream]);
    expect(whole).toHaveLength(7);
    expect(whole.at(-1)).toBe('5 00000000');
    expect(whole.slice(1, 6)).toEqual([
      `1 command last ${Buffer.from('command').toString('hex')}`,
      '1 6461',
      '1 ',
      '1 last 7461',
      '1 last ',
    ]);
    for (let at = 1; at < stream.length; at++)
      expect(read([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
    expect(read([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('stops where it is told to, and goes on from there', () => {
    const told: string[] = [];
    const reader: PduReader = new PduReader(
      {
        pdu: () => undefined,
        body: (type) => told.push(String(type)),
        fragment: () => undefined,
        fragmentData: (bytes) => {
          told.push(Buffer.from(bytes).toString());
          reader.stop();
        },
        fragmentEnd: () => told.push('end'),
      },
      LIMITS,
    );
    const bytes = Buffer.concat([dataPdu(pdv(1, 3, Buffer.from('one'))), dataPdu(pdv(1, 2, Buffer.from('two')))]);
    let at = reader.feed(bytes);
    expect(told).toEqual(['one']);
    at += reader.feed(bytes.subarray(at));
    expect(told).toEqual(['one', 'end', 'two']);
    expect(at).toBe(bytes.length);
    reader.feed(new Uint8Array(0));
    expect(told).toEqual(['one', 'end', 'two', 'end']);
  });

  it('throws nothing but protocol violations, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read([bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation);
        }
      }),
    );
  });
});

describe('association PDUs', () => {
  const userInformation = {
    maxPduBytes: 131_072,
    implementationClassUID: '1.2.3',
    implementationVersionName: 'TEST',
    asynchronousOperations: { invoked: 1, performed: 3 },
    roles: [{ sopClassUID: '1.2.840.10008.5.1.4.1.1.2', scu: false, scp: true }],
    extended: [{ sopClassUID: '1.2.840.10008.5.1.4.1.2.2.1', information: Uint8Array.of(1, 0, 1) }],
    userIdentity: {
      type: 2,
      positiveResponseRequested: true,
      primaryField: Uint8Array.of(65),
      secondaryField: Uint8Array.of(66, 67),
    },
  };
  const head = {
    protocolVersion: 1,
    calledAeTitle: 'CALLED',
    callingAeTitle: 'CALLING',
    applicationContext: APPLICATION_CONTEXT,
    userInformation,
  };

  it('are read as they were written', () => {
    const request: AssociateRequest = {
      ...head,
      contexts: [
        { id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'] },
      ],
    };
    expect(decodeAssociateRequest(encodeAssociateRequest(request).subarray(6))).toEqual(request);
    const accept: AssociateAccept = {
      ...head,
      contexts: [
        { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' },
        { id: 3, result: 4, transferSyntax: '' },
      ],
    };
    expect(decodeAssociateAccept(encodeAssociateAccept(accept).subarray(6))).toEqual(accept);
  });

  it('are written as the standard lays them out', () => {
    const plain = {
      ...head,
      userInformation: {
        maxPduBytes: 16_384,
        implementationClassUID: '1.2.3.4',
        implementationVersionName: 'RAWPEER',
        roles: [],
        extended: [],
      },
    };
    const contexts = [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }];
    const written = encodeAssociateRequest({ ...plain, contexts });
    expect(written.toString('hex')).toBe(
      associateRequest({ calling: 'CALLING', called: 'CALLED', contexts }).toString('hex'),
    );
    expect(encodeAssociateReject({ result: 1, source: 1, reason: 3 }).toString('hex')).toBe('03000000000400010103');
    expect(encodeAbort({ source: 2, reason: 6 }).toString('hex')).toBe('07000000000400000206');
  });

  it('may have padded UIDs and unknown items', () => {
    const contexts = [{ id: 1, abstractSyntax: '1.2.840.10008.1.1\0', transferSyntaxes: ['1.2.840.10008.1.2 '] }];
    const decoded = decodeAssociateRequest(
      associateRequest({ contexts, userItems: [item(0x99, Buffer.from('?'))] }).subarray(6),
    );
    expect(decoded.contexts[0]).toEqual({
      id: 1,
      abstractSyntax: '1.2.840.10008.1.1',
      transferSyntaxes: ['1.2.840.10008.1.2'],
    });
  });

  it('throw nothing but protocol violations, whatever is in them', () => {
    const valid = encodeAssociateRequest({
      ...head,
      contexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    }).subarray(6);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, byte, length) => {
        const damaged = Buffer.from(valid);
        damaged[at] = byte;
        try {
          decodeAssociateRequest(damaged.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
