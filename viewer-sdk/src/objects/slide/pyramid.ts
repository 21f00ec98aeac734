import type { JsonDataset } from '../../dicom/json.ts';

/** Element tags of tiled images. @dicom PS3.3 C.8.12.4, C.7.6.17 */
const TAG = {
  ImageType: '00080008',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  DimensionOrganizationType: '00209311',
  PhotometricInterpretation: '00280004',
  NumberOfFrames: '00280008',
  Rows: '00280010',
  Columns: '00280011',
  PixelSpacing: '00280030',
  SamplesPerPixel: '00280002',
  BitsAllocated: '00280100',
  PlanarConfiguration: '00280006',
  PixelMeasuresSequence: '00289110',
  TotalPixelMatrixColumns: '00480006',
  TotalPixelMatrixRows: '00480007',
  OpticalPathSequence: '00480105',
  ObjectiveLensPower: '00480112',
  PlanePositionSlideSequence: '0048021A',
  ColumnPosition: '0048021E',
  RowPosition: '0048021F',
  SharedFunctionalGroupsSequence: '52009229',
  PerFrameFunctionalGroupsSequence: '52009230',
  AvailableTransferSyntaxUID: '00083002',
} as const;
type Tag = (typeof TAG)[keyof typeof TAG];

const values = (dataset: JsonDataset | undefined, tag: Tag): readonly unknown[] => dataset?.[tag]?.Value ?? [];
const text = (dataset: JsonDataset | undefined, tag: Tag, index = 0): string =>
  String(values(dataset, tag)[index] ?? '');
