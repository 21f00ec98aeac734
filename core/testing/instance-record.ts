import { createHash } from 'node:crypto';
import type { InstanceRecord } from '../src/catalogue/contract.ts';

/** A small record for tests; `salt` makes another content for the same instance. */
export function makeInstanceRecord(
  SOPInstanceUID: string,
  salt = '',
  more: Partial<InstanceRecord> = {},
): InstanceRecord {
  return {
    SOPInstanceUID,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    StudyInstanceUID: '2.25.1',
    SeriesInstanceUID: '2.25.2',
    transferSyntaxUID: '1.2.840.10008.1.2.1',
    sha256: createHash('sha256').update(`${SOPInstanceUID} ${salt}`).digest('hex'),
    sizeBytes: 1000,
    datasetOffsetBytes: 300,
    dataset: {
      '00080018': { vr: 'UI', Value: [SOPInstanceUID] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Phantom^One', Ideographic: '\u6a21^\u4f53' }] },
    },
    bulkData: [{ path: '7FE00010', vr: 'OW', offsetBytes: 500, lengthBytes: 500 }],
    characterSet: { declared: ['ISO_IR 192'], used: ['ISO_IR 192'], cured: false },
    received: { at: '2026-01-01T00:00:00.000Z', via: 'dimse', source: 'CT1', address: '127.0.0.1' },
    ...more,
  };
}
