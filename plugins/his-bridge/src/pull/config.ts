import { z } from 'zod';
import { mappingSchema } from './mapping.ts';

const name = z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/, '1 to 32 letters, digits, _ . -');

/** A view that a HIS offers over HTTP: pages of JSON rows. */
export const restSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  authorizationFile: z.string().min(1).optional().describe('File with the value of the Authorization header'),
  items: z
    .string()
    .max(256)
    .default('')
    .describe('Where the rows are in the answer, `data.rows`; empty: the answer itself'),
  sinceParameter: z.string().min(1).max(64).default('since'),
  page: z
    .strictObject({
      by: z.enum(['page', 'offset']),
      parameter: z.string().min(1).max(64),
      first: z.int().min(0).max(1).default(1).describe('Number of the first page'),
      sizeParameter: z.string().min(1).max(64).default('size'),
      size: z.int().min(1).max(10_000).default(200),
    })
    .optional()
    .describe('Absent: one answer has all rows'),
  timeoutMs: z.int().min(100).max(600_000).default(30_000),
});

const pullSchema = z.strictObject({
  name: name.describe('Names the system in orders and in the history of patients'),
  from: z.union([
    z.strictObject({ rest: restSchema }),
    z.strictObject({
      rowSource: z.string().min(1).max(128).describe('Key of the RowSource point, brought by another plugin'),
    }),
  ]),
  mapping: mappingSchema,
  position: z
    .string()
    .min(1)
    .max(128)
    .describe('Column that grows with every change of the view, which is ordered by it'),
  everySeconds: z.int().min(1).max(86_400).default(300),
});
export type PullSettings = z.infer<typeof pullSchema>;

/** The key `pull` of the plugin's configuration. */
export const pullConfig = z
  .array(pullSchema)
  .max(20)
  .default([])
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'two pulls have the same name');
export type PullConfig = z.infer<typeof pullConfig>;
