import {
  type DicomJson,
  type DimseRequest,
  type DimseService,
  decodeDataset,
  encodeDataset,
  IMPLICIT_VR_LITTLE_ENDIAN,
  SOP_CLASS,
} from '@filmless/core/plugin';
import { associateRequest, commandPdu, datasetPdus, RawPeer, until } from '@filmless/core/testing';
import { expect, it } from 'vitest';
import { type DimseTestNode, startDimseNode } from '../dimse-node.test-util.ts';

const WORKLIST = SOP_CLASS.ModalityWorklistInformationModelFind;
const contexts = [{ id: 1, abstractSyntax: WORKLIST, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] }];
const us = (value: number) => ({ vr: 'US', Value: [value] });
const findRequest: DicomJson = {
  '00000002': { vr: 'UI', Value: [WORKLIST] },
  '00000100': us(0x20),
  '00000110': us(3),
  '00000700': us(0),
  '00000800': us(1),
};
const identifier = encodeDataset({ '00100010': { vr: 'PN' } }, { transferSyntaxUID: IMPLICIT_VR_LITTLE_ENDIAN });

function worklist(permission: string, asked: DimseRequest[], fail = false): DimseService {
  return {
    services: ['C-FIND'],
    sopClassUID: WORKLIST,
    permission,
    async *handle(request) {
      asked.push(request);
      yield { status: 0xff00, dataset: { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'A^B' }] } } };
      if (fail) throw new Error('broken: patient A^B');
      yield { status: 0 };
    },
  };
}

/** The receivers are told a moment later. */
async function accepted(node: DimseTestNode): Promise<RawPeer> {
  let peer = await RawPeer.associate(node.dicomPort, { contexts });
  await until(async () => {
    peer.send(commandPdu(1, findRequest), datasetPdus(1, identifier));
    const answer = await peer.pdu();
    if (answer?.type === 0x04) return true;
    peer = await RawPeer.associate(node.dicomPort, { contexts });
    return false;
  });
  return peer;
}

it('is offered while it is contributed, and gets what was asked', async () => {
  const node = await startDimseNode({ workers: 1 });
  const before = await RawPeer.connect(node.dicomPort);
  before.send(associateRequest({ contexts }));
  expect((await before.pdu())?.body.includes(Buffer.from([0x21, 0, 0, 25, 1, 0, 3, 0]))).toBe(true);
  const asked: DimseRequest[] = [];
  const contribution = node.points.contribute('DimseService', `C-FIND:${WORKLIST}`, worklist('study.search', asked));
  await accepted(node);
  expect(asked[0]).toMatchObject({
    service: 'C-FIND',
    sopClassUID: WORKLIST,
    calling: { aeTitle: 'RAWPEER', address: '127.0.0.1' },
    dataset: { '00100010': { vr: 'PN' } },
  });
  await contribution.dispose();
});

it('is answered with its responses, or with a failure that tells nothing', async () => {
  const node = await startDimseNode({ workers: 0 });
  const asked: DimseRequest[] = [];
  const broken = node.points.contribute('DimseService', `C-FIND:${WORKLIST}`, worklist('study.search', asked, true));
  const peer = await RawPeer.associate(node.dicomPort, { contexts });
  peer.send(commandPdu(1, findRequest), datasetPdus(1, identifier));
  const match = await peer.message();
  expect(match.status).toBe(0xff00);
  expect(decodeDataset(match.dataset ?? Buffer.alloc(0), IMPLICIT_VR_LITTLE_ENDIAN)).toMatchObject({
    '00100010': { Value: [{ Alphabetic: 'A^B' }] },
  });
  const failure = await peer.message();
  expect(failure.status).toBe(0x0110);
  expect(JSON.stringify(failure.command)).not.toContain('A^B');
  await broken.dispose();

  node.points.contribute('DimseService', `C-FIND:${WORKLIST}`, worklist('plugin.manage', asked));
  peer.send(commandPdu(1, findRequest), datasetPdus(1, identifier));
  expect((await peer.message()).status).toBe(0x0124);
});
