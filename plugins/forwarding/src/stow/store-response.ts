import { z } from 'zod';

const sequence = z
  .object({
    Value: z
      .array(
        z.object({
          '00081155': z.object({ Value: z.array(z.string()).optional() }).optional(),
          '00081197': z.object({ Value: z.array(z.number()).optional() }).optional(),
        }),
      )
      .optional(),
  })
  .optional();

/** The Store Instances Response module in DICOM JSON. @dicom PS3.18 10.5.3, I.2 */
const responseSchema = z.object({ '00081198': sequence, '00081199': sequence });

export interface StoreResponse {
  stored: ReadonlySet<string>;
  /** SOP Instance UID → Failure Reason, 0 when none was given. */
  failed: ReadonlyMap<string, number>;
}

/** Undefined when it is not one that tells of instances. */
export function parseStoreResponse(text: string): StoreResponse | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = responseSchema.safeParse(Array.isArray(json) ? json[0] : json);
  if (!parsed.success) return undefined;
  const { '00081198': failed, '00081199': stored } = parsed.data;
  if (!failed && !stored) return undefined;
  const uidOf = (item: { '00081155'?: { Value?: string[] | undefined } | undefined }) =>
    item['00081155']?.Value?.[0] ?? '';
  return {
    stored: new Set((stored?.Value ?? []).map(uidOf)),
    failed: new Map((failed?.Value ?? []).map((item) => [uidOf(item), item['00081197']?.Value?.[0] ?? 0])),
  };
}

/** Failure reasons that say: not in this transfer syntax. 0122H is what many servers send for it. @dicom PS3.18 Table I.2-2 */
export const SYNTAX_REASONS: ReadonlySet<number> = new Set([0xc122, 0x0122]);

/** Out of resources, or a failure of processing that may pass. @dicom PS3.18 Table I.2-2 */
export function mayPass(reason: number): boolean {
  return (reason & 0xff00) === 0xa700 || reason === 0x0110;
}
