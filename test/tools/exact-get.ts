import { commandPdu, datasetPdus, RawPeer, RELEASE_REQUEST } from '@filmless/core/testing';
import { identifierBytes, TAG } from './find-request.ts';
import type { NodeProcess } from './node-process.ts';

const STUDY_ROOT_GET = '1.2.840.10008.5.1.4.1.2.2.3';
const IMPLICIT = '1.2.840.10008.1.2';
const C_STORE_RQ = 0x0001;
const C_GET_RSP = 0x8010;
const NO_DATA_SET = 0x0101;
/** Identifiers are odd, and the first is the query's. @dicom PS3.8 9.3.2.2 */
const MAX_STORAGE_CONTEXTS = 127;

export interface SopClassAndSyntax {
  sopClassUID: string;
  transferSyntaxUID: string;
}

/**
 * C-GET of studies by a peer that takes each SOP class in exactly the transfer syntaxes named, a context for each, which getscu cannot.
 * Resolves to the data sets that came, by SOP Instance UID.
 */
export async function getExactly(
  node: Pick<NodeProcess, 'dicomPort'>,
  studyInstanceUIDs: readonly string[],
  pairs: readonly SopClassAndSyntax[],
): Promise<Map<string, Buffer>> {
  if (pairs.length > MAX_STORAGE_CONTEXTS) throw new Error('more presentation contexts than an association has');
  const peer = await RawPeer.associate(node.dicomPort, {
    calling: 'EXACTPEER',
    maxPduBytes: 131_072,
    contexts: [
      { id: 1, abstractSyntax: STUDY_ROOT_GET, transferSyntaxes: [IMPLICIT] },
      ...pairs.map(({ sopClassUID, transferSyntaxUID }, i) => ({
        id: 2 * i + 3,
        abstractSyntax: sopClassUID,
        transferSyntaxes: [transferSyntaxUID],
      })),
    ],
    roles: [...new Set(pairs.map(({ sopClassUID }) => sopClassUID))].map((sopClassUID) => ({
      sopClassUID,
      scu: 0,
      scp: 1,
    })),
  });
  const us = (value: number) => ({ vr: 'US', Value: [value] });
  peer.send(
    commandPdu(1, {
      '00000002': { vr: 'UI', Value: [STUDY_ROOT_GET] },
      '00000100': us(0x0010),
      '00000110': us(1),
      '00000700': us(0),
      '00000800': us(0x0001),
    }),
    datasetPdus(
      1,
      identifierBytes({ [TAG.QueryRetrieveLevel]: 'STUDY', [TAG.StudyInstanceUID]: studyInstanceUIDs.join('\\') }),
    ),
  );
  const dataSets = new Map<string, Buffer>();
  for (;;) {
    const { contextId, command, status, dataset } = await peer.message();
    const field = command['00000100']?.Value?.[0];
    const text = (tag: string) => String(command[tag]?.Value?.[0] ?? '');
    if (field === C_STORE_RQ) {
      dataSets.set(text('00001000'), dataset ?? Buffer.alloc(0));
      peer.send(
        commandPdu(contextId, {
          '00000002': { vr: 'UI', Value: [text('00000002')] },
          '00000100': us(0x8001),
          '00000120': us(Number(text('00000110'))),
          '00000800': us(NO_DATA_SET),
          '00000900': us(0),
          '00001000': { vr: 'UI', Value: [text('00001000')] },
        }),
      );
    } else if (field === C_GET_RSP && (status & 0xff00) !== 0xff00) {
      peer.send(RELEASE_REQUEST);
      await peer.closed();
      peer.destroy();
      return dataSets;
    }
  }
}
