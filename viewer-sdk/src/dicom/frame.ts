import { items, type JsonDataset, type JsonElement, number, numbers, TAG, text, texts } from './json.ts';
import { cross, dot, toVector, type Vector } from './vector.ts';

/** A display window in the units after the modality transformation. @dicom PS3.3 C.11.2.1.2 */
export interface DisplayWindow {
  readonly center: number;
  readonly width: number;
  /** The file's own name for it, where there is one. */
  readonly explanation?: string;
}

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** Where the image lies in the patient. @dicom PS3.3 C.7.6.2.1.1 */
export interface ImagePlane {
  readonly position: Vector;
  /** The patient's direction along a row of pixels, to the right of the stored image. */
  readonly row: Vector;
  /** The patient's direction down a column of pixels. */
  readonly column: Vector;
  readonly frameOfReferenceUID: string | undefined;
}

/** Distance between pixel centres: `rowMm` from row to row (vertical), `columnMm` from column to column. @dicom PS3.3 10.7.1.1 */
export interface PixelSpacing {
  readonly rowMm: number;
  readonly columnMm: number;
  /** False when the millimetres are those of the detector and not of the patient: no length may be shown from them. */
  readonly inPatient: boolean;
}

/** A lookup table whose numbers may still lie on the server. @dicom PS3.3 C.11.1.1 */
export interface LutSource {
  readonly descriptor: readonly [entries: number, firstMapped: number, bitsPerEntry: number];
  readonly data: JsonElement;
  readonly segmented: boolean;
}

/** What a decoder has to know about the pixels. @dicom PS3.3 C.7.6.3 */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly photometricInterpretation: string;
  readonly planarConfiguration: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly pixelRepresentation: number;
}

/** One frame of one instance: the unit that is shown. Everything in it comes from the instance's own data set. */
export interface Frame {
  readonly dataset: JsonDataset;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
  /** From 1, as DICOM counts. */
  readonly frameNumber: number;
  readonly numberOfFrames: number;
  readonly instanceNumber: number | undefined;
  readonly modality: string;
  readonly pixels: PixelFormat;
  readonly rescale:
    | { readonly slope: number; readonly intercept: number; readonly type: string | undefined }
    | undefined;
  readonly modalityLut: LutSource | undefined;
  readonly palette: { readonly red: LutSource; readonly green: LutSource; readonly blue: LutSource } | undefined;
  readonly windows: readonly DisplayWindow[];
  readonly voiFunction: VoiFunction;
  readonly spacing: PixelSpacing | undefined;
  /** Width of a pixel divided by its height, from the spacing or the aspect ratio. */
  readonly pixelAspect: number;
  readonly plane: ImagePlane | undefined;
  readonly sliceThicknessMm: number | undefined;
}

/** What makes an object an image: it has rows, columns and integer samples. */
export function isImageDataset(dataset: JsonDataset): boolean {
  const rows = number(dataset, 'Rows');
  const columns = number(dataset, 'Columns');
  return !!rows && !!columns && !NOT_SHOWN_AS_IMAGES.has(text(dataset, 'SOPClassUID') ?? '');
}

/** Objects with rows and columns that mean nothing as a plain picture, and video. */
const NOT_SHOWN_AS_IMAGES = new Set([
  '1.2.840.10008.5.1.4.1.1.66.4', // Segmentation
  '1.2.840.10008.5.1.4.1.1.66.7', // Label Map Segmentation
  '1.2.840.10008.5.1.4.1.1.30', // Parametric Map
  '1.2.840.10008.5.1.4.1.1.77.1.1.1', // Video Endoscopic
  '1.2.840.10008.5.1.4.1.1.77.1.2.1', // Video Microscopic
  '1.2.840.10008.5.1.4.1.1.77.1.4.1', // Video Photographic
  '1.2.840.10008.5.1.4.1.1.77.1.6', // VL Whole Slide Microscopy
]);

/** The number of frames of an instance, at least 1. @dicom PS3.3 C.7.6.6 */
export function numberOfFrames(dataset: JsonDataset): number {
  return Math.max(1, Math.floor(number(dataset, 'NumberOfFrames') ?? 1));
}

/**
 * Reads one frame from an instance's metadata: per-frame functional groups win over shared ones, these over the data set itself.
 * @returns `undefined` for what is not an image
 * @dicom PS3.3 C.7.6.16
 */
