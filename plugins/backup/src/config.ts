import { z } from 'zod';

export const configSchema = z.strictObject({
  mounts: z
    .array(z.string().min(1))
    .default([])
    .describe('Folders where removable disks appear: each is a disk itself, or every folder in it may be one'),
  allowSameDevice: z
    .boolean()
    .default(false)
    .describe(
      'Folders on the same disk as the data count as backup disks too: for network shares seen so, and for trying out',
    ),
  directory: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of this plugin's notes; `backup` in the data folder when absent"),
  scanSeconds: z.number().min(0.05).max(3600).default(5).describe('How often it is looked which disks are there'),
  keepFreeMiB: z
    .number()
    .min(0)
    .max(1_000_000)
    .default(2048)
    .describe('Room left on each disk for its directory and snapshots; then the next disk is used'),
  maxMiBPerSecond: z.number().min(1).max(10_000).default(100).describe('Copying takes no more of disk and processor'),
  verifyEveryDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(60)
    .describe('Copies on attached disks are read again and compared within so many days'),
  verifyMiBPerSecond: z.number().min(1).max(10_000).default(20),
  lagMinutes: z.number().min(1).max(10_000).default(10).describe('Warn when something waits longer for its copy'),
  warnDaysBeforeFull: z.number().int().min(0).max(3650).default(30),
  recipient: z
    .string()
    .regex(/^age1[0-9a-z]+$/, 'a public key of age: age1…')
    .optional()
    .describe('Public key (age) that new disks are encrypted for; the secret key stays with the hospital'),
  snapshotEveryHours: z
    .number()
    .min(0.1)
    .max(720)
    .default(24)
    .describe('Accounts, settings, reports, audit log and catalogue are written to each disk so often'),
  keepSnapshots: z.number().int().min(1).max(100).default(3).describe('On each disk'),
  includeSecrets: z
    .boolean()
    .default(false)
    .describe(
      'Passwords (as hashes) and keys also on disks that are not encrypted: who finds such a disk could stand for this node',
    ),
  configFile: z
    .string()
    .min(1)
    .optional()
    .describe('This file, to be part of snapshots; FILMLESS_CONFIG or filmless.yaml when absent'),
  drillEveryDays: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(7)
    .describe('A sample of each attached disk is restored for trial so often; 0: only when asked'),
  drillStudies: z.number().int().min(1).max(1000).default(5).describe('Studies of each disk in a drill'),
  hospital: z.string().max(64).optional().describe('Name on the disks; the name of the node when absent'),
});
export type BackupConfig = z.infer<typeof configSchema>;
