import { z } from 'zod';
import { parsePath } from './paths.ts';

const path = z
  .string()
  .max(128)
  .refine((text) => parsePath(text) !== undefined, {
    error: ({ input }) => `${String(input).slice(0, 64)} is no path such as PID-5.1, PID-3[2].4 or OBX(3.1=113014)-5`,
  });
/** The first that has a value counts. */
const paths = z.array(path).max(16);
const codes = z.array(z.string().max(64)).max(64);

export const PURPOSES = ['patient', 'leave', 'merge', 'order', 'schedule', 'report', 'ignore'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What becomes of a message and where its values stand; what one HIS does otherwise is put over it, part by part. */
export const mappingSchema = z.strictObject({
  /** By MSH-9, e.g. `ADT^A01`; the last part may be `*`. */
  messages: z.record(
    z.string().regex(/^[A-Z0-9]{3}(\^([A-Z0-9]{3}|\*))?$/, 'a message type such as ADT^A01'),
    z.enum(PURPOSES),
  ),
  patient: z.strictObject({
    identifiers: path,
    /** Types of PID-3.5 that are numbers of the patient; the first of them that is there is the patient's ID. */
    identifierTypes: codes,
    name: path,
    birthDate: paths,
    sex: paths,
    /** `O`, an outpatient, lies nowhere. */
    patientClass: paths,
    ward: paths,
    room: paths,
    bed: paths,
  }),
  merge: z.strictObject({ identifiers: path }),
  order: z.strictObject({
    control: paths,
    placerNumber: paths,
    fillerNumber: paths,
    accessionNumber: paths,
    procedureCode: paths,
    procedureScheme: paths,
    procedureText: paths,
    modality: paths,
    bodyPart: paths,
    priority: paths,
    reason: paths,
    requestedBy: paths,
    requestingDepartment: paths,
    orderedAt: paths,
    scheduledAt: paths,
    scheduledStation: paths,
    status: paths,
  }),
  report: z.strictObject({
    externalId: paths,
    accessionNumber: paths,
    StudyInstanceUID: paths,
    status: paths,
    title: paths,
    author: paths,
    reviewer: paths,
    issuedAt: paths,
    textTypes: codes,
    /** OBX-3.1 or OBX-3.2 of what is the conclusion. */
    conclusion: codes,
    /** OBX-3.1 or OBX-3.2 of what is no text of the report. */
    leaveOut: codes,
  }),
  values: z.strictObject({
    sex: z.record(z.string(), z.enum(['M', 'F', 'O', ''])),
    priority: z.record(z.string(), z.enum(['routine', 'urgent', 'stat'])),
    modality: z.record(z.string(), z.string().regex(/^[A-Z0-9_]{1,16}$/)),
    control: z.record(z.string(), z.enum(['place', 'cancel', 'status', 'ignore'])),
    orderStatus: z.record(z.string(), z.enum(['ordered', 'scheduled', 'in-progress', 'completed', 'cancelled'])),
    reportStatus: z.record(z.string(), z.enum(['draft', 'reported', 'reviewed', 'amended', 'cancelled'])),
  }),
});
export type Mapping = z.infer<typeof mappingSchema>;

/** What a connection changes of the default: tables are added to, lists and paths take the place of others. */
export const mappingChangesSchema = z.strictObject({
  messages: mappingSchema.shape.messages.optional(),
  patient: mappingSchema.shape.patient.partial().optional(),
  merge: mappingSchema.shape.merge.optional(),
  order: mappingSchema.shape.order.partial().optional(),
  report: mappingSchema.shape.report.partial().optional(),
  values: mappingSchema.shape.values.partial().optional(),
});
export type MappingChanges = z.infer<typeof mappingChangesSchema>;

export function withChanges(mapping: Mapping, changes: MappingChanges = {}): Mapping {
  const values = { ...mapping.values };
  for (const [name, table] of Object.entries(changes.values ?? {})) {
    const key = name as keyof Mapping['values'];
    Object.assign(values, { [key]: { ...mapping.values[key], ...table } });
  }
  return mappingSchema.parse({
    messages: { ...mapping.messages, ...changes.messages },
    patient: { ...mapping.patient, ...changes.patient },
    merge: { ...mapping.merge, ...changes.merge },
    order: { ...mapping.order, ...changes.order },
    report: { ...mapping.report, ...changes.report },
    values,
  });
}

export function purposeOf(mapping: Mapping, type: string): Purpose | undefined {
  const [message = ''] = type.split('^');
  return mapping.messages[type] ?? mapping.messages[`${message}^*`];
}