export function describeFrame(dataset: JsonDataset, frameNumber: number): Frame | undefined {
  if (!isImageDataset(dataset)) return undefined;
  const macro = (sequence: keyof typeof TAG): JsonDataset => functionalGroup(dataset, frameNumber, sequence);
  const pixels = readPixelFormat(dataset);
  const measures = pixelMeasures(dataset, frameNumber);
  const spacing = readSpacing(measures, dataset);
  const voi = macro('FrameVOILUTSequence');
  return {
    dataset,
    StudyInstanceUID: text(dataset, 'StudyInstanceUID') ?? '',
    SeriesInstanceUID: text(dataset, 'SeriesInstanceUID') ?? '',
    SOPInstanceUID: text(dataset, 'SOPInstanceUID') ?? '',
    SOPClassUID: text(dataset, 'SOPClassUID') ?? '',
    frameNumber,
    numberOfFrames: numberOfFrames(dataset),
    instanceNumber: number(dataset, 'InstanceNumber'),
    modality: text(dataset, 'Modality') ?? '',
    pixels,
    rescale: readRescale(macro('PixelValueTransformationSequence'), dataset),
    modalityLut: readLut(items(dataset, 'ModalityLUTSequence')[0]),
    palette: readPalette(dataset),
    windows: readWindows(voi, dataset),
    voiFunction: readVoiFunction(voi),
    spacing,
    pixelAspect: spacing ? spacing.columnMm / spacing.rowMm : readAspect(dataset),
    plane: readPlane(macro('PlanePositionSequence'), macro('PlaneOrientationSequence'), dataset),
    sliceThicknessMm: number(measures, 'SliceThickness') ?? number(dataset, 'SliceThickness'),
  };
}

/** The frame's own functional group, else the shared one, else the data set itself. @dicom PS3.3 C.7.6.16 */
function functionalGroup(dataset: JsonDataset, frameNumber: number, sequence: keyof typeof TAG): JsonDataset {
  const own = items(items(dataset, 'PerFrameFunctionalGroupsSequence')[frameNumber - 1], sequence)[0];
  return own ?? items(items(dataset, 'SharedFunctionalGroupsSequence')[0], sequence)[0] ?? dataset;
}

/** Where a frame's Pixel Spacing stands. @dicom PS3.3 C.7.6.16.2.1 */
export function pixelMeasures(dataset: JsonDataset, frameNumber: number): JsonDataset {
  return functionalGroup(dataset, frameNumber, 'PixelMeasuresSequence');
}

function readPixelFormat(dataset: JsonDataset): PixelFormat {
  const bitsAllocated = number(dataset, 'BitsAllocated') ?? 16;
  const bitsStored = number(dataset, 'BitsStored') ?? bitsAllocated;
  return {
    rows: number(dataset, 'Rows') ?? 0,
    columns: number(dataset, 'Columns') ?? 0,
    samplesPerPixel: number(dataset, 'SamplesPerPixel') ?? 1,
    photometricInterpretation: text(dataset, 'PhotometricInterpretation') ?? 'MONOCHROME2',
    planarConfiguration: number(dataset, 'PlanarConfiguration') ?? 0,
    bitsAllocated,
    bitsStored,
    highBit: number(dataset, 'HighBit') ?? bitsStored - 1,
    pixelRepresentation: number(dataset, 'PixelRepresentation') ?? 0,
  };
}

/** X-ray projections: their millimetres are the detector's until somebody calibrated them. */
const PROJECTION = new Set(['CR', 'DX', 'MG', 'XA', 'RF', 'PX', 'IO', 'RG']);

/** Whether the image is an X-ray projection. */
export function isProjection(dataset: JsonDataset): boolean {
  return PROJECTION.has(text(dataset, 'Modality') ?? '');
}

function readSpacing(measures: JsonDataset, dataset: JsonDataset): PixelSpacing | undefined {
  const projection = isProjection(dataset);
  const imager = numbers(dataset, 'ImagerPixelSpacing');
  const pixel = numbers(measures, 'PixelSpacing');
  const [rowMm, columnMm] = pixel.length === 2 ? pixel : imager;
  if (!rowMm || !columnMm || rowMm <= 0 || columnMm <= 0) return undefined;
  const calibrated =
    pixel.length === 2 &&
    (text(dataset, 'PixelSpacingCalibrationType') !== undefined ||
      (imager.length === 2 && (imager[0] !== pixel[0] || imager[1] !== pixel[1])));
  return { rowMm, columnMm, inPatient: pixel.length === 2 && (!projection || calibrated) };
}

