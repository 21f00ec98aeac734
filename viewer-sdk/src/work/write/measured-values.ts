import type { JsonDataset } from '../../dicom/json.ts';
import type { CalibrationKind, MeasuredValue, ValueName } from '../../measure/values.ts';
import { CODE, type Code, PRIVATE_SCHEME } from '../codes.ts';
import { codeOf, numeric } from './content.ts';

const GEOMETRY: Partial<Readonly<Record<ValueName, Code>>> = {
  length: CODE.length,
  alongX: CODE.alongX,
  alongY: CODE.alongY,
  angle: CODE.angle,
  area: CODE.area,
};
const CHANNELS: Partial<Readonly<Record<ValueName, Code>>> = { red: CODE.red, green: CODE.green, blue: CODE.blue };
const STATISTICS: Partial<Readonly<Record<ValueName, Code>>> = {
  mean: CODE.mean,
  standardDeviation: CODE.standardDeviation,
  minimum: CODE.minimum,
  maximum: CODE.maximum,
};
/** What pixel values are, where their unit tells. */
const QUANTITIES: Readonly<Record<string, Code>> = {
  "[hnsf'U]": CODE.attenuation,
  'g/ml{SUVbw}': CODE.suvBodyWeight,
  'g/ml{SUVlbm}': CODE.suvLeanBodyMass,
  'cm2/ml{SUVbsa}': CODE.suvBodySurfaceArea,
};

/** How millimetres came about, unless the file has them of the patient: whoever reads the number must know. */
const METHODS: Partial<Readonly<Record<CalibrationKind, string>>> = {
  calibrated: 'Calibrated projection',
  magnified: 'Detector spacing divided by magnification',
  detector: 'Detector spacing, not of the patient',
  nominal: 'Nominal scanned spacing',
  region: 'Calibrated ultrasound region',
  manual: 'Calibrated by the reader',
  none: 'Not calibrated',
};

/** What is written of a measurement: its numbers, and where their millimetres come from. */
export interface WritableMeasurement {
  readonly values: readonly MeasuredValue[];
  readonly calibration: { readonly kind: CalibrationKind } | undefined;
}

/**
 * The numbers of a measurement as NUM items.
 * @param coordinates where each number was taken
 * @dicom PS3.16 TID 300, TID 1419
 */
export function valueItems(
  { values, calibration }: WritableMeasurement,
  coordinates: () => JsonDataset[],
): JsonDataset[] {
  return values
    .filter(({ name, value }) => name !== 'count' && Number.isFinite(value))
    .map((measured) => {
      const { concept, modifiers } = describe(measured, calibration);
      return numeric(concept, measured.value, measured.unit, [...modifiers, ...coordinates()]);
    });
}

function describe(
  { name, unit }: MeasuredValue,
  calibration: WritableMeasurement['calibration'],
): { concept: Code; modifiers: JsonDataset[] } {
  const geometry = GEOMETRY[name];
  if (geometry) {
    const meaning = calibration && name !== 'angle' ? METHODS[calibration.kind] : undefined;
    const method = meaning && { value: `px-${calibration?.kind}`, scheme: PRIVATE_SCHEME, meaning };
    return { concept: geometry, modifiers: method ? [codeOf('HAS CONCEPT MOD', CODE.measurementMethod, method)] : [] };
  }
  const quantity = QUANTITIES[unit];
  const statistic = STATISTICS[name];
  if (!statistic) return { concept: CHANNELS[name] ?? quantity ?? CODE.pixelValue, modifiers: [] };
  if (!quantity) return { concept: statistic, modifiers: [] };
  return { concept: quantity, modifiers: [codeOf('HAS CONCEPT MOD', CODE.derivation, statistic)] };
}
