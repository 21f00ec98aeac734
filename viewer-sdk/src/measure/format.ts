import type { Annotation } from './annotation.ts';
import { type MeasureText, measureText } from './texts.ts';
import type { Calibration, MeasuredValue, Measurement, UcumUnit, ValueName, WithheldReason } from './values.ts';

/** Units whose UCUM code is not what people write. `{pixels}` and counts are words, in the message tables. */
const UNIT_LABELS: Readonly<Record<string, string>> = {
  mm2: 'mm²',
  deg: '°',
  "[hnsf'U]": 'HU',
  '1': '',
  'Bq/ml': 'Bq/ml',
  'g/ml{SUVbw}': 'SUVbw',
  'g/ml{SUVlbm}': 'SUVlbm',
  'g/ml{SUVlbm(James128)}': 'SUVlbm',
  'g/ml{SUVlbm(Janma)}': 'SUVlbm',
  'g/ml{SUVibw}': 'SUVibw',
  'cm2/ml{SUVbsa}': 'SUVbsa',
};

export function unitLabel(locale: string, unit: UcumUnit): string {
  if (unit === '{pixels}') return measureText(locale, 'value.pixels');
  if (unit === '{pixels}2') return `${measureText(locale, 'value.pixels')}²`;
  if (unit.startsWith('{counts}')) return unit.replace('{counts}', measureText(locale, 'value.counts'));
  return Object.hasOwn(UNIT_LABELS, unit) ? (UNIT_LABELS[unit] ?? unit) : unit;
}

/** Decimals that mean something: a hundredth below ten, a tenth above; angles in tenths, times in milliseconds. */
function digitsOf({ name, value, unit }: MeasuredValue): number {
  if (unit === 'deg') return 1;
  if (unit === 's') return 3;
  if (name === 'count') return 0;
  if (unit.includes('SUV')) return 2;
  const pixelValue = ['value', 'minimum', 'maximum', 'red', 'green', 'blue'].includes(name);
  if (pixelValue && Number.isInteger(value)) return 0;
  if (name === 'mean' || name === 'standardDeviation' || pixelValue) return Math.abs(value) < 1 ? 3 : 1;
  return Math.abs(value) < 10 ? 2 : 1;
}

/** A value without its unit. A minus sign that is as wide as a plus, and no minus before zero. */
export function formatValue(value: MeasuredValue): string {
  const text = value.value.toFixed(digitsOf(value));
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

export function formatWithUnit(locale: string, value: MeasuredValue): string {
  const label = unitLabel(locale, value.unit);
  return label === '' ? formatValue(value) : `${formatValue(value)}${label === '°' ? '' : ' '}${label}`;
}

/** What is said of the unit where it is not plainly the patient's millimetres. */
export function calibrationText(locale: string, calibration: Calibration | undefined): string {
  if (!calibration) return '';
  const { kind, note, magnification } = calibration;
  const own = measureText(locale, `calibration.${kind}`, { factor: Number((magnification ?? 1).toFixed(3)) });
  if (note === undefined || note === 'unlikeAxes') return own;
  return `${own} · ${measureText(locale, `note.${note}`)}`;
}

const AREA_KINDS = new Set<Annotation['kind']>(['ellipse', 'rectangle', 'freehand']);

/** A measurement as it stands on the image, line by line; the reader's own label is not in it. */
export function measurementLines(
  locale: string,
  { kind }: Pick<Annotation, 'kind'>,
  { values, calibration, withheld }: Measurement,
): string[] {
  const of = (name: ValueName): MeasuredValue | undefined => values.find((value) => value.name === name);
  const named = (key: MeasureText, name: ValueName, unit = false): string => {
    const value = of(name);
    if (!value) return '';
    return `${measureText(locale, key)} ${unit ? formatWithUnit(locale, value) : formatValue(value)}`;
  };
  const lines: string[] = [];
  if (AREA_KINDS.has(kind)) {
    if (values.length === 0 && kind === 'freehand') lines.push(measureText(locale, 'note.crosses'));
    lines.push(
      named('value.area', 'area', true),
      [named('value.mean', 'mean', true), named('value.sd', 'standardDeviation')].filter(Boolean).join('  '),
      [named('value.minimum', 'minimum'), named('value.maximum', 'maximum')].filter(Boolean).join('  '),
      withheld ? measureText(locale, `withheld.${withheld}`) : '',
    );
  } else if (kind === 'probe') {
    lines.push(...probeLines(locale, { values, withheld }));
  } else lines.push(values.map((value) => formatWithUnit(locale, value)).join('  '));
  if (AREA_KINDS.has(kind) || kind === 'length' || calibration?.note === 'unlikeAxes')
    lines.push(calibrationText(locale, calibration));
  return lines.filter((line) => line !== '');
}

/** The lines of a probe, which are also the read-out under the pointer. */
export function probeLines(
  locale: string,
  { values, withheld }: { readonly values: readonly MeasuredValue[]; readonly withheld?: WithheldReason | undefined },
): string[] {
  const lines: string[] = [];
  const value = values.find(({ name }) => name === 'value');
  if (value) {
    const key = value.unit === "[hnsf'U]" ? 'value.hounsfield' : 'value.plain';
    lines.push(
      value.unit.includes('SUV')
        ? `${unitLabel(locale, value.unit)} ${formatValue(value)}`
        : `${measureText(locale, key)} ${formatWithUnit(locale, value)}`,
    );
  }
  const channels = values.filter(({ name }) => name === 'red' || name === 'green' || name === 'blue');
  if (channels.length > 0) lines.push(`RGB ${channels.map(formatValue).join(' ')}`);
  const axis = values.find(({ name }) => name === 'alongY');
  if (axis) lines.push(formatWithUnit(locale, axis));
  if (withheld) lines.push(measureText(locale, `withheld.${withheld}`));
  return lines;
}
