/** How a video's bytes are wrapped. */
export type Container = 'mp4' | 'mpeg-ts' | 'mpeg-ps' | 'mpeg-1-2' | 'h264' | 'hevc' | 'unknown';

const TS_PACKET_BYTES = 188;

/** Looks at the bytes, as transfer syntaxes leave the wrapping open. @dicom PS3.5 8.2.5 to 8.2.8 */
export function containerOf(bytes: Uint8Array): Container {
  const ascii = (from: number) => String.fromCharCode(...bytes.subarray(from, from + 4));
  if (['ftyp', 'moov', 'mdat', 'free', 'wide'].includes(ascii(4))) return 'mp4';
  if (bytes[0] === 0x47 && bytes[TS_PACKET_BYTES] === 0x47) return 'mpeg-ts';
  const start = startCode(bytes);
  if (start === undefined) return 'unknown';
  const code = bytes[start] ?? 0;
  if (code === 0xba) return 'mpeg-ps';
  if (code === 0xb3) return 'mpeg-1-2';
  // NAL headers: H.264 begins with a delimiter (9), parameters (7) or SEI (6); HEVC with its two-byte ones (VPS 32, SPS 33, AUD 35).
  const hevc = (code >> 1) & 63;
  if ((code & 0x80) === 0 && [32, 33, 35, 39].includes(hevc) && (bytes[start + 1] ?? 0) === 1) return 'hevc';
  if ((code & 0x80) === 0 && [6, 7, 9].includes(code & 31)) return 'h264';
  return 'unknown';
}

/** Where the first start code's payload begins; filler before it is allowed. */
function startCode(bytes: Uint8Array): number | undefined {
  for (let index = 0; index + 3 < Math.min(bytes.length, 64); index += 1)
    if (bytes[index] === 0 && bytes[index + 1] === 0 && bytes[index + 2] === 1) return index + 3;
  return undefined;
}

/** The ending of a file with these bytes, for the download. */
export const FILE_ENDINGS: Readonly<Record<Container, string>> = {
  mp4: 'mp4',
  'mpeg-ts': 'ts',
  'mpeg-ps': 'mpg',
  'mpeg-1-2': 'm2v',
  h264: 'h264',
  hevc: 'h265',
  unknown: 'bin',
};
