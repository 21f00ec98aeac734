import type { Frame } from '../dicom/frame.ts';
import { text } from '../dicom/json.ts';
import { suvFactor } from './suv.ts';
import type { UcumUnit } from './values.ts';

/** What a frame's values mean: a value times `factor` is in `unit`. */
export interface ValueScale {
  readonly unit: UcumUnit;
  readonly factor: number;
  /** Hounsfield units, a standardised uptake value, or the values as they are. */
  readonly kind: 'hounsfield' | 'suv' | 'plain';
}

/** Units (0054,1001) of PET as UCUM has them. @dicom PS3.3 C.8.9.1.1.3 */
const PET_UNITS: Readonly<Record<string, UcumUnit>> = {
  BQML: 'Bq/ml',
  CNTS: '{counts}',
  CPS: '{counts}/s',
  PROPCNTS: '{propcounts}',
  PROPCPS: '{propcounts}/s',
  PCNT: '%',
  NONE: '1',
  MGMINML: 'mg/min/ml',
  UMOLMINML: 'umol/min/ml',
  MLMING: 'ml/min/g',
  MLG: 'ml/g',
  '1CM': '/cm',
  UMOLML: 'umol/ml',
};

const SUV_UNITS: Readonly<Record<string, UcumUnit>> = {
  BW: 'g/ml{SUVbw}',
  LBM: 'g/ml{SUVlbm}',
  LBMJAMES128: 'g/ml{SUVlbm(James128)}',
  LBMJANMA: 'g/ml{SUVlbm(Janma)}',
  IBW: 'g/ml{SUVibw}',
  BSA: 'cm2/ml{SUVbsa}',
};

/** @returns `undefined` for colour, whose samples are no measured values */
export function valueScale(frame: Frame): ValueScale | undefined {
  if (frame.pixels.samplesPerPixel !== 1 || frame.palette) return undefined;
  if (frame.modality === 'PT') return petScale(frame);
  const { rescale } = frame;
  const type = rescale?.type?.toUpperCase();
  if (type === 'HU' || (frame.modality === 'CT' && rescale && type === undefined))
    return { unit: "[hnsf'U]", factor: 1, kind: 'hounsfield' };
  return { unit: '1', factor: 1, kind: 'plain' };
}

function petScale(frame: Frame): ValueScale {
  const units = text(frame.dataset, 'Units')?.toUpperCase();
  if (units === 'GML' || units === 'CM2ML') {
    // Without a type, GML means body weight. @dicom PS3.3 C.8.9.1.1.3
    const type = text(frame.dataset, 'SUVType')?.toUpperCase() ?? (units === 'GML' ? 'BW' : 'BSA');
    const unit = Object.hasOwn(SUV_UNITS, type) ? SUV_UNITS[type] : undefined;
    if (unit) return { unit, factor: 1, kind: 'suv' };
    return { unit: units === 'GML' ? 'g/ml' : 'cm2/ml', factor: 1, kind: 'plain' };
  }
  const factor = units === 'BQML' ? suvFactor(frame.dataset) : undefined;
  if (factor !== undefined) return { unit: 'g/ml{SUVbw}', factor, kind: 'suv' };
  const unit = units !== undefined && Object.hasOwn(PET_UNITS, units) ? PET_UNITS[units] : undefined;
  return { unit: unit ?? '1', factor: 1, kind: 'plain' };
}
