import { z } from 'zod';
import type { DicomJson } from '../dicom/types.ts';
import type { ConflictRecord, InstanceRecord } from './contract.ts';

export const INSTANCE_PREFIX = 'instance:';
export const CONFLICT_PREFIX = 'conflict:';
export const SUPERSEDED_PREFIX = 'superseded:';
/** Sorts after every character of an identifier, in LevelDB's order and in CouchDB's. */
export const LAST = '\ufff0';

export const instanceId = (SOPInstanceUID: string) => `${INSTANCE_PREFIX}${SOPInstanceUID}`;

const Via = z.enum(['dimse', 'stow', 'import', 'capture', 'replication', 'rebuild']);

/**
 * How a record lies in the database. The data set is a string: PouchDB copies, hashes and parses every nested object several
 * times per write (three times the processor time at 5 KiB), and its odd keys could be taken for PouchDB's own.
 */
const InstanceDocument = z.object({
  SOPInstanceUID: z.string(),
  SOPClassUID: z.string(),
  StudyInstanceUID: z.string(),
  SeriesInstanceUID: z.string(),
  transferSyntaxUID: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  datasetOffsetBytes: z.number(),
  characterSet: z.object({ declared: z.array(z.string()), used: z.array(z.string()), cured: z.boolean() }),
  received: z.object({
    at: z.string(),
    via: Via,
    source: z.string(),
    address: z.string().optional(),
    department: z.string().optional(),
  }),
  datasetJson: z.string(),
  bulkDataJson: z.string(),
});
type InstanceDocument = z.infer<typeof InstanceDocument>;

const BulkData = z.array(
  z.object({
    path: z.string(),
    vr: z.string(),
    offsetBytes: z.number(),
    lengthBytes: z.number(),
    inflated: z.boolean().optional(),
  }),
);

const ConflictDocument = z.object({
  id: z.string(),
  SOPInstanceUID: z.string(),
  existing: z.object({ sha256: z.string(), receivedAt: z.string(), source: z.string() }),
  received: InstanceDocument,
  status: z.enum(['open', 'kept-existing', 'kept-received']),
  decidedBy: z.string().optional(),
  decidedAt: z.string().optional(),
});

/** The document of a record, without `_id`. */
export function toInstanceDocument(record: InstanceRecord): InstanceDocument {
  const { dataset, bulkData, characterSet, received } = record;
  return {
    SOPInstanceUID: record.SOPInstanceUID,
    SOPClassUID: record.SOPClassUID,
    StudyInstanceUID: record.StudyInstanceUID,
    SeriesInstanceUID: record.SeriesInstanceUID,
    transferSyntaxUID: record.transferSyntaxUID,
    sha256: record.sha256,
    sizeBytes: record.sizeBytes,
    datasetOffsetBytes: record.datasetOffsetBytes,
    characterSet,
    received,
    datasetJson: JSON.stringify(dataset),
    bulkDataJson: JSON.stringify(bulkData),
  };
}

/** Throws when the document is not one of ours. */
export function fromInstanceDocument(document: unknown): InstanceRecord {
  return toRecord(InstanceDocument.parse(document));
}

function toRecord({ datasetJson, bulkDataJson, ...fields }: InstanceDocument): InstanceRecord {
  // The data set was checked by the reader that made it; it is as large as all the rest together many times over.
  const dataset = JSON.parse(datasetJson) as DicomJson;
  const { received, ...others } = fields;
  const { address, department, ...always } = received;
  return {
    ...others,
    dataset,
    bulkData: BulkData.parse(JSON.parse(bulkDataJson)).map(({ inflated, ...item }) =>
      inflated === undefined ? item : { ...item, inflated },
    ),
    received: { ...always, ...(address !== undefined && { address }), ...(department !== undefined && { department }) },
  };
}

export function toConflictDocument(conflict: ConflictRecord): z.infer<typeof ConflictDocument> {
  return { ...conflict, received: toInstanceDocument(conflict.received) };
}

export function fromConflictDocument(document: unknown): ConflictRecord {
  const { received, decidedBy, decidedAt, ...fields } = ConflictDocument.parse(document);
  return {
    ...fields,
    received: toRecord(received),
    ...(decidedBy !== undefined && { decidedBy }),
    ...(decidedAt !== undefined && { decidedAt }),
  };
}
