import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Attributes, type PhantomInstance, phantomStudy, SeriesWriter } from '@filmless/core/phantoms';
import { dcmtk } from './dcmtk.ts';

export const ROWS = 48;
export const COLUMNS = 64;

/** A value for every pixel: ramps, steps and single pixels, over the whole range from 0 to `most`. */
export function pattern(most: number): number[] {
  return Array.from({ length: ROWS * COLUMNS }, (_, index) => {
    const column = index % COLUMNS;
    const row = Math.floor(index / COLUMNS);
    if (row < 16) return Math.round((most * (row * COLUMNS + column)) / (16 * COLUMNS - 1));
    if (row < 32) return Math.round((most * ((column >> 3) + ((row >> 3) & 1) * 8)) / 15);
    return (column * 7 + row * 13) % 17 === 0 ? most : Math.round(most * (0.5 + 0.4 * Math.sin(column / 9 + row / 7)));
  });
}

export interface GrayFormat {
  bitsAllocated: 8 | 16;
  bitsStored: number;
  highBit?: number;
  signed?: boolean;
}

const seriesOf = (name: string, SOPClassUID: string, Modality: string, common: Attributes) =>
  new SeriesWriter(
    phantomStudy({ seed: `fidelity ${name}` }),
    { seed: name, SeriesNumber: 1, SeriesDescription: name, Modality, SOPClassUID, common },
    { LUTDescriptor: 'US', LUTData: 'US', PixelPaddingValue: 'US', RedPaletteColorLookupTableDescriptor: 'US' },
  );

/** A grey phantom of a pixel format; native. */
export function grayPhantom(name: string, format: GrayFormat, attributes: Attributes = {}): PhantomInstance {
  const { bitsAllocated, bitsStored, signed = false } = format;
  const highBit = format.highBit ?? bitsStored - 1;
  const most = 2 ** bitsStored - 1;
  const values = pattern(most).map((value) => (signed ? value - 2 ** (bitsStored - 1) : value));
  const words = values.map((value) => (value * 2 ** (highBit + 1 - bitsStored)) & (2 ** bitsAllocated - 1));
  const bytes = bitsAllocated === 8 ? Uint8Array.from(words) : new Uint8Array(Uint16Array.from(words).buffer);
  const writer = seriesOf(name, '1.2.840.10008.5.1.4.1.1.7', 'OT', {});
  return writer.write(
    1,
    {
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: bitsAllocated,
      BitsStored: bitsStored,
      HighBit: highBit,
      PixelRepresentation: signed ? 1 : 0,
      ...attributes,
    },
    bytes,
    'OW',
  );
}

/** Three values for every pixel, 0 to 255, smooth enough for a lossy codec. */
export function colors(): [number, number, number][] {
  return pattern(255).map((red, index) => {
    const column = index % COLUMNS;
    const row = Math.floor(index / COLUMNS);
    return [
      red,
      Math.round(127 + 120 * Math.sin(column / 11)),
      Math.round(127 + 120 * Math.cos(row / 9 + column / 23)),
    ];
  });
}

/** A colour phantom of three 8-bit samples, native: interleaved, in planes, or with its colour differences halved. */
export function colorPhantom(
  name: string,
  photometric: 'RGB' | 'YBR_FULL' | 'YBR_FULL_422',
  planar: 0 | 1 = 0,
): PhantomInstance {
  const pixels = colors();
  let samples: number[];
  if (photometric === 'YBR_FULL_422') {
    samples = pixels.flatMap(([y, cb, cr], index) => (index % 2 === 0 ? [y, pixels[index + 1]?.[0] ?? 0, cb, cr] : []));
  } else
    samples = planar === 1 ? [0, 1, 2].flatMap((plane) => pixels.map((pixel) => pixel[plane] ?? 0)) : pixels.flat();
  const writer = seriesOf(name, '1.2.840.10008.5.1.4.1.1.7', 'OT', {});
  return writer.write(
    1,
    {
      SamplesPerPixel: 3,
      PhotometricInterpretation: photometric,
      PlanarConfiguration: planar,
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
    },
    Uint8Array.from(samples),
    'OB',
  );
}

/** Runs a program that writes another transfer syntax. */
export const byProgram =
  (program: string, ...options: string[]) =>
  async (instance: PhantomInstance, scratch: string): Promise<Uint8Array> => {
    const name = randomUUID();
    const [input, output] = [join(scratch, `${name}.in.dcm`), join(scratch, `${name}.out.dcm`)];
    await writeFile(input, instance.bytes);
    const { code, output: said } = await dcmtk(program, [...options, input, output]);
    if (code !== 0) throw new Error(`${program} ${options.join(' ')}: ${said.slice(0, 300)}`);
    return readFile(output);
  };

interface Codecs {
  NativeCodecs: { initializeAsync(): Promise<void> };
  Transcoder: new (
    bytes: ArrayBuffer,
  ) => { transcode(syntax: string, options?: object): void; getDicomPart10(): ArrayBuffer };
}

let codecs: Promise<Codecs> | undefined;

/** Encodes what DCMTK and GDCM cannot: High-Throughput JPEG 2000 and JPEG XL. */
export const byCodecs =
  (transferSyntaxUID: string) =>
  async (instance: PhantomInstance): Promise<Uint8Array> => {
    codecs ??= (async () => {
      const loaded = createRequire(import.meta.url)('dcmjs-codecs') as Codecs;
      await loaded.NativeCodecs.initializeAsync();
      return loaded;
    })();
    const { Transcoder } = await codecs;
    const transcoder = new Transcoder(Uint8Array.from(instance.bytes).buffer);
    transcoder.transcode(transferSyntaxUID);
    return new Uint8Array(transcoder.getDicomPart10());
  };

/** The transfer syntax of a Part 10 file, from its file meta information. */
export function transferSyntaxOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const at = buffer.indexOf(Buffer.from([0x02, 0x00, 0x10, 0x00, 0x55, 0x49]));
  if (at < 0) return '1.2.840.10008.1.2';
  const length = buffer.readUInt16LE(at + 6);
  return buffer.toString('latin1', at + 8, at + 8 + length).replace(/[\0 ]+$/, '');
}
