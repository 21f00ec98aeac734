import {
  FilmlessError,
  findTag,
  type InstanceRecord,
  type MatchingKey,
  matchesKey,
  matchesWildcard,
  parseKey,
  storedText,
  vrOf,
} from '@filmless/core/plugin';
import { z } from 'zod';

const NUMBER_VRS: ReadonlySet<string> = new Set(['IS', 'DS', 'US', 'SS', 'UL', 'SL', 'UV', 'SV', 'FL', 'FD']);
const MODALITY = '00080060';

const attributeSchema = z
  .strictObject({
    attribute: z.string().trim().min(1).max(64).describe('Keyword or tag: StudyDescription, 00081030'),
    value: z
      .string()
      .trim()
      .min(1)
      .max(256)
      .optional()
      .describe('As in a query: a value, `*` and `?`, a range of dates 20260101-20261231'),
    from: z.number().optional().describe('Of a number'),
    to: z.number().optional(),
  })
  .superRefine((condition, context) => {
    const tag = findTag(condition.attribute);
    const problem = tag === undefined ? 'no keyword or tag' : problemOf(tag, condition);
    if (problem) context.addIssue({ code: 'custom', path: ['attribute'], message: problem });
  });
type AttributeCondition = z.infer<typeof attributeSchema>;

/** `<sender>:<name>`, e.g. `dimse:PACS2`, `stow:cloud`. */
export const destinationSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}:.{1,64}$/, 'a destination, e.g. dimse:PACS2');

export const ruleSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  title: z.string().trim().min(1).max(100),
  /** Off: nothing more is taken up; what was goes out. */
  enabled: z.boolean().default(true),
  /** Goes on taking up, sends nothing. */
  paused: z.boolean().default(false),
  /** All that are given must hold; of a list, one. */
  when: z
    .strictObject({
      modalities: z
        .array(z.string().regex(/^[A-Z0-9_ ]{1,16}$/, 'a modality as in DICOM, e.g. CT'))
        .max(50)
        .optional(),
      sources: z
        .array(z.string().trim().min(1).max(64))
        .max(100)
        .optional()
        .describe('AE titles or accounts, with * and ?'),
      departments: z.array(z.string().trim().min(1).max(64)).max(100).optional(),
      attributes: z.array(attributeSchema).max(20).optional(),
    })
    .default({}),
  destination: destinationSchema,
  priority: z.enum(['high', 'normal', 'low']).default('normal'),
  form: z
    .enum(['stored', 'uncompressed'])
    .default('stored')
    .describe('stored: as it lies here, converted only where the destination takes nothing else'),
});
export type Rule = z.infer<typeof ruleSchema>;

export const rulesSchema = z
  .array(ruleSchema)
  .max(200)
  .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id');

const PRIORITIES = { high: 2, normal: 1, low: 0 } as const;
export const priorityOf = (rule: Rule): number => PRIORITIES[rule.priority];

/** Looks at the header as `identities` gives it. */
export type Matcher = (record: InstanceRecord) => boolean;

/** Read once, asked for every instance. */
export function matcherOf({ when }: Pick<Rule, 'when'>): Matcher {
  const { modalities, sources, departments } = when;
  const attributes = (when.attributes ?? []).map(attributeMatcher);
  return (record) =>
    (!modalities || modalities.includes(storedText('CS', record.dataset[MODALITY]))) &&
    (!sources || sources.some((pattern) => matchesWildcard(pattern, record.received.source))) &&
    (!departments || departments.includes(record.received.department ?? '')) &&
    attributes.every((matches) => matches(record));
}

function attributeMatcher({ attribute, value, from, to }: AttributeCondition): Matcher {
  const tag = findTag(attribute) ?? '';
  const ofRecord = (record: InstanceRecord) => {
    // Private elements have the VR they came with.
    const vr = vrOf(tag) === 'UN' ? (record.dataset[tag]?.vr ?? 'UN') : vrOf(tag);
    return { vr, text: storedText(vr, record.dataset[tag]) };
  };
  if (value === undefined) {
    return (record) => {
      const { text } = ofRecord(record);
      return text.split('\\').some((each) => {
        const number = Number(each);
        return each !== '' && number >= (from ?? -Infinity) && number <= (to ?? Infinity);
      });
    };
  }
  const keys = new Map<string, MatchingKey>();
  return (record) => {
    const { vr, text } = ofRecord(record);
    const key = keys.get(vr) ?? keyOf(tag, vr, value);
    keys.set(vr, key);
    return key.kind !== 'universal' && matchesKey(vr, key, text);
  };
}

function keyOf(tag: string, vr: string, value: string): MatchingKey {
  return parseKey(tag, vr, { vr, Value: vr === 'PN' ? [{ Alphabetic: value }] : [value] });
}

/** Undefined when the condition can be asked of an attribute. */
function problemOf(tag: string, { value, from, to }: AttributeCondition): string | undefined {
  const vr = vrOf(tag);
  if (value === undefined) {
    if (from === undefined && to === undefined) return 'needs a value, or from and to';
    return NUMBER_VRS.has(vr) || vr === 'UN'
      ? undefined
      : 'from and to are for numbers; write a range of dates as a value';
  }
  if (from !== undefined || to !== undefined) return 'either a value, or from and to';
  try {
    const key = vr === 'UN' ? keyOf(tag, 'LO', value) : keyOf(tag, vr, value);
    return key.kind === 'universal' ? 'cannot be compared, or the value fits everything' : undefined;
  } catch (error) {
    return FilmlessError.from(error).detail ?? 'cannot be compared';
  }
}
