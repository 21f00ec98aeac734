import { describe, expect, it } from 'vitest';
import { FilmlessError } from '../errors.ts';
import {
  type BulkDataItem,
  type DicomJson,
  EXPLICIT_VR_LITTLE_ENDIAN,
  element,
  type FramesHeader,
  indexFrames,
  sourceOfBytes,
} from './index.ts';

const JPEG = '1.2.840.10008.1.2.4.50';
const item = (content: Uint8Array | string) => {
  const bytes = Buffer.from(content as string, 'hex');
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(bytes.byteLength, 4);
  return Buffer.concat([head, bytes]);
};
const END = Buffer.from('feffdde000000000', 'hex');
const START_BYTES = 10;

function offsets(values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

function longs(values: number[]): string {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  return bytes.toString('base64');
}

/** Frames of encapsulated pixel data as hex, by their number. */
async function encapsulated(
  table: Buffer,
  fragments: string[],
  numberOfFrames: number,
  options: { transferSyntaxUID?: string; dataset?: DicomJson } = {},
) {
  const file = Buffer.concat([Buffer.alloc(START_BYTES), item(table), ...fragments.map(item), END]);
  const header: FramesHeader = {
    dataset: { '00280008': element('IS', numberOfFrames), ...options.dataset },
    transferSyntaxUID: options.transferSyntaxUID ?? JPEG,
    bulkData: [],
  };
  const pixelData: BulkDataItem = { path: '7FE00010', vr: 'OB', offsetBytes: START_BYTES, lengthBytes: -1 };
  const index = await indexFrames(sourceOfBytes(file), header, pixelData);
  const frames = Array.from({ length: index.numberOfFrames }, (_, at) => {
    const { ranges, lengthBytes } = index.locate(at + 1);
    const hex = ranges.map((range) => file.toString('hex', range.offsetBytes, range.offsetBytes + range.lengthBytes));
    expect(hex.join('').length).toBe(lengthBytes * 2);
    return hex.join('+');
  });
  return { frames, index };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    if (error instanceof FilmlessError) return error.code;
    throw error;
  }
}

describe('indexFrames of native pixel data', () => {
  const native = (values: Record<string, number | string>, lengthBytes: number, path = '7FE00010') => {
    const vrs: Record<string, string> = { '00280004': 'CS', '00280008': 'IS' };
    const dataset = Object.fromEntries(
      Object.entries(values).map(([tag, value]) => [tag, element(vrs[tag] ?? 'US', value)]),
    );
    const header = { dataset, transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, bulkData: [] };
    return indexFrames(sourceOfBytes(new Uint8Array(0)), header, { path, vr: 'OW', offsetBytes: 1000, lengthBytes });
  };

  it('computes where each frame lies', async () => {
    const index = await native({ '00280010': 4, '00280011': 5, '00280100': 16, '00280008': 3 }, 120);
    expect(index).toMatchObject({ kind: 'native', numberOfFrames: 3, inflated: false });
    expect(index.locate(3)).toEqual({
      ranges: [{ offsetBytes: 1080, lengthBytes: 40 }],
      lengthBytes: 40,
      bitOffset: 0,
    });
    for (const frame of [0, 4, 1.5, Number.NaN]) expect(() => index.locate(frame)).toThrow(/No such frame/);
  });

  it('knows colour, subsampled colour and floating point', async () => {
    const size = { '00280010': 4, '00280011': 6, '00280002': 3, '00280100': 8 };
    expect((await native(size, 72)).locate(1).lengthBytes).toBe(72);
    expect((await native({ ...size, '00280004': 'YBR_FULL_422' }, 48)).locate(1).lengthBytes).toBe(48);
    const float = { '00280010': 4, '00280011': 6 };
    expect((await native(float, 96, '7FE00008')).locate(1).lengthBytes).toBe(96);
    expect((await native(float, 192, '7FE00009')).locate(1).lengthBytes).toBe(192);
  });

  it('gives the bit where a frame of one bit per pixel begins', async () => {
    const index = await native({ '00280010': 3, '00280011': 3, '00280100': 1, '00280008': 4 }, 6);
    expect(index.locate(1)).toEqual({ ranges: [{ offsetBytes: 1000, lengthBytes: 2 }], lengthBytes: 2, bitOffset: 0 });
    expect(index.locate(2)).toEqual({ ranges: [{ offsetBytes: 1001, lengthBytes: 2 }], lengthBytes: 2, bitOffset: 1 });
    expect(index.locate(4)).toEqual({ ranges: [{ offsetBytes: 1003, lengthBytes: 2 }], lengthBytes: 2, bitOffset: 3 });
  });

  it('does not give a frame that the pixel data has not whole', async () => {
    const index = await native({ '00280010': 4, '00280011': 5, '00280100': 16, '00280008': 3 }, 100);
    expect(index.locate(2).lengthBytes).toBe(40);
    expect(() => index.locate(3)).toThrow(/ends too early/);
    expect(await codeOf(native({ '00280010': 0, '00280011': 5, '00280100': 16 }, 0))).toBe('DECODE_FAILED');
  });
});

