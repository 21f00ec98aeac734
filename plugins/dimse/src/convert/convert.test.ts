import {
  type DicomJson,
  decodeDataset,
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeDataset,
  IMPLICIT_VR_LITTLE_ENDIAN,
  readInstanceHeader,
  sourceOfBytes,
} from '@filmless/core/plugin';
import { describe, expect, it } from 'vitest';
import { instanceFile } from '../instances.test-util.ts';
import { convertedDataset } from './converted-dataset.ts';
import { VrConverter } from './little-endian.ts';

const OTHER: Record<string, string> = {
  [EXPLICIT_VR_LITTLE_ENDIAN]: IMPLICIT_VR_LITTLE_ENDIAN,
  [IMPLICIT_VR_LITTLE_ENDIAN]: EXPLICIT_VR_LITTLE_ENDIAN,
};
const convert = (bytes: Uint8Array, from: string) => new VrConverter(from).elements(Buffer.from(bytes));

const DATASET: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
  '00080018': { vr: 'UI', Value: ['1.2.3'] },
  '00081140': {
    vr: 'SQ',
    Value: [
      {
        '00081150': { vr: 'UI', Value: ['1.2'] },
        '0040A170': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['x'] } }] },
      },
      {},
    ],
  },
  '00081115': { vr: 'SQ' },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'A^B', Ideographic: '张^明' }] },
  '00186020': { vr: 'SL', Value: [-5] },
  '00280103': { vr: 'US', Value: [1] },
  '00280106': { vr: 'SS', Value: [-1024] },
  '00283006': { vr: 'OW', InlineBinary: 'AQIDBA==' },
  '00420011': { vr: 'OB', InlineBinary: 'AQI=' },
};

describe('a little endian data set in the other form', () => {
  it.each(Object.keys(OTHER))('says the same as in %s', (from) => {
    const bytes = encodeDataset(DATASET, { transferSyntaxUID: from });
    const converted = convert(bytes, from);
    expect(decodeDataset(converted, OTHER[from] ?? '')).toEqual(decodeDataset(bytes, from));
    const back = convert(converted, OTHER[from] ?? '');
    expect(decodeDataset(back, from)).toEqual(decodeDataset(bytes, from));
    expect(convert(back, from).equals(converted)).toBe(true);
  });

  it('keeps signed values signed, and private values as they are', () => {
    const bytes = encodeDataset(
      { ...DATASET, '00091001': { vr: 'UN', InlineBinary: 'AQIDBA==' }, '00090010': { vr: 'LO', Value: ['ACME'] } },
      { transferSyntaxUID: IMPLICIT_VR_LITTLE_ENDIAN },
    );
    const converted = decodeDataset(convert(bytes, IMPLICIT_VR_LITTLE_ENDIAN), EXPLICIT_VR_LITTLE_ENDIAN);
    expect(converted['00280106']).toEqual({ vr: 'SS', Value: [-1024] });
    expect(converted['00091001']).toEqual({ vr: 'UN', InlineBinary: 'AQIDBA==' });
  });

  it('has undefined lengths where they were, and keeps what lies in UN of undefined length', () => {
    const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
    // A private sequence of undefined length, implicit little endian.
    const privateSequence = hex(
      '0900 0110 FFFFFFFF FEFF00E0 FFFFFFFF 0900 0210 02000000 4142 FEFF0DE0 00000000 FEFFDDE0 00000000',
    );
    const explicit = convert(privateSequence, IMPLICIT_VR_LITTLE_ENDIAN);
    expect(explicit.equals(Buffer.concat([hex('0900 0110 554E 0000 FFFFFFFF'), privateSequence.subarray(8)]))).toBe(
      true,
    );
    expect(convert(explicit, EXPLICIT_VR_LITTLE_ENDIAN).equals(privateSequence)).toBe(true);
  });

  it('is not made of bytes that are no whole elements', () => {
    const bytes = Buffer.from(encodeDataset(DATASET, { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN }));
    for (const length of [bytes.length - 1, 13, 5])
      expect(() => convert(bytes.subarray(0, length), EXPLICIT_VR_LITTLE_ENDIAN)).toThrow();
  });
});

describe('a stored file in the other form', () => {
  it.each(Object.keys(OTHER))('has the same pixels and header as in %s', async (transferSyntaxUID) => {
    for (const pixelBytes of [100, 1_500_000]) {
      const file = instanceFile({ instance: '1.2.3.1.1', transferSyntaxUID, pixelBytes });
      const dataset = await convertedDataset(sourceOfBytes(file));
      const chunks: Uint8Array[] = [];
      for await (const chunk of dataset.chunks) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      expect(bytes.length).toBe(dataset.lengthBytes);
      const before = await readInstanceHeader(sourceOfBytes(file));
      const after = await readInstanceHeader(sourceOfBytes(bytes));
      expect(after.transferSyntaxUID).toBe(OTHER[transferSyntaxUID]);
      expect(after.dataset).toEqual(before.dataset);
      const [pixelsBefore] = before.bulkData;
      const [pixelsAfter] = after.bulkData;
      if (!pixelsBefore || !pixelsAfter) {
        expect(pixelBytes).toBeLessThan(1024);
        continue;
      }
      const part = (all: Buffer, { offsetBytes, lengthBytes }: typeof pixelsBefore) =>
        all.subarray(offsetBytes, offsetBytes + lengthBytes);
      expect(part(bytes, pixelsAfter).equals(part(file, pixelsBefore))).toBe(true);
    }
  });
});
