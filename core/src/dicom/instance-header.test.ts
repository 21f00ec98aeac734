import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encode, file, identifiers, meta, pixelData, pixels, raw, read, readCode } from './header-files.test-util.ts';
import {
  type ByteSource,
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  type DicomJson,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  element,
  encodeDataset,
  firstString,
  IMPLICIT_VR_LITTLE_ENDIAN,
  readInstanceHeader,
} from './index.ts';

describe('readInstanceHeader', () => {
  it.each([IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN])(
    'reads %s',
    async (syntax) => {
      const dataset = {
        ...identifiers,
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }] },
        '00280010': element('US', 512),
        '00280103': element('US', 1),
        '00280106': element('SS', -5),
        ...pixelData,
      };
      const bytes = file(dataset, syntax, 'GB18030');
      const header = await read(bytes);
      expect(header).toMatchObject({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: '1.2.3.4',
        StudyInstanceUID: '1.2.3',
        SeriesInstanceUID: '1.2.3.1',
        transferSyntaxUID: syntax,
        characterSet: { declared: ['GB18030'], used: ['GB18030'], cured: false },
      });
      expect(header.dataset).toEqual({ '00080005': element('CS', 'GB18030'), ...dataset });
      const [item] = header.bulkData;
      expect(item).toEqual({ path: '7FE00010', vr: 'OW', offsetBytes: bytes.byteLength - 2048, lengthBytes: 2048 });
      expect(header.datasetOffsetBytes).toBe(meta(syntax).byteLength);
    },
  );

  it('inflates a deflated data set only as far as it must, and gives offsets in what is inflated', async () => {
    const dataset = encode({ ...identifiers, ...pixelData });
    const bytes = Buffer.concat([meta(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN), deflateRawSync(dataset)]);
    const header = await read(bytes);
    expect(header.transferSyntaxUID).toBe(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
    expect(header.bulkData).toEqual([
      { path: '7FE00010', vr: 'OW', offsetBytes: dataset.byteLength - 2048, lengthBytes: 2048, inflated: true },
    ]);
    expect(await readCode(bytes.subarray(0, bytes.byteLength - 20))).toBe('DICOM_TRUNCATED');
    const short = deflateRawSync(dataset.subarray(0, dataset.byteLength - 1000));
    expect(await readCode(Buffer.concat([meta(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN), short]))).toBe('DICOM_TRUNCATED');
    const noise = Buffer.alloc(500, 0xff);
    expect(await readCode(Buffer.concat([meta(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN), noise]))).toBe('DICOM_MALFORMED');
  });

  it('does not read pixels, and reads nothing when the head has the header', async () => {
    const bytes = file({ ...identifiers, ...pixelData });
    const reads: [number, number][] = [];
    const big: ByteSource = {
      sizeBytes: bytes.byteLength,
      read(offset, length) {
        reads.push([offset, length]);
        return Promise.resolve(bytes.subarray(offset, offset + length));
      },
    };
    const head = bytes.subarray(0, bytes.byteLength - 1024);
    await readInstanceHeader(big, { head });
    expect(reads).toEqual([]);
    const cut = await readInstanceHeader(big, { head: bytes.subarray(0, 300) });
    expect(cut.SOPInstanceUID).toBe('1.2.3.4');
  });

  it('gives the same header whatever part of the file the head has', async () => {
    const dataset: DicomJson = {
      ...identifiers,
      '00400555': { vr: 'SQ', Value: [{ '00080104': element('LO', '胸部') }, {}] },
      '00420011': { vr: 'OB', BulkDataURI: '00420011' },
      '00204000': element('LT', 'x'.repeat(3000)),
      ...pixelData,
    };
    const bytes = file(dataset);
    const whole = await read(bytes);
    for (let size = 0; size <= bytes.byteLength; size += 7) {
      expect(await read(bytes, { head: bytes.subarray(0, size) })).toEqual(whole);
    }
  });

  it('reads long headers in few reads, and skips bulk data inside items', async () => {
    const items = Array.from({ length: 12_000 }, (_, index) => ({
      '00081155': element('UI', `1.2.3.4.${index}`),
      '00280010': element('US', index % 65_536),
    }));
    const waveform: DicomJson = { '54001010': { vr: 'OW', BulkDataURI: '54000100/1/54001010' } };
    const large = new Uint8Array(3_000_000);
    const dataset: DicomJson = {
      ...identifiers,
      '00081140': { vr: 'SQ', Value: items },
      '54000100': { vr: 'SQ', Value: [{}, waveform] },
      ...pixelData,
    };
    const options = {
      transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
      bulkData: (path: string) => (path === '7FE00010' ? pixels : large),
    };
    const bytes = Buffer.concat([meta(EXPLICIT_VR_LITTLE_ENDIAN), encodeDataset(dataset, options)]);
    let readBytes = 0;
    const header = await readInstanceHeader({
      sizeBytes: bytes.byteLength,
      read(offset, length) {
        readBytes += length;
        return Promise.resolve(bytes.subarray(offset, offset + length));
      },
    });
    expect(header.dataset['00081140']?.Value).toEqual(items);
    expect(header.bulkData[0]).toMatchObject({ path: '54000100/1/54001010', lengthBytes: 3_000_000 });
    const [item] = header.bulkData;
    expect(bytes.subarray(item!.offsetBytes - 12, item!.offsetBytes - 6).toString('latin1')).toBe('\x00\x54\x10\x10OW');
    expect(readBytes).toBeLessThan(bytes.byteLength - 1_500_000);
  });

  it('reads raw data sets without File Meta Information by what they are', async () => {
    for (const syntax of [IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN]) {
      const header = await read(encode({ ...identifiers, ...pixelData }, syntax));
      expect(header).toMatchObject({ transferSyntaxUID: syntax, datasetOffsetBytes: 0, SOPInstanceUID: '1.2.3.4' });
    }
    const withMeta = file(identifiers);
    for (const start of [128, 132]) {
      expect((await read(withMeta.subarray(start))).SOPInstanceUID).toBe('1.2.3.4');
    }
  });

  it('believes the data set where the meta information says implicit or explicit wrongly', async () => {
    const explicit = Buffer.concat([meta(IMPLICIT_VR_LITTLE_ENDIAN), encode(identifiers, EXPLICIT_VR_LITTLE_ENDIAN)]);
    expect(await read(explicit)).toMatchObject({
      transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
      StudyInstanceUID: '1.2.3',
    });
    const implicit = Buffer.concat([meta(EXPLICIT_VR_LITTLE_ENDIAN), encode(identifiers, IMPLICIT_VR_LITTLE_ENDIAN)]);
    expect(await read(implicit)).toMatchObject({
      transferSyntaxUID: IMPLICIT_VR_LITTLE_ENDIAN,
      StudyInstanceUID: '1.2.3',
    });
    const jpeg = Buffer.concat([meta('1.2.840.10008.1.2.4.50'), encode(identifiers, IMPLICIT_VR_LITTLE_ENDIAN)]);
    expect(await readCode(jpeg)).toBe('DICOM_MALFORMED');
  });

  it('refuses a file cut at any byte before its last with a registry error', async () => {
    const bytes = file({
      ...identifiers,
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }] },
      '00400555': { vr: 'SQ', Value: [{ '00080104': element('LO', '胸部') }] },
      ...pixelData,
    });
    for (let size = 0; size < bytes.byteLength; size++) {
      const code = await readCode(bytes.subarray(0, size));
      // Cut between two elements a file is whole but for what is missing: the identifiers tell, or the pixel data is not there.
      if (code === 'read') expect((await read(bytes.subarray(0, size))).dataset['7FE00010']).toBeUndefined();
      else expect(code).toMatch(/^(NOT_DICOM|DICOM_(TRUNCATED|MALFORMED|IDENTIFIER_MISSING))$/);
    }
    const inPixels = bytes.byteLength - 2047;
    for (let size = inPixels; size < bytes.byteLength; size += 97) {
      expect(await readCode(bytes.subarray(0, size))).toBe('DICOM_TRUNCATED');
    }
  });

  it('refuses what is no DICOM', async () => {
    expect(await readCode(new Uint8Array(0))).toBe('NOT_DICOM');
    expect(await readCode(Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(5000, 'x'), 'latin1'))).toBe('NOT_DICOM');
    expect(await readCode(Buffer.from('MSH|^~\\&|HIS|'.padEnd(300, ' ')))).toBe('NOT_DICOM');
  });

  it.each(['00080016', '00080018', '0020000D', '0020000E'])('refuses a data set without %s', async (tag) => {
    const { [tag]: _, ...rest } = identifiers;
    expect(await readCode(file(rest))).toBe('DICOM_IDENTIFIER_MISSING');
    expect(await readCode(file({ ...rest, [tag]: element('UI') }))).toBe('DICOM_IDENTIFIER_MISSING');
    expect(await readCode(file({ ...rest, [tag]: element('UI', '1.2', '1.3') }))).toBe('DICOM_MALFORMED');
    expect(await readCode(file({ ...rest, [tag]: element('UI', '../1.2') }))).toBe('DICOM_MALFORMED');
  });

  it('refuses two different values of what identifies', async () => {
    const once = [encode(identifiers), raw(0x00100020, 'LO', 'A1')];
    const twice = (second: string) =>
      Buffer.concat([meta(EXPLICIT_VR_LITTLE_ENDIAN), ...once, raw(0x00100020, 'LO', second)]);
    expect(await readCode(twice('B2'))).toBe('DICOM_MALFORMED');
    expect(firstString((await read(twice('A1'))).dataset, 'PatientID')).toBe('A1');
    const studies = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      raw(0x0020000d, 'UI', '1.9\0'),
    ]);
    expect(await readCode(studies)).toBe('DICOM_MALFORMED');
  });

  it('keeps values that violate their VR', async () => {
    const odd = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      raw(0x00200013, 'IS', 'five'),
      raw(0x00280010, 'US', 'abc'),
      raw(0x00281050, 'DS', '40\\x1\\ 7 '),
    ]);
    const { dataset } = await read(odd);
    expect(dataset['00200013']).toEqual(element('IS', 'five'));
    expect(dataset['00280010']).toEqual({ vr: 'US', InlineBinary: Buffer.from('abc').toString('base64') });
    expect(dataset['00281050']).toEqual(element('DS', 40, 'x1', 7));
  });

  it('reads elements whose VR is blank, unknown or missing when what follows proves it', async () => {
    const tail = raw(0x00400254, 'LO', 'end!');
    const implicit = Buffer.from([0x28, 0, 0x10, 0, 2, 0, 0, 0, 0, 2]);
    const later = Buffer.concat([Buffer.from([0x28, 0, 0x20, 0x01, 0x58, 0x59, 0, 0, 2, 0, 0, 0, 1, 2])]);
    for (const [odd, key] of [
      [raw(0x00280120, '  ', 'ab'), '00280120'],
      [implicit, '00280010'],
      [later, '00280120'],
    ] as const) {
      const bytes = Buffer.concat([meta(EXPLICIT_VR_LITTLE_ENDIAN), encode(identifiers), odd, tail]);
      const { dataset } = await read(bytes);
      expect(dataset[key]).toBeDefined();
      expect(firstString(dataset, 'PerformedProcedureStepDescription')).toBe('end!');
    }
    const broken = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      raw(0x00280120, '  ', 'ab', 900),
      tail,
    ]);
    expect(await readCode(broken)).toBe('DICOM_MALFORMED');
  });

  it('reads sequences of undefined length, UN sequences and skips fragments of an icon', async () => {
    const item = (content: Buffer) =>
      Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), content, Buffer.from('feff0de000000000', 'hex')]);
    const end = Buffer.from('feffdde000000000', 'hex');
    const icon = Buffer.concat([
      raw(0x7fe00010, 'OB', '', 0xffffffff),
      Buffer.from('feff00e000000000', 'hex'),
      Buffer.from('feff00e004000000ffd8ffd9', 'hex'),
      end,
    ]);
    const implicitItem = Buffer.from('08000001040000004142432a'.replace('2a', '20'), 'hex');
    const bytes = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      raw(0x00400275, 'UN', '', 0xffffffff),
      item(implicitItem),
      end,
      raw(0x00880200, 'SQ', '', 0xffffffff),
      item(icon),
      end,
      raw(0x00880904, 'LO', 'after '),
    ]);
    const { dataset, bulkData } = await read(bytes);
    expect(dataset['00400275']).toEqual({ vr: 'SQ', Value: [{ '00080100': element('SH', 'ABC') }] });
    expect(bulkData).toMatchObject([{ path: '00880200/0/7FE00010', lengthBytes: -1 }]);
    expect(dataset['00880904']).toEqual(element('LO', 'after'));
  });

  it('refuses hostile nesting and lengths without taking long', async () => {
    const open = Buffer.concat([raw(0x00081110, 'SQ', '', 0xffffffff), Buffer.from('feff00e0ffffffff', 'hex')]);
    const deep = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      ...Array.from({ length: 20_000 }, () => open),
    ]);
    expect(await readCode(deep)).toBe('DICOM_MALFORMED');
    const long = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      encode(identifiers),
      raw(0x00420011, 'OB', 'x', 0xfffffff0),
    ]);
    expect(await readCode(long)).toBe('DICOM_TRUNCATED');
  });

  it('requires encapsulated pixel data to reach its last delimiter', async () => {
    const syntax = '1.2.840.10008.1.2.4.50';
    const fragments = Buffer.from('feff00e000000000feff00e004000000ffd8ffd9', 'hex');
    const end = Buffer.from('feffdde000000000', 'hex');
    const start = Buffer.concat([meta(syntax), encode(identifiers), raw(0x7fe00010, 'OB', '', 0xffffffff), fragments]);
    expect(await readCode(Buffer.concat([start, end]))).toBe('read');
    expect(await readCode(Buffer.concat([start, end, raw(0xfffcfffc, 'OB', '\0\0')]))).toBe('read');
    expect(await readCode(start)).toBe('DICOM_TRUNCATED');
    expect(await readCode(Buffer.concat([start, Buffer.from('feff00e0100000001234', 'hex')]))).toBe('DICOM_TRUNCATED');
    expect(await readCode(Buffer.concat([start, Buffer.from('0123456789abcdef', 'hex')]))).toBe('DICOM_MALFORMED');
    const lie = Buffer.concat([meta(EXPLICIT_VR_LITTLE_ENDIAN), start.subarray(meta(syntax).byteLength), end]);
    expect(await readCode(lie)).toBe('DICOM_MALFORMED');
  });
});
