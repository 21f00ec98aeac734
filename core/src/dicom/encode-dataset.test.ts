import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilmlessError } from '../errors.ts';
import {
  type DicomJson,
  type DicomJsonElement,
  decodeDataset,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  element,
  encodeCommandSet,
  encodeDataset,
  firstString,
  IMPLICIT_VR_LITTLE_ENDIAN,
  strings,
  tagOf,
} from './index.ts';

const SYNTAXES = [IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN];

const word = (characters: string) =>
  fc
    .array(fc.constantFrom(...characters), { minLength: 1, maxLength: 20 })
    .map((list) => list.join('').trim())
    .filter((text) => text !== '');
const latin = 'abc XYZ019-_.()';
const chinese = `${latin}张三李四王小明人民医院放射科（，）`;
const many = (value: fc.Arbitrary<string | number>) => fc.array(value, { minLength: 1, maxLength: 4 });
const binary = (unitBytes: number) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 8 })
    .map((bytes) => Buffer.alloc(bytes.length * unitBytes, Uint8Array.from(bytes)).toString('base64'));

const valued = (keyword: string, vr: string, values: fc.Arbitrary<(string | number)[]>) =>
  values.map((Value): [string, DicomJsonElement] => [tagOf(keyword), { vr, Value }]);
const inline = (keyword: string, vr: string, unitBytes: number) =>
  binary(unitBytes).map((InlineBinary): [string, DicomJsonElement] => [tagOf(keyword), { vr, InlineBinary }]);

function elements(characters: string): fc.Arbitrary<[string, DicomJsonElement]>[] {
  const text = word(characters);
  const name = fc
    .record({ Alphabetic: word(latin) })
    .chain((base) =>
      fc
        .option(text, { nil: undefined })
        .map((Ideographic) => (Ideographic === undefined ? base : { ...base, Ideographic })),
    );
  return [
    valued('RetrieveAETitle', 'AE', many(word('ABC1'))),
    valued('PatientAge', 'AS', fc.constant(['045Y'])),
    valued('FrameIncrementPointer', 'AT', fc.constant(['00181063', '0020000D'])),
    valued('ImageType', 'CS', many(word('AB_9'))),
    valued('StudyDate', 'DA', fc.constant(['20240131'])),
    valued('PixelSpacing', 'DS', many(fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 1000))),
    valued('AcquisitionDateTime', 'DT', fc.constant(['20240131101112.5+0800'])),
    valued('AcquisitionDuration', 'FD', many(fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0))),
    valued('TableTopPitchAngle', 'FL', many(fc.float({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0))),
    valued('InstanceNumber', 'IS', many(fc.integer())),
    valued('OtherPatientIDs', 'LO', many(text)),
    valued('ImageComments', 'LT', fc.tuple(text)),
    name.map((value): [string, DicomJsonElement] => [tagOf('PatientName'), { vr: 'PN', Value: [value] }]),
    valued('AccessionNumber', 'SH', many(text)),
    valued('ReferencePixelX0', 'SL', many(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))),
    valued('TagAngleSecondAxis', 'SS', many(fc.integer({ min: -32768, max: 32767 }))),
    valued('InstitutionAddress', 'ST', fc.tuple(text)),
    valued('SelectorSVValue', 'SV', many(fc.maxSafeInteger())),
    valued('StudyTime', 'TM', fc.constant(['101112.123'])),
    valued('LongCodeValue', 'UC', fc.tuple(text)),
    valued('StudyInstanceUID', 'UI', fc.constantFrom(['1.2.3'], ['1.2.34'])),
    valued('RegionFlags', 'UL', many(fc.integer({ min: 0, max: 2 ** 32 - 1 }))),
    valued('RetrieveURL', 'UR', fc.constant(['http://host/a?b=c'])),
    valued('Rows', 'US', many(fc.integer({ min: 0, max: 65535 }))),
    valued('TextValue', 'UT', fc.tuple(text)),
    valued('SelectorUVValue', 'UV', fc.constantFrom(['18446744073709551615'], [7])),
    inline('ICCProfile', 'OB', 2),
    inline('RedPaletteColorLookupTableData', 'OW', 2),
    inline('VectorGridData', 'OF', 4),
    inline('TrackPointIndexList', 'OL', 4),
    binary(2).map((InlineBinary): [string, DicomJsonElement] => ['00091001', { vr: 'UN', InlineBinary }]),
    fc.constant<[string, DicomJsonElement]>([tagOf('PatientSex'), { vr: 'CS' }]),
  ];
}

