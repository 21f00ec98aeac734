import type { JsonDataset } from '../../dicom/json.ts';
import { itemOf, type ObjectKeyword, textOf } from './dataset.ts';

/** A coded concept. @dicom PS3.3 8 */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** The first code of a code sequence. */
export function codeOf(dataset: JsonDataset | undefined, sequence: ObjectKeyword): Code | undefined {
  const item = itemOf(dataset, sequence);
  if (!item) return undefined;
  const value = textOf(item, 'CodeValue') ?? textOf(item, 'LongCodeValue') ?? textOf(item, 'URNCodeValue') ?? '';
  const meaning = textOf(item, 'CodeMeaning') ?? value;
  return value === '' && meaning === ''
    ? undefined
    : { value, scheme: textOf(item, 'CodingSchemeDesignator') ?? '', meaning };
}

/** The same concept, whatever its wording. */
export const sameCode = (a: Code | undefined, b: Code | undefined): boolean =>
  a !== undefined && b !== undefined && a.value === b.value && a.scheme === b.scheme;
