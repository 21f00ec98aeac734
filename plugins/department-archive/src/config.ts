import { z } from 'zod';

export const ROLES = ['department', 'centre', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

const hour = z.number().int().min(0).max(24);

export const configSchema = z.strictObject({
  role: z
    .enum(ROLES)
    .optional()
    .describe('What this node is in the hospital. Absent: alone, until a join code makes it one'),
  linkHost: z.string().min(1).default('127.0.0.1').describe('Where other nodes reach this one; loopback unless set'),
  linkPort: z.number().int().min(0).max(65_535).default(11_443).describe('Port of the link between nodes'),
  linkAddress: z
    .string()
    .regex(/^[^\s/]+:\d+$/, 'host:port')
    .optional()
    .describe('host:port under which other nodes reach the link, when not linkHost and linkPort'),
  streams: z.number().int().min(1).max(32).default(4).describe('How many images are fetched at once in the background'),
  bandwidth: z
    .array(
      z.strictObject({
        from: hour.describe('First hour of the day'),
        to: hour.describe('Hour at which it ends'),
        bytesPerSecond: z.number().int().min(1024),
      }),
    )
    .default([])
    .describe('Limits of fetching in the background by hour of day; what somebody looks at is never held back'),
  cacheBytes: z
    .number()
    .int()
    .min(1024 * 1024)
    .default(50 * 1024 ** 3)
    .describe('Gateway: how much of its disk images may take; those that came first go first'),
  warnLagSeconds: z.number().int().min(1).default(300).describe('Warn when images have been missing for so long'),
});
export type ArchiveConfig = z.infer<typeof configSchema>;
