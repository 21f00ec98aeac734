import { expect } from 'chai';
import { ctInstance, dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { ageBetween, formatDate, formatTime, parseAge } from './format.ts';
import { describeFrame } from './frame.ts';
import { numbers, personName, text } from './json.ts';
import { expandSegments, lutFromBytes, paletteBytes } from './lut.ts';
import { directionLetters, edgeLetters, oppositeLetters } from './orientation.ts';
import { isUid } from './uid.ts';
import { presetsFor, windowBounds } from './window-presets.ts';

describe('values of a data set', () => {
  it('reads numbers given as text and leaves out what is none', () => {
    expect(numbers(dataset({ PixelSpacing: ['0.5', 'x', null, 1] }), 'PixelSpacing')).to.deep.equal([0.5, 1]);
    expect(text(dataset({ AccessionNumber: '  A1 ' }), 'AccessionNumber')).to.equal('A1');
    expect(text(dataset({ AccessionNumber: '' }), 'AccessionNumber')).to.equal(undefined);
  });

  it('prefers the ideographic name and joins its parts', () => {
    expect(
      personName(dataset({ PatientName: { Alphabetic: 'ZHANG^WEI', Ideographic: '张^伟' } }), 'PatientName'),
    ).to.equal('张伟');
    expect(personName(dataset({ PatientName: { Alphabetic: 'Buc^Jérôme^^Dr' } }), 'PatientName')).to.equal(
      'Buc Jérôme Dr',
    );
    expect(personName(dataset({ PatientName: { Alphabetic: '^^^^' } }), 'PatientName')).to.equal(undefined);
    expect(personName(dataset({}), 'PatientName')).to.equal(undefined);
  });

  it('writes dates, times and ages', () => {
    expect(formatDate('20260102')).to.equal('2026-01-02');
    expect(formatDate('next week')).to.equal('next week');
    expect(formatTime('101112.123456')).to.equal('10:11');
    expect(formatTime('101112', true)).to.equal('10:11:12');
    expect(parseAge('045Y')).to.deep.equal({ count: 45, unit: 'Y' });
    expect(parseAge('45')).to.equal(undefined);
    expect(ageBetween('19800615', '20260102')).to.deep.equal({ count: 45, unit: 'Y' });
    expect(ageBetween('20251220', '20260102')).to.deep.equal({ count: 13, unit: 'D' });
    expect(ageBetween('20250101', '20260102')).to.deep.equal({ count: 12, unit: 'M' });
    expect(ageBetween('20270101', '20260102')).to.equal(undefined);
  });

  it('knows a UID', () => {
    expect(isUid('1.2.840.10008.1.2')).to.equal(true);
    for (const wrong of ['', '1', '1..2', '1.2a', '../1.2', `1.${'2'.repeat(64)}`])
      expect(isUid(wrong), wrong).to.equal(false);
  });
});

describe('orientation letters', () => {
  it('names the edges of an axial slice', () => {
    expect(edgeLetters([1, 0, 0], [0, 1, 0])).to.deep.equal({ top: 'A', right: 'L', bottom: 'P', left: 'R' });
  });

  it('names oblique directions by their larger parts', () => {
    expect(directionLetters([0.8, 0.6, 0])).to.equal('LP');
    expect(directionLetters([0.1, 0, -0.99])).to.equal('F');
    expect(directionLetters([0, 0, 0])).to.equal('');
    expect(oppositeLetters('AR')).to.equal('PL');
  });
});

describe('windows', () => {
  it('offers Hounsfield windows for CT in Hounsfield units alone', () => {
    const keys = (change: object) => presetsFor(describeFrame(ctInstance(0, change), 1)!).map(({ key }) => key);
    expect(keys({})).to.include.members(['lung', 'mediastinum', 'bone', 'brain', 'abdomen']);
    expect(keys({ Modality: 'MR' })).to.deep.equal([]);
    expect(keys({ RescaleType: 'US' })).to.deep.equal([]);
    expect(keys({ RescaleSlope: [], RescaleIntercept: [] })).to.deep.equal([]);
  });

  it('bounds a window as the standard has it', () => {
    // PS3.3 C.11.2.1.2.1, note: c=2048, w=4096 shows 0 black and 4095 white.
    expect(windowBounds({ center: 2048, width: 4096 }, false)).to.deep.equal({ lower: 0, upper: 4095 });
    expect(windowBounds({ center: 100, width: 1 }, false)).to.deep.equal({ lower: 99.5, upper: 99.5 });
    expect(windowBounds({ center: 100, width: 50 }, true)).to.deep.equal({ lower: 75, upper: 125 });
  });
});

describe('lookup tables', () => {
  it('reads words, and bytes where only those fit', () => {
    expect([...lutFromBytes(Uint8Array.of(1, 2, 3, 4), [2, 0, 16])]).to.deep.equal([0x0201, 0x0403]);
    expect([...lutFromBytes(Uint8Array.of(1, 2, 3, 4), [4, 0, 8])]).to.deep.equal([1, 2, 3, 4]);
    expect(() => lutFromBytes(Uint8Array.of(1), [4, 0, 8])).to.throw('lookup table');
  });

  it('expands discrete, linear and indirect segments', () => {
    // One 0, then a line to 4 in four steps, then the line once more.
    const words = Uint16Array.of(0, 1, 0, 1, 4, 4, 2, 1, 6, 0);
    expect([...expandSegments(words, 9)]).to.deep.equal([0, 1, 2, 3, 4, 4, 4, 4, 4]);
    expect(() => expandSegments(Uint16Array.of(2, 1, 0, 0), 4)).to.throw('forwards');
    expect(() => expandSegments(Uint16Array.of(0, 2, 1, 2), 4)).to.throw('shorter');
  });

  it('takes 16-bit palettes that only fill 8 bits as 8 bits', () => {
    expect([...paletteBytes(Uint16Array.of(0, 255), 16)]).to.deep.equal([0, 255]);
    expect([...paletteBytes(Uint16Array.of(0, 0xff00, 0x8000), 16)]).to.deep.equal([0, 255, 128]);
  });
});
