import type { JsonDataset } from '../dicom/json.ts';
import { textOf } from './parts/dataset.ts';

const ROOT = '1.2.840.10008.5.1.4.1.1.';

/** SOP classes by what shows them. */
export const SOP = {
  keyObjects: `${ROOT}88.59`,
  grayscalePresentation: `${ROOT}11.1`,
  colourPresentation: `${ROOT}11.2`,
  segmentation: `${ROOT}66.4`,
  labelMap: `${ROOT}66.7`,
  structureSet: `${ROOT}481.3`,
  pdf: `${ROOT}104.1`,
  cda: `${ROOT}104.2`,
  wholeSlide: `${ROOT}77.1.6`,
} as const;

const VIDEO = new Set([`${ROOT}77.1.1.1`, `${ROOT}77.1.2.1`, `${ROOT}77.1.4.1`]);
const VIDEO_SYNTAX = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

const sopClassOf = (dataset: JsonDataset): string => textOf(dataset, 'SOPClassUID') ?? '';

export const isClass =
  (...uids: readonly string[]) =>
  (dataset: JsonDataset): boolean =>
    uids.includes(sopClassOf(dataset));

/** STL, OBJ and MTL: shapes for printing and planning. */
export const isModel = isClass(`${ROOT}104.3`, `${ROOT}104.4`, `${ROOT}104.5`);

/** Any SR document, known class or not: its root is a container. @dicom PS3.3 C.17.3 */
export const isStructuredReport = (dataset: JsonDataset): boolean =>
  textOf(dataset, 'ValueType') === 'CONTAINER' && sopClassOf(dataset) !== SOP.keyObjects;

/** A film: by its class, or by a transfer syntax that holds one (a multi-frame US may be MPEG-4). */
export const isVideo = (dataset: JsonDataset): boolean =>
  VIDEO.has(sopClassOf(dataset)) || VIDEO_SYNTAX.test(textOf(dataset, 'AvailableTransferSyntaxUID') ?? '');
