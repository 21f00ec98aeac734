import type { CalibrationKind, MeasuredValue, ValueName } from '../../measure/values.ts';
import type { ContentItem } from '../../objects/sr/tree.ts';
import { CODE, type Code, sameCode } from '../codes.ts';
import type { WritableMeasurement } from '../write/measured-values.ts';

/** A number as a report has it. */
export interface RecordedValue {
  readonly name: string;
  /** As written, with all its digits. */
  readonly text: string;
  readonly unit: string;
}

/** A measurement as it was written: enough to write it again. */
export type RecordedMeasurement = WritableMeasurement;

const NAMES: readonly (readonly [Code, ValueName])[] = [
  [CODE.length, 'length'],
  [CODE.alongX, 'alongX'],
  [CODE.alongY, 'alongY'],
  [CODE.angle, 'angle'],
  [CODE.area, 'area'],
  [CODE.mean, 'mean'],
  [CODE.standardDeviation, 'standardDeviation'],
  [CODE.minimum, 'minimum'],
  [CODE.maximum, 'maximum'],
  [CODE.red, 'red'],
  [CODE.green, 'green'],
  [CODE.blue, 'blue'],
];
const KINDS: ReadonlySet<string> = new Set<CalibrationKind>([
  'calibrated',
  'magnified',
  'detector',
  'nominal',
  'region',
  'manual',
  'none',
]);

/** The statistic that a NUM item is of its quantity: "Attenuation Coefficient", mean. */
function derivationOf({ children }: ContentItem): Code | undefined {
  const modifier = children.find(({ concept }) => sameCode(concept, CODE.derivation));
  return modifier?.value.type === 'CODE' ? modifier.value.code : undefined;
}

/** A NUM item for the screen. */
export function recordedValue(item: ContentItem): RecordedValue | undefined {
  const measured = item.value.type === 'NUM' ? item.value.values[0] : undefined;
  if (!measured) return undefined;
  const derivation = derivationOf(item);
  const name = item.concept?.meaning ?? '';
  return {
    name: derivation ? `${name}, ${derivation.meaning}` : name,
    text: measured.number,
    unit: measured.unit?.value ?? '',
  };
}

/** The NUM items of a group that this viewer wrote. */
export function recordedMeasurement(items: readonly ContentItem[]): RecordedMeasurement {
  const values = items.flatMap((item): MeasuredValue[] => {
    const measured = item.value.type === 'NUM' ? item.value.values[0] : undefined;
    const value = Number(measured?.number);
    if (!measured || !Number.isFinite(value)) return [];
    const concept = derivationOf(item) ?? item.concept;
    const unit = measured.unit?.value ?? '1';
    const known = NAMES.find(([code]) => sameCode(concept, code))?.[1];
    return [{ name: known ?? 'value', value, unit }];
  });
  const method = items
    .flatMap(({ children }) => children)
    .find(({ concept }) => sameCode(concept, CODE.measurementMethod));
  const code = method?.value.type === 'CODE' ? (method.value.code?.value ?? '') : '';
  const kind = code.replace(/^px-/, '');
  return { values, calibration: KINDS.has(kind) ? { kind: kind as CalibrationKind } : undefined };
}
