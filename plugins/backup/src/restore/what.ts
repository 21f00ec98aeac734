import { z } from 'zod';

/** What is to come back. A day, `20261124`, is that of the study, or of its arrival where it has no date. */
export const whatSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('study'),
    StudyInstanceUID: z.string().regex(/^[0-9.]{1,64}$/, 'a UID'),
  }),
  z.strictObject({ kind: z.literal('day'), day: z.string().regex(/^\d{8}$/, 'a day: 20261124') }),
  z.strictObject({ kind: z.literal('all') }),
]);
export type RestoreWhat = z.infer<typeof whatSchema>;
