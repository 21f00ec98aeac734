import { z } from 'zod';

export const configSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the queue and of the passwords of destinations; `forwarding` in the data folder when absent'),
  connections: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('At once to one destination, where it has no figure of its own'),
  idleSeconds: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(5)
    .describe('A connection stays open so long for what comes next'),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe(
      'A destination that has no room for an image, or ends the connection over it, is asked so often before the image is set aside',
    ),
  warnAfterMinutes: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(30)
    .describe('Warn when something waits longer than this'),
  keepDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(180)
    .describe('What was delivered is known image by image for so long, afterwards study by study'),
  stow: z
    .strictObject({
      ca: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file of who signs the certificates of STOW-RS servers; the usual authorities when absent'),
      instancesPerRequest: z.number().int().min(1).max(256).default(16),
      timeoutMs: z.number().int().min(1000).max(3_600_000).default(120_000).describe('The server does not answer'),
    })
    .prefault({}),
});
export type ForwardingConfig = z.infer<typeof configSchema>;
