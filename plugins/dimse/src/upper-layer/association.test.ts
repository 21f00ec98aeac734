import {
  ABORT_REQUEST,
  associateRequest,
  commandPdu,
  DEFAULT_CONTEXTS,
  dataPdu,
  echoCommand,
  item,
  pdu,
  pdv,
  RawPeer,
  RELEASE_REQUEST,
  storeCommand,
} from '@filmless/core/testing';
import { describe, expect, it } from 'vitest';
import { startDimseNode } from '../dimse-node.test-util.ts';

const startNode = (limits: object = {}, more: object = {}) => startDimseNode({ workers: 0, limits, ...more });
const ABORT = 0x07;
const REJECT = 0x03;

describe('an association', () => {
  it('is accepted, verified and released', async () => {
    const node = await startNode();
    const peer = await RawPeer.associate(node.dicomPort);
    peer.send(commandPdu(1, echoCommand(7)));
    const { status, command } = await peer.message();
    expect(status).toBe(0);
    expect(command['00000100']?.Value).toEqual([0x8030]);
    expect(command['00000120']?.Value).toEqual([7]);
    peer.send(RELEASE_REQUEST);
    expect((await peer.pdu())?.type).toBe(0x06);
    await peer.closed();
  });

  it('is the same when every byte comes alone', async () => {
    const node = await startNode();
    const peer = await RawPeer.connect(node.dicomPort);
    await peer.sendInPieces(associateRequest());
    expect((await peer.pdu())?.type).toBe(0x02);
    await peer.sendInPieces(
      Buffer.concat([commandPdu(1, echoCommand(1)), commandPdu(1, echoCommand(2)), RELEASE_REQUEST]),
    );
    expect((await peer.message()).command['00000120']?.Value).toEqual([1]);
    expect((await peer.message()).command['00000120']?.Value).toEqual([2]);
    expect((await peer.pdu())?.type).toBe(0x06);
  });

  it('is the same when everything comes at once, before the answer', async () => {
    const node = await startNode();
    const peer = await RawPeer.connect(node.dicomPort);
    peer.send(Buffer.concat([associateRequest(), commandPdu(1, echoCommand(1)), RELEASE_REQUEST]));
    expect((await peer.pdu())?.type).toBe(0x02);
    expect((await peer.message()).status).toBe(0);
    expect((await peer.pdu())?.type).toBe(0x06);
  });

  it('takes a command in many fragments and several fragments in one PDU', async () => {
    const node = await startNode();
    const peer = await RawPeer.associate(node.dicomPort);
    const command = commandPdu(1, echoCommand(1)).subarray(12);
    const pieces = [...command].map((byte, i) => pdv(1, i === command.length - 1 ? 3 : 1, Uint8Array.of(byte)));
    peer.send(dataPdu(...pieces.slice(0, 20)), dataPdu(...pieces.slice(20)));
    expect((await peer.message()).status).toBe(0);
    // An empty last fragment is as good.
    peer.send(dataPdu(pdv(1, 1, command)), dataPdu(pdv(1, 3, new Uint8Array(0))));
    expect((await peer.message()).status).toBe(0);
  });

  it('answers every presentation context', async () => {
    const node = await startNode();
    const peer = await RawPeer.connect(node.dicomPort);
    const contexts = [
      ...DEFAULT_CONTEXTS,
      { id: 5, abstractSyntax: '1.2.3.4.5.6', transferSyntaxes: ['1.2.840.10008.1.2'] },
      { id: 7, abstractSyntax: '1.2.840.10008.5.1.4.1.1.4', transferSyntaxes: ['1.2.3.4.99'] },
      {
        id: 9,
        abstractSyntax: '1.2.840.10008.5.1.4.1.1.4',
        transferSyntaxes: ['1.2.3.4.99', '1.2.840.10008.1.2', '1.2.840.10008.1.2.1'],
      },
      {
        id: 11,
        abstractSyntax: '1.2.840.10008.5.1.4.1.1.4',
        transferSyntaxes: ['1.2.840.10008.1.2.4.70', '1.2.840.10008.1.2.1'],
      },
    ];
    peer.send(associateRequest({ contexts }));
    const accept = await peer.pdu();
    expect(contextResults(accept?.body ?? Buffer.alloc(0))).toEqual([
      { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' },
      { id: 3, result: 0, transferSyntax: '1.2.840.10008.1.2.1' },
      { id: 5, result: 3, transferSyntax: expect.any(String) },
      { id: 7, result: 4, transferSyntax: expect.any(String) },
      { id: 9, result: 0, transferSyntax: '1.2.840.10008.1.2.1' },
      { id: 11, result: 0, transferSyntax: '1.2.840.10008.1.2.4.70' },
    ]);
  });

  it('sends no PDU longer than the peer takes', async () => {
    const node = await startNode();
    const peer = await RawPeer.associate(node.dicomPort, { maxPduBytes: 128 });
    peer.send(commandPdu(1, echoCommand(1)));
    const first = await peer.pdu();
    expect(first?.body.length).toBeLessThanOrEqual(128);
  });
});

describe('a peer that breaks the protocol', () => {
  const abuses: { what: string; bytes: () => Buffer; reason: number }[] = [
    { what: 'an unknown PDU type', bytes: () => pdu(0x99, Buffer.alloc(10)), reason: 1 },
    { what: 'a P-DATA PDU of 4 GiB', bytes: () => pdu(0x04, Buffer.alloc(0), 0xffffffff), reason: 6 },
    {
      what: 'a P-DATA PDU one byte longer than announced',
      bytes: () => pdu(0x04, Buffer.alloc(0), 131_073),
      reason: 6,
    },
    { what: 'a P-DATA PDU without a fragment', bytes: () => pdu(0x04, Buffer.alloc(0)), reason: 6 },
    { what: 'a fragment longer than its PDU', bytes: () => dataPdu(pdv(1, 3, Buffer.alloc(10), 5000)), reason: 6 },
    { what: 'a fragment of 4 GiB', bytes: () => dataPdu(pdv(1, 3, Buffer.alloc(10), 0xffffffff)), reason: 6 },
    { what: 'a fragment shorter than its header', bytes: () => dataPdu(pdv(1, 3, Buffer.alloc(10), 1)), reason: 6 },
    { what: 'a fragment header cut off', bytes: () => dataPdu(pdv(1, 1, Buffer.alloc(4)), Buffer.alloc(3)), reason: 6 },
    {
      what: 'a presentation context that was not accepted',
      bytes: () => dataPdu(pdv(77, 3, Buffer.alloc(4))),
      reason: 6,
    },
    { what: 'a data set without a command', bytes: () => dataPdu(pdv(3, 2, Buffer.alloc(4))), reason: 5 },
    {
      what: 'a command inside a data set',
      bytes: () => Buffer.concat([commandPdu(3, storeCommand(1, '1.2.3')), commandPdu(3, storeCommand(2, '1.2.3'))]),
      reason: 5,
    },
    {
      what: 'fragments of two contexts mixed',
      bytes: () => Buffer.concat([commandPdu(3, storeCommand(1, '1.2.3')), dataPdu(pdv(1, 0, Buffer.alloc(4)))]),
      reason: 6,
    },
    { what: 'a command set that is none', bytes: () => dataPdu(pdv(1, 3, Buffer.from('no command set'))), reason: 0 },
    {
      what: 'a command set without end',
      bytes: () => Buffer.concat(Array.from({ length: 6 }, () => dataPdu(pdv(1, 1, Buffer.alloc(16_000))))),
      reason: 6,
    },
    { what: 'a second association request', bytes: () => associateRequest(), reason: 2 },
    { what: 'a release response nobody asked for', bytes: () => pdu(0x06, Buffer.alloc(4)), reason: 2 },
    { what: 'a release request of the wrong length', bytes: () => pdu(0x05, Buffer.alloc(400)), reason: 6 },
  ];

  it.each(abuses)('is aborted: $what', async ({ bytes, reason }) => {
    const node = await startNode();
    const peer = await RawPeer.associate(node.dicomPort);
    peer.send(bytes());
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2, reason });
    await peer.closed();
    const next = await RawPeer.associate(node.dicomPort);
    next.send(commandPdu(1, echoCommand(1)));
    expect((await next.message()).status).toBe(0);
  });

  const early: { what: string; bytes: () => Buffer; reason: number }[] = [
    { what: 'P-DATA before the association', bytes: () => commandPdu(1, echoCommand(1)), reason: 2 },
    { what: 'a release before the association', bytes: () => RELEASE_REQUEST, reason: 2 },
    { what: 'something else than DICOM', bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), reason: 1 },
    { what: 'an association request of 4 GiB', bytes: () => pdu(0x01, Buffer.alloc(0), 0xffffffff), reason: 6 },
    { what: 'an association request of nothing', bytes: () => pdu(0x01, Buffer.alloc(4)), reason: 6 },
    {
      what: 'the same context twice',
      bytes: () => associateRequest({ contexts: [...DEFAULT_CONTEXTS, ...DEFAULT_CONTEXTS.slice(0, 1)] }),
      reason: 6,
    },
    {
      what: 'an even context',
      bytes: () =>
        associateRequest({
          contexts: [{ id: 2, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
        }),
      reason: 6,
    },
    {
      what: 'an item longer than what encloses it',
      bytes: () => associateRequest({ userItems: [Buffer.from([0x55, 0, 0xff, 0xff])] }),
      reason: 6,
    },
    {
      what: 'a role for something longer than the item',
      bytes: () => associateRequest({ userItems: [item(0x54, Buffer.from([0xff, 0xff, 1]))] }),
      reason: 6,
    },
  ];

  it.each(early)('is aborted: $what', async ({ bytes, reason }) => {
    const node = await startNode();
    const peer = await RawPeer.connect(node.dicomPort);
    peer.send(bytes());
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2, reason });
    await peer.closed();
  });

  it('may abort at any moment', async () => {
    const node = await startNode();
    for (const last of [
      Buffer.alloc(0),
      commandPdu(3, storeCommand(1, '1.2.3')),
      dataPdu(pdv(1, 1, Buffer.alloc(3))),
    ]) {
      const peer = await RawPeer.associate(node.dicomPort);
      peer.send(last, ABORT_REQUEST);
      await peer.closed();
    }
    const next = await RawPeer.associate(node.dicomPort);
    next.send(commandPdu(1, echoCommand(1)));
    expect((await next.message()).status).toBe(0);
  });
});

