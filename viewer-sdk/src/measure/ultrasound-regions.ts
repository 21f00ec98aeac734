import { items, type JsonDataset, number } from '../dicom/json.ts';
import type { ImagePoint } from '../extension/contract.ts';
import type { AxisScale, Calibration, CalibrationNote } from './values.ts';

/** Units of Physical Units X and Y Direction and what one of them is in ours. @dicom PS3.3 C.8.5.5.1.15 */
const UNITS: Readonly<Record<number, { readonly unit: AxisScale['unit']; readonly factor: number }>> = {
  1: { unit: '%', factor: 1 },
  2: { unit: 'dB', factor: 1 },
  3: { unit: 'mm', factor: 10 },
  4: { unit: 's', factor: 1 },
  5: { unit: 'Hz', factor: 1 },
  7: { unit: 'cm/s', factor: 1 },
  12: { unit: 'deg', factor: 1 },
};

interface Region {
  /** In points of the image, so that the last pixel lies inside. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly format: number;
  readonly lowPriority: boolean;
  readonly x: AxisScale | undefined;
  readonly y: AxisScale | undefined;
  readonly reference: Calibration['reference'];
}

/** What the regions of an ultrasound image say of some points: a calibration, or why there is none. */
export type RegionAnswer = Calibration | CalibrationNote;

/**
 * The calibration of the one region that all points lie in. Where regions overlap, one of high priority has overwritten the others.
 * @returns `undefined` when the image has no regions
 * @dicom PS3.3 C.8.5.5
 */
export function regionCalibration(dataset: JsonDataset, points: readonly ImagePoint[]): RegionAnswer | undefined {
  const regions = items(dataset, 'SequenceOfUltrasoundRegions')
    .map(readRegion)
    .filter((region) => region !== undefined);
  if (regions.length === 0) return undefined;
  const tops = points.map((point) => topmost(regions, point));
  if (tops.some((top) => top === undefined)) return 'outsideRegions';
  // The region of all points: the topmost of one of them that also holds for the others.
  const [region] = regions
    .filter((candidate) => points.every((point) => contains(candidate, point)))
    .filter((candidate) => tops.every((top) => top === candidate || (top && sameScale(top, candidate))))
    .sort(byPriority);
  if (!region) return 'regionsDiffer';
  const { x, y, reference } = region;
  if (!x || !y) return 'regionUnits';
  return {
    kind: 'region',
    x,
    y,
    ...(x.unit === y.unit ? {} : { note: 'unlikeAxes' as const }),
    ...(reference ? { reference } : {}),
  };
}

function readRegion(item: JsonDataset): Region | undefined {
  const left = number(item, 'RegionLocationMinX0');
  const top = number(item, 'RegionLocationMinY0');
  const lastColumn = number(item, 'RegionLocationMaxX1');
  const lastRow = number(item, 'RegionLocationMaxY1');
  if (left === undefined || top === undefined || lastColumn === undefined || lastRow === undefined) return undefined;
  if (lastColumn <= left || lastRow <= top) return undefined;
  const region = { left, top, right: lastColumn + 1, bottom: lastRow + 1 };
  return {
    ...region,
    format: number(item, 'RegionSpatialFormat') ?? 0,
    lowPriority: ((number(item, 'RegionFlags') ?? 0) & 1) === 1,
    x: readAxis(number(item, 'PhysicalUnitsXDirection'), number(item, 'PhysicalDeltaX')),
    y: readAxis(number(item, 'PhysicalUnitsYDirection'), number(item, 'PhysicalDeltaY')),
    reference: readReference(item, region),
  };
}

function readAxis(code: number | undefined, delta: number | undefined): AxisScale | undefined {
  const unit = code === undefined || !Object.hasOwn(UNITS, code) ? undefined : UNITS[code];
  return unit && delta ? { unit: unit.unit, perPixel: delta * unit.factor } : undefined;
}

/**
 * The reference pixel counts from the region's upper left corner. Some devices count from the image's: a reference outside of its region is
 * not believed. @dicom PS3.3 C.8.5.5.1.5
 */
function readReference(
  item: JsonDataset,
  region: Pick<Region, 'left' | 'top' | 'right' | 'bottom'>,
): Calibration['reference'] {
  const column = number(item, 'ReferencePixelX0');
  const row = number(item, 'ReferencePixelY0');
  if (column === undefined || row === undefined) return undefined;
  const x = region.left + column + 0.5;
  const y = region.top + row + 0.5;
  if (x < region.left || x > region.right || y < region.top || y > region.bottom) return undefined;
  return {
    x,
    y,
    valueX: number(item, 'ReferencePixelPhysicalValueX') ?? 0,
    valueY: number(item, 'ReferencePixelPhysicalValueY') ?? 0,
  };
}

const contains = ({ left, top, right, bottom }: Region, [x, y]: ImagePoint): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;

const areaOf = ({ left, top, right, bottom }: Region): number => (right - left) * (bottom - top);

const byPriority = (one: Region, other: Region): number =>
  Number(one.lowPriority) - Number(other.lowPriority) || areaOf(one) - areaOf(other);

function topmost(regions: readonly Region[], point: ImagePoint): Region | undefined {
  return regions.filter((region) => contains(region, point)).sort(byPriority)[0];
}

/** A colour box on its tissue image has the same scale: a distance may cross its edge. */
function sameScale(one: Region, other: Region): boolean {
  const same = (a: AxisScale | undefined, b: AxisScale | undefined): boolean =>
    a !== undefined &&
    b !== undefined &&
    a.unit === b.unit &&
    Math.abs(a.perPixel - b.perPixel) <= 1e-3 * Math.abs(a.perPixel);
  return one.format === other.format && same(one.x, other.x) && same(one.y, other.y);
}