describe('indexFrames of encapsulated pixel data', () => {
  const none = Buffer.alloc(0);

  it('takes all fragments for a single frame', async () => {
    expect((await encapsulated(none, ['ffd8ffe0', '0102', 'ffd9'], 1)).frames).toEqual(['ffd8ffe0+0102+ffd9']);
  });

  it('takes a fragment for each frame', async () => {
    expect((await encapsulated(none, ['0a0b', '0c0d'], 2)).frames).toEqual(['0a0b', '0c0d']);
  });

  it('follows the Basic Offset Table', async () => {
    const table = offsets([0, 22]);
    const { frames } = await encapsulated(table, ['ffd8ffe0', '0102', 'ffd8ffe1', 'ffd9'], 2);
    expect(frames).toEqual(['ffd8ffe0+0102', 'ffd8ffe1+ffd9']);
  });

  it('does not follow a Basic Offset Table that points between fragments', async () => {
    const { frames } = await encapsulated(offsets([0, 20]), ['ffd8ffe0', '0102', 'ffd8ffe1', 'ffd9'], 2);
    expect(frames).toEqual(['ffd8ffe0+0102', 'ffd8ffe1+ffd9']);
    expect((await encapsulated(offsets([0, 0]), ['0a0b', '0c0d'], 2)).frames).toEqual(['0a0b', '0c0d']);
  });

  it('finds frames by the start of their images: JPEG, JPEG 2000, JPEG XL', async () => {
    for (const start of ['ffd8ffe0', 'ff4fff51', 'ff0a1234']) {
      const { frames } = await encapsulated(none, [start, '0102', start], 2);
      expect(frames).toEqual([`${start}+0102`, start]);
    }
  });

  it('does not guess when the fragments cannot be told apart', async () => {
    expect(await codeOf(encapsulated(none, ['0a0b', '0c0d', '0e0f'], 2))).toBe('DECODE_FAILED');
    expect(await codeOf(encapsulated(none, ['ffd8ffe0'], 2))).toBe('DECODE_FAILED');
    expect(await codeOf(encapsulated(none, [], 1))).toBe('DECODE_FAILED');
  });

  it('follows the Extended Offset Table, without its padding', async () => {
    const dataset = {
      '7FE00001': { vr: 'OV', InlineBinary: longs([0, 12]) },
      '7FE00002': { vr: 'OV', InlineBinary: longs([3, 4]) },
    };
    const { frames } = await encapsulated(none, ['0a0b0c00', '0d0e0f10'], 2, { dataset });
    expect(frames).toEqual(['0a0b0c', '0d0e0f10']);
    const wrong = { ...dataset, '7FE00001': { vr: 'OV', InlineBinary: longs([0, 14]) } };
    expect((await encapsulated(none, ['0a0b0c00', '0d0e0f10'], 2, { dataset: wrong })).frames).toEqual([
      '0a0b0c00',
      '0d0e0f10',
    ]);
  });

  it('gives video as one stream', async () => {
    const { frames, index } = await encapsulated(none, ['0102', '0304'], 250, {
      transferSyntaxUID: '1.2.840.10008.1.2.4.102',
    });
    expect(index.kind).toBe('video');
    expect(frames).toEqual(['0102+0304']);
  });

  it('reports fragments that end too early', async () => {
    const file = Buffer.concat([Buffer.alloc(START_BYTES), item(none), item('0102')]);
    const header = { dataset: {}, transferSyntaxUID: JPEG, bulkData: [] };
    const pixelData = { path: '7FE00010', vr: 'OB', offsetBytes: START_BYTES, lengthBytes: -1 };
    for (let size = START_BYTES; size <= file.byteLength; size++) {
      expect(await codeOf(indexFrames(sourceOfBytes(file.subarray(0, size)), header, pixelData))).toBe(
        'DICOM_TRUNCATED',
      );
    }
  });
});
