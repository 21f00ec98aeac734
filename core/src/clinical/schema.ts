import { z } from 'zod';
import type { Order, Patient, PatientIdentifier } from './contract.ts';

/** Names of the documents. */
export const PATIENT_PREFIX = 'patient:';
export const ORDER_PREFIX = 'order:';

const line = z.string().max(1024);

export const identifierSchema = z.object({ id: line, issuer: line });

export const demographicsSchema = z.object({
  name: line.optional(),
  sex: z.enum(['M', 'F', 'O', '']).optional(),
  birthDate: z
    .string()
    .regex(/^(\d{8})?$/)
    .optional(),
});

/** A person as it lies in the document store. */
export interface PatientDocument extends Patient {
  /** Identities that the last change was about: what of theirs was projected is made anew. */
  touched: PatientIdentifier[];
}

export const patientSchema = z.object({
  key: z.string(),
  identifiers: z.array(identifierSchema),
  demographics: demographicsSchema,
  location: z.object({ ward: line, room: line, bed: line }).optional(),
  status: z.enum(['active', 'merged']),
  mergedInto: z.string().optional(),
  history: z.array(
    z.object({
      at: z.string(),
      by: z.string(),
      what: z.enum(['registered', 'updated', 'merged', 'unmerged', 'corrected']),
      detail: z.string(),
    }),
  ),
  touched: z.array(identifierSchema),
}) as unknown as z.ZodType<PatientDocument>;

export const linkSchema = z.object({ key: z.string() });

export const assignmentSchema = z.object({
  StudyInstanceUID: z.string(),
  to: identifierSchema.nullable(),
  history: z.array(z.object({ at: z.string(), by: z.string(), to: identifierSchema.nullable() })),
});
export type Assignment = z.infer<typeof assignmentSchema>;

export const orderStatusSchema = z.enum(['ordered', 'scheduled', 'in-progress', 'completed', 'cancelled']);

export const orderSchema = z.object({
  placerNumber: line,
  system: line,
  fillerNumber: line,
  accessionNumber: line,
  patient: identifierSchema,
  status: orderStatusSchema,
  procedure: z.object({ code: line, scheme: line, text: line }),
  modality: line,
  bodyPart: line,
  priority: z.enum(['routine', 'urgent', 'stat']),
  reason: z.string().max(64 * 1024),
  requestedBy: line,
  requestingDepartment: line,
  orderedAt: line,
  scheduledAt: line.optional(),
  scheduledStation: line.optional(),
  studyInstanceUids: z.array(z.string()),
  history: z.array(z.object({ at: z.string(), by: z.string(), status: orderStatusSchema, detail: z.string() })),
}) as unknown as z.ZodType<Order>;
