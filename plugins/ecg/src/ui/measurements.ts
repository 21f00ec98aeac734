import type { JsonDataset } from '@filmless/viewer-sdk';
import { itemsAt, numberAt, TAG, textAt } from './waveform.ts';

/** A value that the recorder measured over the whole recording. */
export interface Measurement {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
}

const UNITS: Readonly<Record<string, string>> = {
  deg: '°',
  degrees: '°',
  '{H.B.}/min': 'bpm',
  '/min': 'bpm',
  uV: 'µV',
};

const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^(heart|ventricular) rate$/i, '心率'],
  [/^atrial rate$/i, '心房率'],
  [/^rr interval/i, 'RR 间期'],
  [/^pp interval/i, 'PP 间期'],
  [/^p[rq] interval/i, 'PR 间期'],
  [/^p duration/i, 'P 波时限'],
  [/^qrs duration/i, 'QRS 时限'],
  [/^qt interval/i, 'QT 间期'],
  [/^qtc( interval)?/i, 'QTc'],
  [/^p axis/i, 'P 电轴'],
  [/^qrs axis/i, 'QRS 电轴'],
  [/^t axis/i, 'T 电轴'],
];

/** The recorder's own words: its interpretation, line by line. @dicom PS3.3 C.10.10 */
export function statements(dataset: JsonDataset): string[] {
  return itemsAt(dataset, 'WaveformAnnotationSequence').flatMap((item) => {
    if (item[TAG.ReferencedSamplePositions]?.Value) return [];
    const text = textAt(item, 'UnformattedTextValue');
    return text ? [text] : [];
  });
}

/** The recorder's global measurements; zeros stand for what it could not measure. */
export function measurements(dataset: JsonDataset, locale: string): Measurement[] {
  const found = new Map<string, Measurement>();
  for (const item of itemsAt(dataset, 'WaveformAnnotationSequence')) {
    const value = numberAt(item, 'NumericValue');
    const concept = itemsAt(item, 'ConceptNameCodeSequence')[0];
    const meaning = textAt(concept, 'CodeMeaning');
    if (value === undefined || value === 0 || !meaning || item[TAG.ReferencedSamplePositions]?.Value) continue;
    const code = textAt(itemsAt(item, 'MeasurementUnitsCodeSequence')[0], 'CodeValue') ?? '';
    const name = locale.startsWith('en') ? meaning : (CHINESE.find(([words]) => words.test(meaning))?.[1] ?? meaning);
    if (!found.has(name)) found.set(name, { name, value: String(value), unit: UNITS[code] ?? code });
  }
  return [...found.values()];
}

/** The rate in beats a minute from the recorder's RR interval, where it gives no rate itself. */
export function rateFromRr(dataset: JsonDataset): number | undefined {
  const items = itemsAt(dataset, 'WaveformAnnotationSequence');
  const named = (words: RegExp) =>
    items.find((item) => words.test(textAt(itemsAt(item, 'ConceptNameCodeSequence')[0], 'CodeMeaning') ?? ''));
  if (named(/^(heart|ventricular) rate$/i)) return undefined;
  const interval = named(/^rr interval/i);
  const milliseconds = numberAt(interval, 'NumericValue');
  const unit = textAt(itemsAt(interval, 'MeasurementUnitsCodeSequence')[0], 'CodeValue');
  if (!milliseconds || milliseconds <= 0 || unit !== 'ms') return undefined;
  return Math.round(60_000 / milliseconds);
}
