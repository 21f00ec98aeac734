/** A unit of measurement as UCUM writes it, without the display text: that is in the message tables. @dicom PS3.16 CID 7181 */
export type UcumUnit =
  | 'mm'
  | 'mm2'
  | 'deg'
  | '{pixels}'
  | '{pixels}2'
  | "[hnsf'U]"
  | '1'
  | 's'
  | 'cm/s'
  | 'Hz'
  | 'dB'
  | '%'
  | 'Bq/ml'
  | '{counts}'
  | 'g/ml{SUVbw}'
  | 'cm2/ml{SUVbsa}'
  | 'g/ml{SUVlbm}'
  | (string & {});

export type ValueName =
  | 'length'
  /** Along the axis of a region whose two axes have different units: seconds of a Doppler trace. */
  | 'alongX'
  | 'alongY'
  | 'angle'
  | 'area'
  | 'mean'
  | 'standardDeviation'
  | 'minimum'
  | 'maximum'
  /** How many pixels lie inside. */
  | 'count'
  /** Of the pixel under a probe. */
  | 'value'
  | 'red'
  | 'green'
  | 'blue';

/** One number of a measurement, unrounded. */
export interface MeasuredValue {
  readonly name: ValueName;
  readonly value: number;
  readonly unit: UcumUnit;
}

/**
 * Where the unit of a length comes from.
 * `patient` the file's spacing in the patient · `calibrated` a projection that was calibrated by an object of known size or by geometry ·
 * `magnified` the detector's spacing divided by the file's estimated magnification · `detector` millimetres on the detector, larger than in
 * the patient · `nominal` the spacing a film scanner was set to · `region` a calibrated region of an ultrasound image · `manual` a person
 * drew a line of known length · `none` pixels.
 */
export type CalibrationKind =
  | 'patient'
  | 'calibrated'
  | 'magnified'
  | 'detector'
  | 'nominal'
  | 'region'
  | 'manual'
  | 'none';

/** Why there is no better unit. */
export type CalibrationNote =
  /** The points lie in regions of different calibration. */
  | 'regionsDiffer'
  /** A part of it lies outside of every calibrated region. */
  | 'outsideRegions'
  /** The region's units are none that can be measured. */
  | 'regionUnits'
  /** The axes have different units: a length across them means nothing. */
  | 'unlikeAxes';

export interface AxisScale {
  readonly unit: 'mm' | '{pixels}' | 's' | 'cm/s' | 'Hz' | 'dB' | '%' | 'deg';
  /** Units from one pixel to the next along a row (x) or down a column (y). */
  readonly perPixel: number;
}

/** How pixels become units at a place of a frame. */
export interface Calibration {
  readonly kind: CalibrationKind;
  readonly x: AxisScale;
  readonly y: AxisScale;
  readonly note?: CalibrationNote;
  /** FIDUCIAL or GEOMETRY, where the file says how it was calibrated. @dicom PS3.3 10.7.1.3 */
  readonly method?: string;
  /** The magnification that was divided by. */
  readonly magnification?: number;
  /** The region's values at a pixel: Doppler velocities count from the baseline. */
  readonly reference?: { readonly x: number; readonly y: number; readonly valueX: number; readonly valueY: number };
}

/** What was measured of one annotation, and by which calibration. */
export interface Measurement {
  readonly values: readonly MeasuredValue[];
  /** `undefined` where no length, angle or area was measured. */
  readonly calibration: Calibration | undefined;
  /** Why there are no values of pixels where one expects them. */
  readonly withheld?: WithheldReason;
}

/**
 * `subtracted` a mask was taken off the image: the differences on the screen depend on the mask, its shift and their scale, and the stored
 * values are not what is seen · `padding` nothing was imaged here.
 */
export type WithheldReason = 'subtracted' | 'padding';