const number = (dataset: JsonDataset | undefined, tag: Tag): number | undefined => {
  const value = Number(values(dataset, tag)[0] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};
const item = (dataset: JsonDataset | undefined, tag: Tag, index = 0): JsonDataset | undefined => {
  const value = values(dataset, tag)[index];
  return typeof value === 'object' && value !== null ? (value as JsonDataset) : undefined;
};

/** How the tiles of a level are stored. */
export interface TileFormat {
  readonly photometricInterpretation: string;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly planarConfiguration: number;
  readonly transferSyntaxUID: string;
}

/** One resolution of a slide. Pixels are its own. */
export interface SlideLevel {
  readonly instance: string;
  readonly columns: number;
  readonly rows: number;
  readonly tileColumns: number;
  readonly tileRows: number;
  readonly format: TileFormat;
  /** Millimetres of a pixel along a row, where the file says it. */
  readonly spacingMm: number | undefined;
  /** The frame, from 1, of the tile in a column and a row of tiles; `undefined` where nothing was scanned. */
  frameAt(column: number, row: number): number | undefined;
}

/** A slide as a pyramid: the finest level first. */
export interface SlidePyramid {
  readonly levels: readonly SlideLevel[];
  /** Of the objective, e.g. 20. */
  readonly lensPower: number | undefined;
}

/**
 * Puts the levels of a slide together. A label or an overview that is asked for is a slide of its own.
 * @throws Error when no tiles are described
 */
export function readPyramid(series: readonly JsonDataset[], instance: string): SlidePyramid {
  const own = series.find((dataset) => text(dataset, TAG.SOPInstanceUID) === instance);
  const flavour = (dataset: JsonDataset | undefined) => text(dataset, TAG.ImageType, 2);
  const isPart = (dataset: JsonDataset) =>
    text(dataset, TAG.SOPClassUID) === text(own, TAG.SOPClassUID) &&
    (dataset === own || (flavour(own) === 'VOLUME' && ['VOLUME', 'THUMBNAIL'].includes(flavour(dataset))));
  const levels = series
    .filter(isPart)
    .flatMap((dataset) => readLevel(dataset) ?? [])
    .sort((a, b) => b.columns - a.columns);
  // Two instances of one resolution would be drawn over each other: the first one stands.
  const distinct = levels.filter((level, index) => level.columns !== levels[index - 1]?.columns);
  if (distinct.length === 0) throw new Error('no tiles');
  const path = item(own, TAG.OpticalPathSequence);
  return { levels: distinct, lensPower: number(path, TAG.ObjectiveLensPower) };
}

function readLevel(dataset: JsonDataset): SlideLevel | undefined {
  const columns = number(dataset, TAG.TotalPixelMatrixColumns) ?? number(dataset, TAG.Columns);
  const rows = number(dataset, TAG.TotalPixelMatrixRows) ?? number(dataset, TAG.Rows);
  const tileColumns = number(dataset, TAG.Columns);
  const tileRows = number(dataset, TAG.Rows);
  if (!columns || !rows || !tileColumns || !tileRows) return undefined;
  const shared = item(dataset, TAG.SharedFunctionalGroupsSequence);
  const spacing = values(item(shared, TAG.PixelMeasuresSequence), TAG.PixelSpacing).map(Number);
  return {
    instance: text(dataset, TAG.SOPInstanceUID),
    columns,
    rows,
    tileColumns,
    tileRows,
    format: {
      photometricInterpretation: text(dataset, TAG.PhotometricInterpretation),
      samplesPerPixel: number(dataset, TAG.SamplesPerPixel) ?? 3,
      bitsAllocated: number(dataset, TAG.BitsAllocated) ?? 8,
      planarConfiguration: number(dataset, TAG.PlanarConfiguration) ?? 0,
      transferSyntaxUID: text(dataset, TAG.AvailableTransferSyntaxUID),
    },
    spacingMm: spacing[1] !== undefined && spacing[1] > 0 ? spacing[1] : undefined,
    frameAt: frameFinder(dataset, Math.ceil(columns / tileColumns), tileColumns, tileRows),
  };
}

/**
 * In TILED_FULL the tiles follow each other row by row, one focal plane and optical path after another: the first of both is shown. In
 * TILED_SPARSE each frame says where it lies.
 * @dicom PS3.3 C.7.6.17.3
 */
function frameFinder(
  dataset: JsonDataset,
  across: number,
  tileColumns: number,
  tileRows: number,
): (column: number, row: number) => number | undefined {
  const count = number(dataset, TAG.NumberOfFrames) ?? 1;
  const groups = values(dataset, TAG.PerFrameFunctionalGroupsSequence);
  const full = text(dataset, TAG.DimensionOrganizationType) === 'TILED_FULL' || groups.length === 0;
  if (full) {
    return (column, row) => {
      const frame = row * across + column + 1;
      return column < across && frame <= count ? frame : undefined;
    };
  }
  const places = new Map<string, number>();
  groups.forEach((_, index) => {
    const position = item(item(dataset, TAG.PerFrameFunctionalGroupsSequence, index), TAG.PlanePositionSlideSequence);
    const x = number(position, TAG.ColumnPosition);
    const y = number(position, TAG.RowPosition);
    if (x === undefined || y === undefined) return;
    // Positions count from 1. Of several planes at one place the first is shown.
    const key = `${Math.round((x - 1) / tileColumns)}/${Math.round((y - 1) / tileRows)}`;
    if (!places.has(key)) places.set(key, index + 1);
  });
  return (column, row) => places.get(`${column}/${row}`);
}

/** The coarsest level that still has a pixel for each of the screen's. @param scale screen pixels for each pixel of the finest level */
export function levelFor({ levels }: SlidePyramid, scale: number): SlideLevel {
  const [finest] = levels;
  if (!finest) throw new Error('no levels');
  return levels.findLast((level) => level.columns / finest.columns >= scale * 0.99) ?? finest;
}

/** A round length for a scale bar of about `pixels`, in millimetres. */
export function scaleBar(mmPerPixel: number, pixels: number): { readonly mm: number; readonly label: string } {
  const most = mmPerPixel * pixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  const micrometres = mm * 1000;
  return {
    mm,
    label: micrometres < 1000 ? `${Number(micrometres.toPrecision(2))} µm` : `${Number(mm.toPrecision(2))} mm`,
  };
}
