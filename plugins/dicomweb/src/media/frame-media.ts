/** Which decoder of the pool turns a frame into native pixels. */
export type FrameDecoder = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'jpeg-xl' | 'deflated-frame';

/** How one frame of a transfer syntax travels, and how it is decoded. @dicom PS3.18 8.7.3.5 */
export interface FrameMedia {
  /** Of one compressed frame, or of the whole video. */
  mediaType: string;
  /** Undefined when there is no decoder: video and private syntaxes go out as stored. */
  decoder: FrameDecoder | undefined;
}

const JPEG: FrameMedia = { mediaType: 'image/jpeg', decoder: 'jpeg' };
const JPEG_LS: FrameMedia = { mediaType: 'image/jls', decoder: 'jpeg-ls' };
const JPEG_2000: FrameMedia = { mediaType: 'image/jp2', decoder: 'jpeg-2000' };
const JPEG_2000_PART_2: FrameMedia = { mediaType: 'image/jpx', decoder: undefined };
const JPEG_XL: FrameMedia = { mediaType: 'image/jxl', decoder: 'jpeg-xl' };
const HTJ2K: FrameMedia = { mediaType: 'image/jphc', decoder: 'htj2k' };
const NATIVE: FrameMedia = { mediaType: 'application/octet-stream', decoder: 'native' };
const OPAQUE: FrameMedia = { mediaType: 'application/octet-stream', decoder: undefined };

const TABLE: Readonly<Record<string, FrameMedia>> = {
  '1.2.840.10008.1.2': NATIVE,
  '1.2.840.10008.1.2.1': NATIVE,
  '1.2.840.10008.1.2.1.98': NATIVE,
  '1.2.840.10008.1.2.1.99': NATIVE,
  '1.2.840.10008.1.2.2': NATIVE,
  '1.2.840.10008.1.2.5': { mediaType: 'image/dicom-rle', decoder: 'rle' },
  '1.2.840.10008.1.2.4.50': JPEG,
  '1.2.840.10008.1.2.4.51': JPEG,
  '1.2.840.10008.1.2.4.57': JPEG,
  '1.2.840.10008.1.2.4.70': JPEG,
  '1.2.840.10008.1.2.4.80': JPEG_LS,
  '1.2.840.10008.1.2.4.81': JPEG_LS,
  '1.2.840.10008.1.2.4.90': JPEG_2000,
  '1.2.840.10008.1.2.4.91': JPEG_2000,
  '1.2.840.10008.1.2.4.92': JPEG_2000_PART_2,
  '1.2.840.10008.1.2.4.93': JPEG_2000_PART_2,
  '1.2.840.10008.1.2.4.110': JPEG_XL,
  '1.2.840.10008.1.2.4.111': JPEG_XL,
  '1.2.840.10008.1.2.4.112': JPEG_XL,
  '1.2.840.10008.1.2.4.201': HTJ2K,
  '1.2.840.10008.1.2.4.202': HTJ2K,
  '1.2.840.10008.1.2.4.203': HTJ2K,
  '1.2.840.10008.1.2.8.1': { mediaType: 'application/octet-stream', decoder: 'deflated-frame' },
};

export function frameMedia(transferSyntaxUID: string): FrameMedia {
  const known = TABLE[transferSyntaxUID];
  if (known) return known;
  if (/^1\.2\.840\.10008\.1\.2\.4\.10[01](\.1)?$/.test(transferSyntaxUID))
    return { mediaType: 'video/mpeg2', decoder: undefined };
  if (/^1\.2\.840\.10008\.1\.2\.4\.10[2-8](\.1)?$/.test(transferSyntaxUID))
    return { mediaType: 'video/mp4', decoder: undefined };
  return OPAQUE;
}
