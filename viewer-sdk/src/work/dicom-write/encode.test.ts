import { expect } from 'chai';
import { describe, it } from '../../testing/globals.ts';
import { attributes, pick } from './dataset.ts';
import { encodeDataset } from './encode.ts';
import { decimalString } from './numbers.ts';
import { writeInstance } from './part10.ts';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('data sets as bytes', () => {
  it('are explicit little endian, in the order of the tags, of even length', () => {
    const dataset = attributes({ PatientID: 'A1Z', Modality: 'SR' });
    expect(hex(encodeDataset(dataset))).to.equal('08 00 60 00 43 53 02 00 53 52 10 00 20 00 4c 4f 04 00 41 31 5a 20');
  });

  it('write names in UTF-8 with their groups, and nothing that would end a value', () => {
    const bytes = encodeDataset(attributes({ PatientName: { Alphabetic: 'Zhang^San', Ideographic: '张^三\\=x' } }));
    expect(new TextDecoder().decode(bytes.subarray(8))).to.equal('Zhang^San=张^三x');
  });

  it('give sequences and items their lengths', () => {
    const bytes = encodeDataset(attributes({ ReferencedSeriesSequence: [attributes({ Modality: 'CT' })] }));
    expect(hex(bytes)).to.equal(
      '08 00 15 11 53 51 00 00 12 00 00 00 fe ff 00 e0 0a 00 00 00 08 00 60 00 43 53 02 00 43 54',
    );
  });

  it('write numbers in their width', () => {
    expect(hex(encodeDataset(attributes({ GraphicData: [1.5, -2] })))).to.equal(
      '70 00 22 00 46 4c 08 00 00 00 c0 3f 00 00 00 c0',
    );
  });

  it('refuse what does not fit or is not what it should be', () => {
    expect(() => encodeDataset(attributes({ PatientID: 'x'.repeat(70_000) }))).to.throw(RangeError);
    expect(() => encodeDataset({ '00280010': { vr: 'US', Value: ['many'] } })).to.throw(TypeError);
    expect(() => encodeDataset({ '7FE00010': { vr: 'OW', BulkDataURI: 'x' } })).to.throw(TypeError);
    expect(() => writeInstance(attributes({ SOPClassUID: '1.2' }))).to.throw('SOPInstanceUID is missing');
  });

  it('copy elements as they are, and mend the unknown ones', () => {
    const source = { '00100020': { vr: 'UN', Value: ['P1'] }, '00100010': { vr: 'PN', BulkDataURI: 'x' } };
    expect(pick(source, ['PatientID', 'PatientName', 'PatientSex'])).to.deep.equal({
      '00100020': { vr: 'LO', Value: ['P1'] },
    });
  });

  it("copy dates and times of DICOM's predecessor in the form of today, and what is no date as it is", () => {
    const source = {
      '00080020': { vr: 'DA', Value: ['1994.01.30'] },
      '00080030': { vr: 'TM', Value: ['11:25:01.5'] },
      '00100030': { vr: 'DA', Value: ['unknown'] },
    };
    expect(pick(source, ['StudyDate', 'StudyTime', 'PatientBirthDate'])).to.deep.equal({
      '00080020': { vr: 'DA', Value: ['19940130'] },
      '00080030': { vr: 'TM', Value: ['112501.5'] },
      '00100030': { vr: 'DA', Value: ['unknown'] },
    });
  });
});

describe('decimal strings', () => {
  it('have 16 characters at most and are as exact as these allow', () => {
    for (const value of [
      0,
      -0.1,
      1 / 3,
      -1 / 3,
      123_456_789.123_456_78,
      1e-12 / 3,
      -1.234_567_890_123e-9,
      6.02e23,
      1e15 + 0.3,
    ]) {
      const text = decimalString(value);
      expect(text.length).to.be.at.most(16);
      expect(Math.abs(Number(text) - value)).to.be.at.most(Math.abs(value) * 1e-8);
    }
    expect(() => decimalString(Number.NaN)).to.throw(TypeError);
  });
});