describe('a peer that keeps us waiting', () => {
  it('is aborted when it never asks for an association', async () => {
    const node = await startNode({ associateTimeoutMs: 50 });
    const peer = await RawPeer.connect(node.dicomPort);
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2 });
  });

  it('is aborted when its association request trickles in', async () => {
    const node = await startNode({ associateTimeoutMs: 100 });
    const peer = await RawPeer.connect(node.dicomPort);
    void trickle(peer, associateRequest());
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2 });
  });

  it('is aborted when it is idle', async () => {
    const node = await startNode({ idleTimeoutMs: 100 });
    const peer = await RawPeer.associate(node.dicomPort);
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2 });
  });

  it('is aborted when it falls silent inside a PDU, and inside a data set', async () => {
    const node = await startNode({ silenceTimeoutMs: 50 });
    for (const begun of [Buffer.from([0x04, 0, 0]), commandPdu(3, storeCommand(1, '1.2.3'))]) {
      const peer = await RawPeer.associate(node.dicomPort);
      peer.send(begun);
      expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2 });
    }
  });

  it('is aborted when its data set trickles in', async () => {
    const node = await startNode({ silenceTimeoutMs: 100 });
    const peer = await RawPeer.associate(node.dicomPort);
    peer.send(commandPdu(3, storeCommand(1, '1.2.3')));
    void trickle(peer, Buffer.concat(Array.from({ length: 500 }, () => dataPdu(pdv(3, 0, Buffer.alloc(1))))));
    expect(await peer.ending()).toMatchObject({ type: ABORT, source: 2 });
  });
});

