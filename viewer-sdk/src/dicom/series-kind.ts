/** Modalities whose series hold no pictures: they are listed as documents. The instances' own data sets have the last word. */
const NOT_IMAGES = new Set([
  'SR',
  'PR',
  'KO',
  'DOC',
  'ECG',
  'EEG',
  'EPS',
  'HD',
  'RESP',
  'AU',
  'REG',
  'FID',
  'RTSTRUCT',
  'RTPLAN',
  'RTRECORD',
  'SEG',
  'ANN',
  'PLAN',
  'STAIN',
  'RWV',
  'ASMT',
  'M3D',
  'SMR',
  'SM',
  'TEXTUREMAP',
  'LEN',
  'KER',
  'AR',
  'SRF',
  'VA',
  'IOL',
]);

/** Whether a series of this modality is expected to hold pictures. */
export function isImageModality(modality: string): boolean {
  return !NOT_IMAGES.has(modality);
}