function dataset(characters: string, depth: number): fc.Arbitrary<DicomJson> {
  const flat = fc.array(fc.oneof(...elements(characters)), { maxLength: 12 }).map((list) => Object.fromEntries(list));
  if (depth === 0) return flat;
  const sequence = fc.array(dataset(characters, depth - 1), { maxLength: 3 });
  return fc.tuple(flat, sequence).map(([base, items]) => ({
    ...base,
    [tagOf('ReferencedStudySequence')]: items.length > 0 ? { vr: 'SQ', Value: items } : { vr: 'SQ' },
  }));
}

const withoutCharacterSet = ({ '00080005': _, ...rest }: DicomJson) => rest;

describe('encodeDataset and decodeDataset', () => {
  for (const transferSyntaxUID of SYNTAXES) {
    for (const [characterSet, characters] of [
      ['ISO_IR 192', chinese],
      ['GB18030', chinese],
      ['GBK', chinese],
      ['\\ISO 2022 IR 58', chinese],
      ['ISO_IR 100', `${latin}éüß`],
      ['', latin],
    ] as const) {
      it(`give back what was encoded: ${transferSyntaxUID}, ${characterSet || 'default repertoire'}`, () => {
        fc.assert(
          fc.property(dataset(characters, 2), (original) => {
            const bytes = encodeDataset(original, { transferSyntaxUID, characterSet });
            const decoded = decodeDataset(bytes, transferSyntaxUID);
            expect(withoutCharacterSet(decoded)).toEqual(original);
            expect(strings(decoded, 'SpecificCharacterSet').join('\\')).toBe(characterSet);
            expect(bytes.byteLength % 2).toBe(0);
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  it('write tags in order', () => {
    const bytes = encodeDataset(
      { '00200010': element('SH', '1'), '00080060': element('CS', 'CT') },
      { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, characterSet: '' },
    );
    expect(Buffer.from(bytes).toString('latin1')).toBe('\x08\x00\x60\x00CS\x02\x00CT\x20\x00\x10\x00SH\x02\x001 ');
  });

  it('repeat the escape sequence of ISO 2022 IR 58 after each delimiter', () => {
    const bytes = encodeDataset(
      { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小东' }] } },
      { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, characterSet: '\\ISO 2022 IR 58' },
    );
    // The example of PS3.5 K.2, byte for byte.
    const example = Buffer.from('Wang^XiaoDong=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1\xb6\xab', 'latin1');
    expect(Buffer.from(bytes).includes(example)).toBe(true);
  });

  it.each([
    ['ISO_IR 100', '张'],
    ['GBK', '𠮷'],
    ['\\ISO 2022 IR 58', '镕'],
    ['', 'é'],
  ])('write everything in UTF-8 when %s lacks a character', (characterSet, character) => {
    const bytes = encodeDataset(
      { '00100020': element('LO', `A${character}`) },
      { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, characterSet },
    );
    const decoded = decodeDataset(bytes, EXPLICIT_VR_LITTLE_ENDIAN);
    expect(firstString(decoded, 'PatientID')).toBe(`A${character}`);
    expect(strings(decoded, 'SpecificCharacterSet')).toEqual(['ISO_IR 192']);
  });

  it('say one character set for items that had another', () => {
    const item = { '00080005': element('CS', 'GBK'), '00080104': element('LO', '胸部') };
    const bytes = encodeDataset(
      { '00321064': { vr: 'SQ', Value: [item] } },
      { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, characterSet: 'ISO_IR 192' },
    );
    expect(decodeDataset(bytes, EXPLICIT_VR_LITTLE_ENDIAN)['00321064']?.Value).toEqual([
      { '00080104': element('LO', '胸部') },
    ]);
  });

  it('write a value too long for its VR as UN, and read it back', () => {
    const values = Array.from({ length: 20_000 }, (_, index) => index / 8);
    const bytes = encodeDataset(
      { '30060050': { vr: 'DS', Value: values } },
      { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN },
    );
    expect(decodeDataset(bytes, EXPLICIT_VR_LITTLE_ENDIAN)['30060050']).toEqual({ vr: 'DS', Value: values });
  });

  it('keep to 16 characters in DS', () => {
    for (const value of [Math.PI * 1e5, -1 / 3, 1.23456789012345e-7, -1.23456789012345e300]) {
      const bytes = encodeDataset(
        { '00180050': element('DS', value) },
        { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN },
      );
      expect(bytes.byteLength).toBeLessThanOrEqual(8 + 16);
      const read = decodeDataset(bytes, EXPLICIT_VR_LITTLE_ENDIAN)['00180050']?.Value?.[0];
      expect(Math.abs(Number(read) / value - 1)).toBeLessThan(1e-7);
    }
  });

  it('refuse what cannot be encoded instead of leaving it out', () => {
    const refuse = (dataset: DicomJson) => {
      let code: unknown;
      try {
        encodeDataset(dataset, { transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN });
      } catch (error) {
        code = error instanceof FilmlessError ? error.code : error;
      }
      expect(code).toBe('INVALID_REQUEST');
    };
    refuse({ '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' } });
    refuse({ '00100020': element('LO', 'a\\b') });
    refuse({ '00280010': element('US', 70_000) });
    refuse({ '00280009': element('AT', 'nonsense') });
    refuse({ patientName: element('PN', 'A') });
    let deep: DicomJson = {};
    for (let level = 0; level < 100; level++) deep = { '00081110': { vr: 'SQ', Value: [deep] } };
    refuse(deep);
  });
});

describe('encodeCommandSet', () => {
  it('counts the bytes after the group length', () => {
    const bytes = encodeCommandSet({
      '00000100': element('US', 0x8030),
      '00000002': element('UI', '1.2.840.10008.1.1'),
    });
    const decoded = decodeDataset(bytes, IMPLICIT_VR_LITTLE_ENDIAN);
    expect(decoded['00000000']?.Value).toEqual([bytes.byteLength - 12]);
    expect(decoded['00000100']?.Value).toEqual([0x8030]);
  });
});

describe('decodeDataset', () => {
  it('throws DICOM_MALFORMED for any garbage, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...SYNTAXES), (bytes, syntax) => {
        try {
          decodeDataset(bytes, syntax);
        } catch (error) {
          expect(error).toBeInstanceOf(FilmlessError);
          expect((error as FilmlessError).code).toBe('DICOM_MALFORMED');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('throws DICOM_MALFORMED for valid data cut or altered anywhere', () => {
    const original: DicomJson = {
      '00080005': element('CS', 'ISO_IR 192'),
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }] },
      '00081110': { vr: 'SQ', Value: [{ '00081150': element('UI', '1.2.3') }, {}] },
      '00280010': element('US', 512),
      '00281201': { vr: 'OW', InlineBinary: 'AAAA' },
    };
    for (const transferSyntaxUID of SYNTAXES) {
      const bytes = encodeDataset(original, { transferSyntaxUID });
      fc.assert(
        fc.property(
          fc.nat(bytes.byteLength - 1),
          fc.integer({ min: 0, max: 255 }),
          fc.nat(bytes.byteLength),
          (at, value, end) => {
            const altered = Uint8Array.from(bytes);
            altered[at] = value;
            for (const input of [altered, bytes.subarray(0, end)]) {
              try {
                decodeDataset(input, transferSyntaxUID);
              } catch (error) {
                expect((error as FilmlessError).code).toBe('DICOM_MALFORMED');
              }
            }
          },
        ),
        { numRuns: 500 },
      );
    }
  });
});
