import { type Frame, isProjection, pixelMeasures } from '../dicom/frame.ts';
import { number, numbers, text } from '../dicom/json.ts';
import type { ImagePoint } from '../extension/contract.ts';
import type { ManualCalibration } from './annotation.ts';
import { regionCalibration } from './ultrasound-regions.ts';
import type { AxisScale, Calibration, CalibrationKind, CalibrationNote } from './values.ts';

const PIXEL: AxisScale = { unit: '{pixels}', perPixel: 1 };

const UNCALIBRATED: Calibration = { kind: 'none', x: PIXEL, y: PIXEL };

const uncalibrated = (note?: CalibrationNote): Calibration => (note ? { ...UNCALIBRATED, note } : UNCALIBRATED);

/** SOP classes of pictures that were not acquired as they are: screen copies and digitised film. @dicom PS3.4 B.5 */
const SECONDARY_CAPTURE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/;

/**
 * How the pixels of a frame become millimetres or other units at some points. Nothing is guessed: what the file does not say is measured
 * in pixels. In this order: a person's own calibration, the regions of an ultrasound image, Pixel Spacing, Imager Pixel Spacing, Nominal
 * Scanned Pixel Spacing.
 * @param points all points of the measurement
 * @dicom PS3.3 10.7
 */
export function calibrationOf(frame: Frame, points: readonly ImagePoint[], manual?: ManualCalibration): Calibration {
  const regions = regionCalibration(frame.dataset, points);
  // Millimetres say nothing of seconds and velocities.
  const lengths = typeof regions !== 'object' || (regions.x.unit === 'mm' && regions.y.unit === 'mm');
  if (manual && lengths) return inMm('manual', manual.rowMm, manual.columnMm);
  if (typeof regions === 'object') return regions;
  // In an image with regions, a place outside of them has no scale, whatever else the file says.
  if (regions !== undefined) return uncalibrated(regions);
  const pixel = pair(numbers(pixelMeasures(frame.dataset, frame.frameNumber), 'PixelSpacing'));
  const imager = pair(numbers(frame.dataset, 'ImagerPixelSpacing'));
  const nominal = pair(numbers(frame.dataset, 'NominalScannedPixelSpacing'));
  const method = text(frame.dataset, 'PixelSpacingCalibrationType')?.toUpperCase();
  if (pixel && (method !== undefined || (imager && !equal(imager, pixel))))
    return { ...inMm('calibrated', ...pixel), ...(method === undefined ? {} : { method }) };
  if (isProjection(frame.dataset)) {
    const detector = imager ?? pixel;
    if (detector) return onDetector(frame, detector, imager !== undefined);
  } else if (pixel) {
    const scanned = nominal && equal(nominal, pixel) && SECONDARY_CAPTURE.test(frame.SOPClassUID);
    return inMm(scanned ? 'nominal' : 'patient', ...pixel);
  } else if (imager) return inMm('detector', ...imager);
  if (nominal) return inMm('nominal', ...nominal);
  return uncalibrated();
}

/**
 * Millimetres on the detector, or in the patient by the file's magnification: the distance of the source from the detector divided by its
 * distance from the object. A Pixel Spacing that says neither may have the magnification in it already.
 * @dicom PS3.3 10.7.1.3, C.8.7.10
 */
function onDetector(frame: Frame, [rowMm, columnMm]: Pair, ofImager: boolean): Calibration {
  const magnification = number(frame.dataset, 'EstimatedRadiographicMagnificationFactor');
  if (ofImager && magnification !== undefined && magnification >= 1)
    return { ...inMm('magnified', rowMm / magnification, columnMm / magnification), magnification };
  return inMm('detector', rowMm, columnMm);
}

/** The calibration that a line of known length makes. @returns `undefined` for a line or a length of nothing */
export function calibrateByLine(
  frame: Frame,
  [from, to]: readonly [ImagePoint, ImagePoint],
  lengthMm: number,
): { readonly rowMm: number; readonly columnMm: number } | undefined {
  const across = Math.hypot((to[0] - from[0]) * frame.pixelAspect, to[1] - from[1]);
  if (!(across > 0) || !(lengthMm > 0) || !Number.isFinite(lengthMm)) return undefined;
  const rowMm = lengthMm / across;
  return { rowMm, columnMm: rowMm * frame.pixelAspect };
}

type Pair = readonly [rowMm: number, columnMm: number];

function pair([row, column]: readonly number[]): Pair | undefined {
  return row !== undefined && column !== undefined && row > 0 && column > 0 ? [row, column] : undefined;
}

const equal = (one: Pair, other: Pair): boolean => one[0] === other[0] && one[1] === other[1];

function inMm(kind: CalibrationKind, rowMm: number, columnMm: number): Calibration {
  return { kind, x: { unit: 'mm', perPixel: columnMm }, y: { unit: 'mm', perPixel: rowMm } };
}
