import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dcmtk } from './dcmtk.ts';
import { findProgram } from './prerequisites.ts';

/** GDCM decodes JPEG 2000, which Debian's DCMTK does not. */
export const hasGdcm: boolean = findProgram('gdcmconv') !== undefined;
if (!hasGdcm) console.warn('GDCM is not installed: JPEG 2000 is left out (Debian: apt-get install libgdcm-tools)');

const JPEG = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|57|70)$/;
const JPEG_LS = /^1\.2\.840\.10008\.1\.2\.4\.8[01]$/;
const JPEG_2000 = /^1\.2\.840\.10008\.1\.2\.4\.9[01]$/;
const HIGH_THROUGHPUT = /^1\.2\.840\.10008\.1\.2\.4\.20[123]$/;
const NATIVE_OR_RLE = /^1\.2\.840\.10008\.1\.2(\.1|\.1\.99|\.2|\.5)?$/;

export interface ReferenceRequest {
  transferSyntaxUID: string;
  /** From 1. */
  frame: number;
  /** `undefined` for colour. */
  window?: { center: number; width: number } | undefined;
  voiFunction?: string;
  /** Which item of the VOI LUT Sequence, from 1, instead of the window. */
  voiLut?: number;
}

export interface Picture {
  columns: number;
  rows: number;
  samples: 1 | 3;
  data: Buffer;
}

/** Renders a frame with programs that share no code with ours. @returns the picture, or why there is none */
export async function referenceRendering(
  file: string,
  request: ReferenceRequest,
  scratch: string,
): Promise<Picture | { refused: string }> {
  const { transferSyntaxUID, frame, window, voiFunction } = request;
  // A name of its own: several are made at the same time.
  const name = randomUUID();
  let input = file;
  let program = 'dcm2pnm';
  if (JPEG.test(transferSyntaxUID)) program = 'dcmj2pnm';
  else if (JPEG_LS.test(transferSyntaxUID)) program = 'dcml2pnm';
  else if (JPEG_2000.test(transferSyntaxUID) || HIGH_THROUGHPUT.test(transferSyntaxUID)) {
    if (!hasGdcm) return { refused: 'no GDCM' };
    input = join(scratch, `${name}.dcm`);
    const encoded = HIGH_THROUGHPUT.test(transferSyntaxUID) ? join(scratch, `${name}.j2k`) : file;
    if (encoded !== file) await writeFile(encoded, asJpeg2000(await readFile(file), transferSyntaxUID));
    const { code, output } = await dcmtk('gdcmconv', ['--raw', encoded, input]);
    if (encoded !== file) await rm(encoded);
    if (code !== 0) return { refused: `gdcmconv: ${output.slice(0, 200)}` };
  } else if (!NATIVE_OR_RLE.test(transferSyntaxUID)) return { refused: `no other decoder of ${transferSyntaxUID}` };
  const output = join(scratch, `${name}.pnm`);
  const voi = request.voiLut
    ? ['+Wl', String(request.voiLut)]
    : window
      ? ['+Ww', String(window.center), String(window.width), voiFunction === 'SIGMOID' ? '+Wfs' : '+Wfl']
      : [];
  const result = await dcmtk(program, ['-q', '-O', '+F', String(frame), ...voi, '+op', input, output]);
  if (result.code !== 0) {
    const why = result.output.trim().split('\n').at(-1) ?? '';
    return { refused: `${program}: ${why.replaceAll(file, '')}` };
  }
  const picture = readPnm(await readFile(output));
  await Promise.all([rm(output), input === file ? undefined : rm(input)]);
  return picture;
}

/** The file under the name of plain JPEG 2000: OpenJPEG, with which GDCM decodes, knows high-throughput blocks, GDCM does not know their syntaxes. */
function asJpeg2000(bytes: Buffer, transferSyntaxUID: string): Buffer {
  const at = bytes.indexOf(transferSyntaxUID, 132, 'latin1');
  bytes.write('1.2.840.10008.1.2.4.91'.padEnd(transferSyntaxUID.length, '\0'), at, 'latin1');
  return bytes;
}

/** A binary PGM or PPM of 8 bits. */
function readPnm(bytes: Buffer): Picture {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < 4) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x23) at = bytes.indexOf(0x0a, at) + 1;
    else if (byte <= 0x20) at += 1;
    else {
      let end = at;
      while ((bytes[end] ?? 0) > 0x20) end += 1;
      fields.push(bytes.toString('latin1', at, end));
      at = end;
    }
  }
  const [magic, columns, rows, highest] = fields;
  if ((magic !== 'P5' && magic !== 'P6') || highest !== '255') throw new Error(`PNM ${fields.join(' ')}`);
  return {
    columns: Number(columns),
    rows: Number(rows),
    samples: magic === 'P6' ? 3 : 1,
    data: bytes.subarray(at + 1),
  };
}

export interface Difference {
  /** The largest difference of any sample, in grey levels. */
  most: number;
  /** How many samples differ by more than `allowed`. */
  beyond: number;
  where?: string;
}

/**
 * Compares a picture with red, green and blue of every pixel.
 * @param except pixels that do not count, 1 for each: DCMTK wraps what a lossy codec overshoots beyond Bits Stored, we stay at the end of the range
 */
export function difference(picture: Picture, rgb: Buffer, allowed: number, except?: Buffer): Difference {
  const left = allowed > 1 ? except : undefined;
  let most = 0;
  let beyond = 0;
  let worst = 0;
  const { samples, data, columns } = picture;
  const wanted = (index: number): number => data[samples === 3 ? index : Math.floor(index / 3)] ?? 0;
  for (let index = 0; index < rgb.length; index += 1) {
    if (left?.[Math.floor(index / 3)] === 1) continue;
    const off = Math.abs(wanted(index) - (rgb[index] ?? 0));
    if (off > allowed) beyond += 1;
    if (off > most) [most, worst] = [off, index];
  }
  if (most <= allowed) return { most, beyond };
  const pixel = Math.floor(worst / 3);
  const where = `column ${pixel % columns}, row ${Math.floor(pixel / columns)}: ${rgb[worst]} for ${wanted(worst)}`;
  return { most, beyond, where };
}
