import { z } from 'zod';

const days = (value: number) => z.number().int().min(0).max(36_500).default(value);

export const configSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder of compressed images and of the notes of this plugin; `retention` in the data folder when absent',
    ),
  tier: z
    .strictObject({
      directory: z.string().min(1).describe('Folder on the large disk'),
      title: z.string().min(1).max(64).default('Large disk'),
    })
    .optional()
    .describe('A larger, slower disk that older studies move to'),
  everyHours: z.number().min(0).max(720).default(24).describe('Hours between two runs; 0: only when somebody asks'),
  graceDays: days(14).describe('Days between marking a study and removing it'),
  stayOnlineDays: days(14).describe('A study stays here so long after it came or was brought back, whatever its age'),
  keepAfterUndoDays: days(90).describe('A study whose mark somebody took off is not marked again before'),
  copiesNeeded: z.number().int().min(2).max(10).default(2).describe('Verified copies at other places before removal'),
  verifiedWithinDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe('How old the verification of a copy may be'),
  warnDaysBeforeFull: days(60).describe('Warn when a disk or a quota will be full within so many days'),
});
export type RetentionConfig = z.infer<typeof configSchema>;