describe('a peer that leaves', () => {
  it('may close the connection without a word', async () => {
    const node = await startNode({ maxAssociations: 1 });
    for (let i = 0; i < 3; i++) {
      const peer = await RawPeer.associate(node.dicomPort);
      peer.socket.end();
      await peer.closed();
    }
    const last = await RawPeer.associate(node.dicomPort);
    last.send(commandPdu(1, echoCommand(1)));
    expect((await last.message()).status).toBe(0);
  });
});

describe('an association that is not accepted', () => {
  it('says why', async () => {
    const node = await startNode();
    const ask = async (options: Parameters<typeof associateRequest>[0]) => {
      const peer = await RawPeer.connect(node.dicomPort);
      peer.send(associateRequest(options));
      return peer.ending();
    };
    expect(await ask({ called: 'ELSEWHERE' })).toEqual({ type: REJECT, result: 1, source: 1, reason: 7 });
    expect(await ask({ calling: '' })).toEqual({ type: REJECT, result: 1, source: 1, reason: 3 });
    expect(await ask({ applicationContext: '1.2.3' })).toEqual({ type: REJECT, result: 1, source: 1, reason: 2 });
    expect(await ask({ protocolVersion: 2 })).toEqual({ type: REJECT, result: 1, source: 2, reason: 2 });
  });

  it('is one too many', async () => {
    const node = await startNode({ maxAssociations: 3, maxAssociationsPerDevice: 2 });
    const ask = async (calling: string) => {
      const peer = await RawPeer.connect(node.dicomPort);
      peer.send(associateRequest({ calling }));
      const answer = await peer.pdu();
      return { peer, answer: [...(answer?.body.subarray(1, 4) ?? [])], type: answer?.type };
    };
    const first = await ask('A');
    expect([first.type, (await ask('A')).type]).toEqual([2, 2]);
    expect(await ask('A')).toMatchObject({ type: REJECT, answer: [2, 3, 2] });
    expect((await ask('B')).type).toBe(2);
    expect(await ask('B')).toMatchObject({ type: REJECT, answer: [2, 3, 2] });
    first.peer.send(RELEASE_REQUEST);
    await first.peer.closed();
    expect((await ask('B')).type).toBe(2);
  });

  it('comes too often from one address', async () => {
    const node = await startNode({ maxAssociationsPerMinute: 3 });
    for (let i = 0; i < 3; i++) (await RawPeer.associate(node.dicomPort)).send(RELEASE_REQUEST);
    const peer = await RawPeer.connect(node.dicomPort);
    peer.send(associateRequest());
    expect(await peer.ending()).toEqual({ type: REJECT, result: 2, source: 3, reason: 1 });
  });

  it('may be for any AE title where the site says so', async () => {
    const node = await startNode({}, { calledAeTitle: 'any' });
    const peer = await RawPeer.associate(node.dicomPort, { called: 'ELSEWHERE' });
    peer.send(RELEASE_REQUEST);
    expect((await peer.pdu())?.type).toBe(0x06);
  });
});

async function trickle(peer: RawPeer, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (peer.socket.destroyed) return;
    peer.send(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function contextResults(body: Buffer): { id: number; result: number; transferSyntax: string }[] {
  const results: { id: number; result: number; transferSyntax: string }[] = [];
  for (let at = 68; at < body.length; at += 4 + body.readUInt16BE(at + 2)) {
    if (body[at] !== 0x21) continue;
    const length = body.readUInt16BE(at + 10);
    results.push({
      id: body[at + 4] ?? 0,
      result: body[at + 6] ?? 0,
      transferSyntax: body.toString('latin1', at + 12, at + 12 + length),
    });
  }
  return results;
}
