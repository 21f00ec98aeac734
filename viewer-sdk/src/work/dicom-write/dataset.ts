import type { JsonDataset, JsonElement } from '../../dicom/json.ts';
import { ELEMENTS, type WrittenKeyword } from './keywords.ts';

/** A person name by its component groups. @dicom PS3.5 6.2.1 */
export interface PersonNameGroups {
  readonly Alphabetic?: string;
  readonly Ideographic?: string;
  readonly Phonetic?: string;
}

type One = string | number | PersonNameGroups | JsonDataset;

/** Values by keyword; `undefined` leaves the element out, an empty string or list makes it empty (type 2). */
export type Attributes = { readonly [K in WrittenKeyword]?: One | readonly One[] | undefined };

/** A data set in the DICOM JSON model from keywords and values. */
export function attributes(given: Attributes): JsonDataset {
  const dataset: Record<string, JsonElement> = {};
  for (const keyword of Object.keys(given) as WrittenKeyword[]) {
    const value = given[keyword];
    if (value === undefined) continue;
    const [tag, vr] = ELEMENTS[keyword];
    const list = Array.isArray(value) ? (value as readonly One[]) : [value as One];
    const Value = list.filter((one) => one !== '');
    dataset[tag] = Value.length > 0 ? { vr, Value } : { vr };
  }
  return dataset;
}

/** Those elements of a data set that are there, as they are. */
export function pick(source: JsonDataset, keywords: readonly WrittenKeyword[]): JsonDataset {
  return Object.fromEntries(
    keywords.flatMap((keyword) => {
      const [tag, vr] = ELEMENTS[keyword];
      const element = source[tag];
      // A value that lies elsewhere cannot be copied without asking for it; none of these is that long.
      if (!element || element.BulkDataURI !== undefined) return [];
      return [[tag, current({ ...element, vr: element.vr === 'UN' ? vr : element.vr })]];
    }),
  );
}

/** Dates and times as DICOM's predecessor wrote them mean the same and are no longer allowed. @dicom PS3.5 6.2, DA and TM */
function current(element: JsonElement): JsonElement {
  const { vr, Value } = element;
  if (!Value || (vr !== 'DA' && vr !== 'TM')) return element;
  const old = vr === 'DA' ? /^(\d{4})[.-](\d{2})[.-](\d{2})$/ : /^(\d{2}):(\d{2}):(\d{2}(?:\.\d{1,6})?)$/;
  return {
    ...element,
    Value: Value.map((value) => (typeof value === 'string' ? value.replace(old, '$1$2$3') : value)),
  };
}

/** Puts data sets over each other, the later over the earlier. */
export const merge = (...parts: readonly JsonDataset[]): JsonDataset => Object.assign({}, ...parts) as JsonDataset;
