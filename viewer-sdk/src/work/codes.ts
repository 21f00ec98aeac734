import type { JsonDataset } from '../dicom/json.ts';
import type { UcumUnit } from '../measure/values.ts';
import { attributes } from './dicom-write/dataset.ts';

/** A concept of a coding scheme. @dicom PS3.3 8.1 */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Our own scheme, for what the standard has no code for; its name starts with 99 as private ones do. @dicom PS3.3 8.2 */
export const PRIVATE_SCHEME = '99FILMLESS';

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const own = (value: string, meaning: string): Code => ({ value, scheme: PRIVATE_SCHEME, meaning });

/** The concepts that are written and looked for. @dicom PS3.16 D */
export const CODE = {
  imagingMeasurementReport: dcm('126000', 'Imaging Measurement Report'),
  imagingMeasurements: dcm('126010', 'Imaging Measurements'),
  measurementGroup: dcm('125007', 'Measurement Group'),
  imageLibrary: dcm('111028', 'Image Library'),
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  imageRegion: dcm('111030', 'Image Region'),
  language: dcm('121049', 'Language of Content Item and Descendants'),
  observerType: dcm('121005', 'Observer Type'),
  person: dcm('121006', 'Person'),
  personObserverName: dcm('121008', 'Person Observer Name'),
  procedureReported: dcm('121058', 'Procedure Reported'),
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUniqueIdentifier: dcm('112040', 'Tracking Unique Identifier'),
  finding: dcm('121071', 'Finding'),
  comment: dcm('121106', 'Comment'),
  modality: dcm('121139', 'Modality'),
  derivation: dcm('121401', 'Derivation'),
  measurementMethod: sct('370129005', 'Measurement Method'),
  keyObjectDescription: dcm('113012', 'Key Object Description'),
  length: sct('410668003', 'Length'),
  angle: sct('1483009', 'Angle'),
  area: sct('42798000', 'Area'),
  mean: sct('373098007', 'Mean'),
  standardDeviation: sct('386136009', 'Standard Deviation'),
  minimum: sct('255605001', 'Minimum'),
  maximum: sct('56851009', 'Maximum'),
  attenuation: dcm('112031', 'Attenuation Coefficient'),
  suvBodyWeight: dcm('126401', 'SUVbw'),
  suvLeanBodyMass: dcm('126402', 'SUVlbm'),
  suvBodySurfaceArea: dcm('126403', 'SUVbsa'),
  pixelValue: own('pixel-value', 'Pixel value'),
  red: own('red', 'Red value'),
  green: own('green', 'Green value'),
  blue: own('blue', 'Blue value'),
  alongX: own('along-x', 'Extent along the horizontal axis'),
  alongY: own('along-y', 'Extent along the vertical axis'),
  textPlace: own('text-place', 'Place of the text'),
} as const;

/** The titles of key object selections that are offered. @dicom PS3.16 CID 7010 */
export const KEY_OBJECT_TITLES = {
  ofInterest: dcm('113000', 'Of Interest'),
  forReferringProvider: dcm('113002', 'For Referring Provider'),
  forSurgery: dcm('113003', 'For Surgery'),
  forTeaching: dcm('113004', 'For Teaching'),
  forConference: dcm('113005', 'For Conference'),
} as const;
export type KeyObjectTitle = keyof typeof KEY_OBJECT_TITLES;

/** What was examined, as far as the modality tells. @dicom PS3.16 CID 100 */
const PROCEDURES: Readonly<Record<string, Code>> = {
  CT: sct('77477000', 'Computed tomography'),
  MR: sct('113091000', 'Magnetic resonance imaging'),
  PT: sct('82918005', 'Positron emission tomography'),
  US: sct('16310003', 'Ultrasonography'),
  MG: sct('71651007', 'Mammography'),
};
const ANY_PROCEDURE = sct('363679005', 'Imaging procedure');

export const procedureOf = (modality: string): Code => PROCEDURES[modality] ?? ANY_PROCEDURE;

const UNIT_MEANINGS: Readonly<Record<string, string>> = {
  mm: 'millimeter',
  mm2: 'square millimeter',
  deg: 'degree',
  '{pixels}': 'pixels',
  '{pixels}2': 'square pixels',
  "[hnsf'U]": 'Hounsfield unit',
  '1': 'no units',
  s: 'second',
  'cm/s': 'centimeter per second',
  Hz: 'hertz',
  dB: 'decibel',
  '%': 'percent',
  'Bq/ml': 'becquerels per milliliter',
  '{counts}': 'counts',
  'g/ml{SUVbw}': 'Standardized Uptake Value body weight',
  'cm2/ml{SUVbsa}': 'Standardized Uptake Value body surface area',
  'g/ml{SUVlbm}': 'Standardized Uptake Value lean body mass (James)',
};

/** @dicom PS3.16 CID 7181 */
export function unitCode(unit: UcumUnit): Code {
  return { value: unit, scheme: 'UCUM', meaning: (UNIT_MEANINGS[unit] ?? unit).slice(0, 64) };
}

/** Longer values have an element of their own. @dicom PS3.3 8.1 */
const MOST_CODE_CHARACTERS = 16;

export function codeItem({ value, scheme, meaning }: Code): JsonDataset {
  const keyword = value.length > MOST_CODE_CHARACTERS ? 'LongCodeValue' : 'CodeValue';
  return attributes({ [keyword]: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning });
}

/** Retired SNOMED-RT codes that other systems still write, by the codes that took their place. */
const RETIRED: Readonly<Record<string, string>> = {
  'SRT:G-D7FE': 'SCT:410668003',
  'SRT:G-A166': 'SCT:42798000',
  'SRT:R-00317': 'SCT:373098007',
  'SRT:R-10047': 'SCT:386136009',
  'SRT:R-404FB': 'SCT:255605001',
  'SRT:G-A437': 'SCT:56851009',
};

/** Whether two codes mean the same: scheme and value count, the meaning is for people. */
export function sameCode(a: Pick<Code, 'value' | 'scheme'> | undefined, b: Code): boolean {
  if (!a) return false;
  const key = `${a.scheme}:${a.value}`;
  return (RETIRED[key] ?? key) === `${b.scheme}:${b.value}`;
}
