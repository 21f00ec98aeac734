import type { Frame } from '../dicom/frame.ts';
import type { PixelGrid } from '../engine/contract.ts';
import type { Cell, ImagePoint } from '../extension/contract.ts';
import type { Annotation, ManualCalibration } from './annotation.ts';
import { calibrationOf } from './calibration.ts';
import { angleBetween, cobbAngle, minus, type Plane } from './geometry.ts';
import { type ValueScale, valueScale } from './pixel-values.ts';
import { roiShape, roiStatistics } from './roi.ts';
import type { Calibration, MeasuredValue, Measurement, WithheldReason } from './values.ts';

const NOTHING: Measurement = { values: [], calibration: undefined };

/** The values of a frame, after the modality transformation; `subtracted` while the screen shows differences instead of them. */
export type PixelValues = PixelGrid | 'subtracted' | undefined;

/** What can be measured of the pixels that a cell shows. */
export const pixelValuesOf = (cell: Pick<Cell, 'view' | 'pixels'>): PixelValues =>
  cell.view?.subtraction ? 'subtracted' : cell.pixels();

/**
 * Measures an annotation. Lengths and areas are those of the drawn line, not of the pixels under it.
 * @param frame the frame it lies on
 * @param pixels the frame's values; without them, what needs none is measured
 * @param manual the store's manual calibration of the frame
 */
export function measureAnnotation(
  annotation: Pick<Annotation, 'kind' | 'points'>,
  frame: Frame,
  pixels: PixelValues,
  manual?: ManualCalibration,
): Measurement {
  const { kind, points } = annotation;
  switch (kind) {
    case 'length':
      return lengthOf(points, calibrationOf(frame, points, manual));
    case 'angle':
    case 'cobb':
      return angleOf(annotation, frame, calibrationOf(frame, points, manual));
    case 'ellipse':
    case 'rectangle':
    case 'freehand':
      return areaOf(annotation, frame, pixels, calibrationOf(frame, points, manual));
    case 'probe':
      return probe(points[0], frame, pixels);
    default:
      return NOTHING;
  }
}

function lengthOf([from, to]: readonly ImagePoint[], calibration: Calibration): Measurement {
  if (!from || !to) return NOTHING;
  const { x, y } = calibration;
  const across = Math.abs((to[0] - from[0]) * x.perPixel);
  const down = Math.abs((to[1] - from[1]) * y.perPixel);
  if (x.unit === y.unit)
    return { values: [{ name: 'length', value: Math.hypot(across, down), unit: x.unit }], calibration };
  return {
    values: [
      { name: 'alongX', value: across, unit: x.unit },
      { name: 'alongY', value: down, unit: y.unit },
    ],
    calibration,
  };
}

function angleOf({ kind, points }: Pick<Annotation, 'kind' | 'points'>, frame: Frame, used: Calibration): Measurement {
  const { x, y } = used;
  // An angle between seconds and centimetres means nothing.
  if (x.unit !== y.unit) return { values: [], calibration: used };
  const plain = used.kind === 'none';
  const flat = points.map(
    ([column, row]): Plane => [
      column * (plain ? frame.pixelAspect : Math.abs(x.perPixel)),
      row * (plain ? 1 : Math.abs(y.perPixel)),
    ],
  );
  const [a, b, c, d] = flat;
  if (!a || !b || !c) return NOTHING;
  const value =
    kind === 'angle' ? angleBetween(minus(a, b), minus(c, b)) : d === undefined ? undefined : cobbAngle([a, b, c, d]);
  return {
    values: value === undefined ? [] : [{ name: 'angle', value, unit: 'deg' }],
    calibration: used,
  };
}

function areaOf(
  annotation: Pick<Annotation, 'kind' | 'points'>,
  frame: Frame,
  pixels: PixelValues,
  calibration: Calibration,
): Measurement {
  const shape = roiShape(annotation);
  if (!shape) return { values: [], calibration };
  const { x, y } = calibration;
  const values: MeasuredValue[] = [];
  const area = shape.area * Math.abs(x.perPixel * y.perPixel);
  if (x.unit === y.unit && (x.unit === 'mm' || x.unit === '{pixels}'))
    values.push({ name: 'area', value: area, unit: x.unit === 'mm' ? 'mm2' : '{pixels}2' });
  const scale = valueScale(frame);
  if (pixels === 'subtracted') return { values, calibration, withheld: pixels };
  const statistics = pixels && scale && roiStatistics(shape, pixels);
  if (scale && statistics) {
    const { unit, factor } = scale;
    if (statistics.count === 0)
      return { values, calibration, ...(statistics.padded > 0 ? { withheld: 'padding' as const } : {}) };
    values.push(
      { name: 'mean', value: statistics.mean * factor, unit },
      { name: 'standardDeviation', value: statistics.standardDeviation * Math.abs(factor), unit },
      { name: 'minimum', value: statistics.minimum * factor, unit },
      { name: 'maximum', value: statistics.maximum * factor, unit },
      { name: 'count', value: statistics.count, unit: '{pixels}' },
    );
  }
  return { values, calibration };
}

/** The value of the pixel at a place, and on the axes of a region that has other ones than lengths: a Doppler velocity. */
export function probe(point: ImagePoint | undefined, frame: Frame, pixels: PixelValues): Measurement {
  if (!point) return NOTHING;
  const calibration = calibrationOf(frame, [point]);
  const own = pixels === 'subtracted' ? pixels : pixelValues(point, pixels, valueScale(frame));
  const values = [...(typeof own === 'string' ? [] : own), ...axisValues(point, calibration)];
  return {
    values,
    calibration: calibration.note === 'unlikeAxes' ? calibration : undefined,
    ...(typeof own === 'string' ? { withheld: own } : {}),
  };
}

function pixelValues(
  [x, y]: ImagePoint,
  pixels: PixelGrid | undefined,
  scale: ValueScale | undefined,
): MeasuredValue[] | WithheldReason {
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (!pixels || column < 0 || row < 0 || column >= pixels.columns || row >= pixels.rows) return [];
  const { samplesPerPixel, data, columns, padding } = pixels;
  const at = (row * columns + column) * samplesPerPixel;
  if (samplesPerPixel === 1) {
    const value = data[at] ?? 0;
    if (padding && value >= padding.lowest && value <= padding.highest) return 'padding';
    return scale ? [{ name: 'value', value: value * scale.factor, unit: scale.unit }] : [];
  }
  return (['red', 'green', 'blue'] as const).map((name, sample) => ({
    name,
    value: data[at + sample] ?? 0,
    unit: '1',
  }));
}

function axisValues([, y]: ImagePoint, { note, reference, ...axes }: Calibration): MeasuredValue[] {
  if (note !== 'unlikeAxes' || !reference) return [];
  return axes.y.unit === 'cm/s' || axes.y.unit === 'Hz'
    ? [
        {
          name: 'alongY',
          value: reference.valueY + (y - reference.y) * axes.y.perPixel,
          unit: axes.y.unit,
        },
      ]
    : [];
}
