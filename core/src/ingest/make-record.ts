import type { InstanceRecord, InstanceSource } from '../catalogue/contract.ts';
import type { InstanceHeader } from '../dicom/types.ts';
import type { BlobStat } from '../storage/contract.ts';

/** The record of an instance that came as `blob` at `at` (ISO 8601). */
export function makeRecord(header: InstanceHeader, blob: BlobStat, source: InstanceSource, at: string): InstanceRecord {
  return {
    SOPInstanceUID: header.SOPInstanceUID,
    SOPClassUID: header.SOPClassUID,
    StudyInstanceUID: header.StudyInstanceUID,
    SeriesInstanceUID: header.SeriesInstanceUID,
    transferSyntaxUID: header.transferSyntaxUID,
    sha256: blob.sha256,
    sizeBytes: blob.sizeBytes,
    datasetOffsetBytes: header.datasetOffsetBytes,
    dataset: header.dataset,
    bulkData: header.bulkData,
    characterSet: header.characterSet,
    received: receivedFrom(source, at),
  };
}

/** What a record keeps of where its instance came from. */
export function receivedFrom(source: InstanceSource, at: string): InstanceRecord['received'] {
  return {
    at,
    via: source.via,
    source: source.name,
    ...(source.address !== undefined && { address: source.address }),
    ...(source.department !== undefined && { department: source.department }),
  };
}
