import { z } from 'zod';
import { isAcceptableUid } from '../dicom/uids.ts';
import type { ReportVersion } from './contract.ts';

const uid = z.string().refine(isAcceptableUid, 'not a UID');
const line = z.string().max(1024);
const longText = z.string().max(512 * 1024);

export const reportImageSchema = z.strictObject({
  study: uid,
  series: uid,
  instance: uid,
  frame: z.int().min(1).optional(),
  window: z.strictObject({ center: z.number(), width: z.number().positive() }).optional(),
  annotation: uid.optional(),
});

export const reportDocumentSchema = z.strictObject({
  mediaType: z.literal('application/pdf'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(0),
});

/** What is the same in a delivery and in a version. */
export const reportContentShape = {
  patient: z.strictObject({ id: line.min(1), issuer: line.optional(), name: line.optional() }),
  StudyInstanceUID: uid.optional(),
  accessionNumber: line.optional(),
  status: z.enum(['draft', 'reported', 'reviewed', 'amended', 'cancelled']),
  document: reportDocumentSchema.optional(),
};

export const reportTextsShape = { title: line, text: longText, conclusion: longText, author: line, reviewer: line };

/** A version as it lies in the document store. */
export const reportVersionSchema: z.ZodType<ReportVersion> = z.object({
  ...reportContentShape,
  ...reportTextsShape,
  reportId: z.string(),
  version: z.int().min(1),
  issuedAt: z.string(),
  keyImages: z.array(reportImageSchema),
  source: z.object({
    via: z.enum(['rest', 'hl7', 'dicom', 'user']),
    system: z.string(),
    externalId: z.string().optional(),
    messageId: z.string().optional(),
  }),
  receivedAt: z.string(),
  event: z.enum(['drafted', 'issued', 'amended']),
}) as z.ZodType<ReportVersion>;