/** Pixel Aspect Ratio is vertical over horizontal size. @dicom PS3.3 C.7.6.3.1.7 */
function readAspect(dataset: JsonDataset): number {
  const [vertical, horizontal] = numbers(dataset, 'PixelAspectRatio');
  return vertical && horizontal && vertical > 0 && horizontal > 0 ? horizontal / vertical : 1;
}

function readRescale(transformation: JsonDataset, dataset: JsonDataset): Frame['rescale'] {
  const slope = number(transformation, 'RescaleSlope') ?? number(dataset, 'RescaleSlope');
  const intercept = number(transformation, 'RescaleIntercept') ?? number(dataset, 'RescaleIntercept');
  if (slope === undefined && intercept === undefined) return undefined;
  // A slope of 0 would make every pixel the same: such a file means "none".
  return {
    slope: slope || 1,
    intercept: intercept ?? 0,
    type: text(transformation, 'RescaleType') ?? text(dataset, 'RescaleType'),
  };
}

function readWindows(voi: JsonDataset, dataset: JsonDataset): DisplayWindow[] {
  const source = numbers(voi, 'WindowCenter').length > 0 ? voi : dataset;
  const centers = numbers(source, 'WindowCenter');
  const widths = numbers(source, 'WindowWidth');
  const explanations = texts(source, 'WindowCenterWidthExplanation');
  const windows: DisplayWindow[] = [];
  centers.forEach((center, index) => {
    const width = widths[index];
    const explanation = explanations[index];
    if (width === undefined || width <= 0) return;
    if (windows.some((window) => window.center === center && window.width === width)) return;
    windows.push(explanation === undefined ? { center, width } : { center, width, explanation });
  });
  return windows;
}

function readVoiFunction(voi: JsonDataset): VoiFunction {
  const name = text(voi, 'VOILUTFunction');
  return name === 'SIGMOID' || name === 'LINEAR_EXACT' ? name : 'LINEAR';
}

function readPlane(positions: JsonDataset, orientations: JsonDataset, dataset: JsonDataset): ImagePlane | undefined {
  const position = toVector(numbers(positions, 'ImagePositionPatient'));
  const cosines = numbers(orientations, 'ImageOrientationPatient');
  const row = toVector(cosines);
  const column = toVector(cosines, 3);
  if (!position || !row || !column) return undefined;
  const normal = cross(row, column);
  // Two directions that do not span a plane say nothing.
  if (dot(normal, normal) < 0.25) return undefined;
  return { position, row, column, frameOfReferenceUID: text(dataset, 'FrameOfReferenceUID') };
}

function readLut(item: JsonDataset | undefined): LutSource | undefined {
  const data = item?.[TAG.LUTData];
  const descriptor = item ? readDescriptor(item, 'LUTDescriptor') : undefined;
  return data && descriptor ? { descriptor, data, segmented: false } : undefined;
}

function readDescriptor(dataset: JsonDataset, keyword: keyof typeof TAG): LutSource['descriptor'] | undefined {
  const [entries, firstMapped, bitsPerEntry] = numbers(dataset, keyword);
  if (entries === undefined || firstMapped === undefined || bitsPerEntry === undefined) return undefined;
  // 0 entries mean 65,536. @dicom PS3.3 C.11.1.1
  return [entries === 0 ? 65_536 : entries, firstMapped, bitsPerEntry];
}

function readPalette(dataset: JsonDataset): Frame['palette'] {
  // A supplemental palette colours a part of a grey image: the rest of it is grey all the same. @dicom PS3.3 C.7.6.19
  if (text(dataset, 'PhotometricInterpretation') !== 'PALETTE COLOR') return undefined;
  const read = (color: 'Red' | 'Green' | 'Blue'): LutSource | undefined => {
    const descriptor = readDescriptor(dataset, `${color}PaletteColorLookupTableDescriptor`);
    const plain = dataset[TAG[`${color}PaletteColorLookupTableData`]];
    const segmented = dataset[TAG[`Segmented${color}PaletteColorLookupTableData`]];
    const data = plain ?? segmented;
    return descriptor && data ? { descriptor, data, segmented: !plain } : undefined;
  };
  const [red, green, blue] = [read('Red'), read('Green'), read('Blue')];
  return red && green && blue ? { red, green, blue } : undefined;
}
