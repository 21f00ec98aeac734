import { measurementLines, unitLabel } from '../../measure/format.ts';
import type { ReadGroup } from '../read/index.ts';

/** What a group says, in one line. */
export const labelOf = (group: ReadGroup, locale: string): string => {
  const values = numbersOf(group, locale).join(', ');
  return [group.label, values].filter(Boolean).join(': ');
};

/** What it says line by line, for the image. */
export const groupLines = (group: ReadGroup, locale: string): string[] =>
  [group.label, ...numbersOf(group, locale)].filter(Boolean);

/** The numbers; those of ours as they stand on the image, in the reader's language. */
function numbersOf({ values, annotation, measurement }: ReadGroup, locale: string): string[] {
  if (annotation && measurement)
    return measurementLines(locale, annotation, { values: measurement.values, calibration: undefined });
  return values.map(({ name, text, unit }) => `${name} ${rounded(text)} ${unitLabel(locale, unit)}`.trim());
}

function rounded(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) && text.length > 7 ? String(Number(value.toFixed(2))) : text;
}
