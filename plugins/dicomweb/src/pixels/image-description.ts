/** How the pixels of an instance are laid out: a plain object that may be posted to a worker. @dicom PS3.3 C.7.6.3 */
export interface PixelLayout {
  rows: number;
  columns: number;
  samplesPerPixel: number;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
  planar: boolean;
  photometricInterpretation: string;
  numberOfFrames: number;
  kind: 'integer' | 'float';
}

/** `first`: the input value of the first entry; inputs outside are clamped. @dicom PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5 */
export interface LookupTable {
  first: number;
  /** Of the output. */
  bits: number;
  entries: Uint16Array;
}

export type WindowFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** Centre and width in modality units. @dicom PS3.3 C.11.2.1.2 */
export interface VoiWindow {
  center: number;
  width: number;
  function: WindowFunction;
}

/** How stored values of one frame become grey or colour. */
export interface Presentation {
  modality: { slope: number; intercept: number } | LookupTable;
  voi: VoiWindow | LookupTable | undefined;
  /** Stored values from `low` to `high` are padding and shown as background. @dicom PS3.3 C.7.5.1.1.2 */
  padding: { low: number; high: number } | undefined;
  palette: { red: LookupTable; green: LookupTable; blue: LookupTable } | undefined;
}

/** Bytes of one frame in native, little endian, uncompressed form; a frame of single bits starts at a byte. */
export function nativeFrameBytes(layout: PixelLayout): number {
  const pixels = layout.rows * layout.columns;
  if (layout.bitsAllocated === 1) return Math.ceil((pixels * layout.samplesPerPixel) / 8);
  return pixels * nativeSamplesPerPixel(layout) * (layout.bitsAllocated / 8);
}

/** 4:2:2 keeps two chroma samples for every two pixels. @dicom PS3.3 C.7.6.3.1.2 */
function nativeSamplesPerPixel(layout: PixelLayout): number {
  return isChroma422(layout) ? 2 : layout.samplesPerPixel;
}

export function isChroma422(layout: PixelLayout): boolean {
  return (
    layout.samplesPerPixel === 3 &&
    (layout.photometricInterpretation === 'YBR_FULL_422' || layout.photometricInterpretation === 'YBR_PARTIAL_422')
  );
}

export function isLookupTable(value: object): value is LookupTable {
  return 'entries' in value;
}
