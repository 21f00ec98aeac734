/** @dicom PS3.5 10, PS3.6 Table A-1 */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  /** `native`: pixels uncompressed; `encapsulated`: fragments of images; `video`: one stream in fragments; `deflated`: the data set is compressed; `other`: no files of it. */
  readonly kind: 'native' | 'encapsulated' | 'deflated' | 'video' | 'other';
  readonly implicitVr: boolean;
  readonly bigEndian: boolean;
  readonly lossless: boolean;
  readonly retired: boolean;
}

const native = { kind: 'native', implicitVr: false, bigEndian: false, lossless: true, retired: false } as const;
const encapsulated = { ...native, kind: 'encapsulated' } as const;
const lossy = { ...encapsulated, lossless: false } as const;
const video = { ...lossy, kind: 'video' } as const;
const retired = { retired: true } as const;

const table: TransferSyntax[] = [
  { uid: '1.2.840.10008.1.2', name: 'Implicit VR Little Endian', ...native, implicitVr: true },
  { uid: '1.2.840.10008.1.2.1', name: 'Explicit VR Little Endian', ...native },
  { uid: '1.2.840.10008.1.2.1.98', name: 'Encapsulated Uncompressed Explicit VR Little Endian', ...encapsulated },
  { uid: '1.2.840.10008.1.2.1.99', name: 'Deflated Explicit VR Little Endian', ...native, kind: 'deflated' },
  { uid: '1.2.840.10008.1.2.2', name: 'Explicit VR Big Endian', ...native, bigEndian: true, ...retired },
  { uid: '1.2.840.10008.1.2.4.50', name: 'JPEG Baseline (Process 1)', ...lossy },
  { uid: '1.2.840.10008.1.2.4.51', name: 'JPEG Extended (Process 2 & 4)', ...lossy },
  { uid: '1.2.840.10008.1.2.4.52', name: 'JPEG Extended (Process 3 & 5)', ...lossy, ...retired },
  {
    uid: '1.2.840.10008.1.2.4.53',
    name: 'JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)',
    ...lossy,
    ...retired,
  },
  {
    uid: '1.2.840.10008.1.2.4.54',
    name: 'JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)',
    ...lossy,
    ...retired,
  },
  {
    uid: '1.2.840.10008.1.2.4.55',
    name: 'JPEG Full Progression, Non-Hierarchical (Process 10 & 12)',
    ...lossy,
    ...retired,
  },
  {
    uid: '1.2.840.10008.1.2.4.56',
    name: 'JPEG Full Progression, Non-Hierarchical (Process 11 & 13)',
    ...lossy,
    ...retired,
  },
  { uid: '1.2.840.10008.1.2.4.57', name: 'JPEG Lossless, Non-Hierarchical (Process 14)', ...encapsulated },
  { uid: '1.2.840.10008.1.2.4.58', name: 'JPEG Lossless, Non-Hierarchical (Process 15)', ...encapsulated, ...retired },
  {
    uid: '1.2.840.10008.1.2.4.70',
    name: 'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])',
    ...encapsulated,
  },
  { uid: '1.2.840.10008.1.2.4.80', name: 'JPEG-LS Lossless', ...encapsulated },
  { uid: '1.2.840.10008.1.2.4.81', name: 'JPEG-LS Lossy (Near-Lossless)', ...lossy },
  { uid: '1.2.840.10008.1.2.4.90', name: 'JPEG 2000 (Lossless Only)', ...encapsulated },
  { uid: '1.2.840.10008.1.2.4.91', name: 'JPEG 2000', ...lossy },
  { uid: '1.2.840.10008.1.2.4.92', name: 'JPEG 2000 Part 2 Multi-component (Lossless Only)', ...encapsulated },
  { uid: '1.2.840.10008.1.2.4.93', name: 'JPEG 2000 Part 2 Multi-component', ...lossy },
  { uid: '1.2.840.10008.1.2.4.94', name: 'JPIP Referenced', ...native, kind: 'other', lossless: false },
  { uid: '1.2.840.10008.1.2.4.95', name: 'JPIP Referenced Deflate', ...native, kind: 'other', lossless: false },
  { uid: '1.2.840.10008.1.2.4.100', name: 'MPEG2 Main Profile / Main Level', ...video },
  { uid: '1.2.840.10008.1.2.4.100.1', name: 'Fragmentable MPEG2 Main Profile / Main Level', ...video },
  { uid: '1.2.840.10008.1.2.4.101', name: 'MPEG2 Main Profile / High Level', ...video },
  { uid: '1.2.840.10008.1.2.4.101.1', name: 'Fragmentable MPEG2 Main Profile / High Level', ...video },
  { uid: '1.2.840.10008.1.2.4.102', name: 'MPEG-4 AVC/H.264 High Profile / Level 4.1', ...video },
  { uid: '1.2.840.10008.1.2.4.102.1', name: 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1', ...video },
  { uid: '1.2.840.10008.1.2.4.103', name: 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1', ...video },
  {
    uid: '1.2.840.10008.1.2.4.103.1',
    name: 'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1',
    ...video,
  },
  { uid: '1.2.840.10008.1.2.4.104', name: 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video', ...video },
  {
    uid: '1.2.840.10008.1.2.4.104.1',
    name: 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video',
    ...video,
  },
  { uid: '1.2.840.10008.1.2.4.105', name: 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video', ...video },
  {
    uid: '1.2.840.10008.1.2.4.105.1',
    name: 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video',
    ...video,
  },
  { uid: '1.2.840.10008.1.2.4.106', name: 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2', ...video },
  { uid: '1.2.840.10008.1.2.4.106.1', name: 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2', ...video },
  { uid: '1.2.840.10008.1.2.4.107', name: 'HEVC/H.265 Main Profile / Level 5.1', ...video },
  { uid: '1.2.840.10008.1.2.4.108', name: 'HEVC/H.265 Main 10 Profile / Level 5.1', ...video },
  { uid: '1.2.840.10008.1.2.4.110', name: 'JPEG XL Lossless', ...encapsulated },
  { uid: '1.2.840.10008.1.2.4.111', name: 'JPEG XL JPEG Recompression', ...lossy },
  { uid: '1.2.840.10008.1.2.4.112', name: 'JPEG XL', ...lossy },
  { uid: '1.2.840.10008.1.2.4.201', name: 'High-Throughput JPEG 2000 (Lossless Only)', ...encapsulated },
  {
    uid: '1.2.840.10008.1.2.4.202',
    name: 'High-Throughput JPEG 2000 with RPCL Options (Lossless Only)',
    ...encapsulated,
  },
  { uid: '1.2.840.10008.1.2.4.203', name: 'High-Throughput JPEG 2000', ...lossy },
  { uid: '1.2.840.10008.1.2.4.204', name: 'JPIP HTJ2K Referenced', ...native, kind: 'other', lossless: false },
  { uid: '1.2.840.10008.1.2.4.205', name: 'JPIP HTJ2K Referenced Deflate', ...native, kind: 'other', lossless: false },
  { uid: '1.2.840.10008.1.2.5', name: 'RLE Lossless', ...encapsulated },
  { uid: '1.2.840.10008.1.2.8.1', name: 'Deflated Image Frame Compression', ...encapsulated },
];

const byUid = new Map(table.map((syntax) => [syntax.uid, syntax]));

export const TRANSFER_SYNTAXES: readonly TransferSyntax[] = table;

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';

/** undefined for private and unknown ones. */
export function transferSyntax(uid: string): TransferSyntax | undefined {
  return byUid.get(uid);
}
