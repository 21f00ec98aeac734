import { z } from 'zod';

/** What becomes of a study. `remove`: it may be deleted here once it is safe elsewhere. */
export const ACTIONS = ['online', 'compress', 'tier', 'remove'] as const;
export type Action = (typeof ACTIONS)[number];

const days = z.number().int().min(0).max(36_500);

export const ruleSchema = z.strictObject({
  /** All that are given must hold. */
  olderThanDays: days.optional(),
  notOpenedForDays: days.optional(),
  modalities: z
    .array(z.string().regex(/^[A-Z0-9_ ]{1,16}$/, 'a modality as in DICOM, e.g. CT'))
    .max(50)
    .optional(),
  largerThanMiB: z.number().min(0).max(10_000_000).optional(),
  action: z.enum(ACTIONS),
});
export type Rule = z.infer<typeof ruleSchema>;

/** What one department wants. `department: ''`: of all that have none of their own. */
export const policySchema = z.strictObject({
  department: z.string().max(64),
  /** The first that fits decides; a study that none fits stays online. */
  rules: z.array(ruleSchema).max(50),
  /** How much the department may take up. */
  quotaGiB: z.number().positive().max(10_000_000).optional(),
});
export type Policy = z.infer<typeof policySchema>;

/** Two years online, then to the large disk where there is one. Nothing is removed before somebody says so. */
export const DEFAULT_POLICY: Policy = { department: '', rules: [{ olderThanDays: 730, action: 'tier' }] };

/** What rules look at. */
export interface StudyFacts {
  StudyInstanceUID: string;
  department: string;
  modalities: readonly string[];
  sizeBytes: number;
  /** Milliseconds since 1970. */
  acquiredAtMs: number;
  receivedAtMs: number;
  /** When somebody last looked at it; undefined when nobody did. */
  openedAtMs: number | undefined;
}

const DAY_MS = 86_400_000;
const MIB = 2 ** 20;

export function policyFor(policies: readonly Policy[], department: string): Policy {
  const named = (name: string) => policies.find((policy) => policy.department === name);
  return named(department) ?? named('') ?? DEFAULT_POLICY;
}

/** What the policy wants done with a study now. */
export function decide(policy: Policy, study: StudyFacts, nowMs: number): Action {
  return policy.rules.find((rule) => fits(rule, study, nowMs))?.action ?? 'online';
}

function fits(rule: Rule, study: StudyFacts, nowMs: number): boolean {
  const daysSince = (ms: number) => (nowMs - ms) / DAY_MS;
  // What nobody opened was last used when it came.
  const usedAtMs = Math.max(study.openedAtMs ?? 0, study.receivedAtMs);
  return (
    (rule.olderThanDays === undefined || daysSince(study.acquiredAtMs) > rule.olderThanDays) &&
    (rule.notOpenedForDays === undefined || daysSince(usedAtMs) > rule.notOpenedForDays) &&
    (rule.modalities === undefined || study.modalities.some((modality) => rule.modalities?.includes(modality))) &&
    (rule.largerThanMiB === undefined || study.sizeBytes > rule.largerThanMiB * MIB)
  );
}
