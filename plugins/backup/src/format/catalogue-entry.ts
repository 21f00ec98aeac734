import { createHash } from 'node:crypto';
import type { DicomJson, InstanceRecord } from '@filmless/core/plugin';
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** As `InstanceRecord`; its data set was checked by the reader that made it. */
const recordSchema = z.object({
  SOPInstanceUID: z.string(),
  SOPClassUID: z.string(),
  StudyInstanceUID: z.string(),
  SeriesInstanceUID: z.string(),
  transferSyntaxUID: z.string(),
  sha256,
  sizeBytes: z.number(),
  datasetOffsetBytes: z.number(),
  dataset: z.custom<DicomJson>((value) => typeof value === 'object' && value !== null),
  bulkData: z.array(
    z.object({
      path: z.string(),
      vr: z.string(),
      offsetBytes: z.number(),
      lengthBytes: z.number(),
      inflated: z.boolean().optional(),
    }),
  ),
  characterSet: z.object({ declared: z.array(z.string()), used: z.array(z.string()), cured: z.boolean() }),
  received: z.object({
    at: z.string(),
    via: z.enum(['dimse', 'stow', 'import', 'capture', 'replication', 'rebuild']),
    source: z.string(),
    address: z.string().optional(),
    department: z.string().optional(),
  }),
});

export const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('instance'),
    /** Where it lies, from the root. */
    path: z.string(),
    /** Of the file as it lies there; another than the record's when it is encrypted. */
    storedSha256: sha256,
    storedBytes: z.number(),
    copiedAt: z.string(),
    /** The catalogue's record: its `sha256` is of the Part 10 file as it was received. */
    record: recordSchema,
    /** Came under the UID of another data set, and waited for a person's decision when it was copied. */
    isConflict: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('document'),
    /** `reports`, `patients` or `orders`. */
    database: z.string(),
    id: z.string(),
    copiedAt: z.string(),
    /** With its revision, as `Replication.target` takes it; null once it was removed. */
    document: z.record(z.string(), z.unknown()).nullable(),
  }),
]);
export type CatalogueEntry = z.infer<typeof entrySchema>;
export type InstanceEntry = Extract<CatalogueEntry, { kind: 'instance' }>;
export type DocumentEntry = Extract<CatalogueEntry, { kind: 'document' }>;

/** The record: a line that was read lacks what a record lacks, and never holds `undefined` in its place. */
export const recordOf = ({ record }: InstanceEntry): InstanceRecord => record as InstanceRecord;

const lineSchema = z.object({ check: z.string(), entry: z.unknown() });
const checkOf = (entry: string): string => createHash('sha256').update(entry).digest('hex').slice(0, 16);

/** One line of `CATALOG/*.ndjson`: `{"check":"…","entry":{…}}`; the check is of the entry's own text, so that a line says itself whether it is whole. */
export function encodeEntry(entry: CatalogueEntry): string {
  const text = JSON.stringify(entry);
  return `{"check":"${checkOf(text)}","entry":${text}}\n`;
}

/** Undefined for a line that is damaged, or was cut off. */
export function decodeEntry(line: string): CatalogueEntry | undefined {
  try {
    const { check, entry } = lineSchema.parse(JSON.parse(line));
    return checkOf(JSON.stringify(entry)) === check ? entrySchema.parse(entry) : undefined;
  } catch {
    return undefined;
  }
}
