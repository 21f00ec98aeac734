import { expect } from 'chai';
import { describe, it } from '../../testing/globals.ts';
import { objectDataset } from '../testing/fakes.ts';
import { readAvcStream } from './avc-stream.ts';
import { BitReader, nalUnits } from './bit-reader.ts';
import { containerOf } from './container.ts';
import { codecName, frameRate } from './renderer.ts';

/** Writes bits, to make streams of. */
class Bits {
  #text = '';
  bits(value: number, count: number): this {
    this.#text += value.toString(2).padStart(count, '0');
    return this;
  }
  unsigned(value: number): this {
    const code = (value + 1).toString(2);
    this.#text += '0'.repeat(code.length - 1) + code;
    return this;
  }
  bytes(): number[] {
    const padded = `${this.#text}1`.padEnd(Math.ceil((this.#text.length + 1) / 8) * 8, '0');
    return (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  }
}

const START = [0, 0, 0, 1];
const sps = [
  ...START,
  0x67,
  ...new Bits()
    .bits(66, 8)
    .bits(0, 8)
    .bits(30, 8)
    .unsigned(0)
    .unsigned(0)
    .unsigned(0)
    .unsigned(0)
    .unsigned(1)
    .bits(0, 1)
    .unsigned(3)
    .unsigned(2)
    .bits(1, 1)
    .bits(0, 1)
    .bits(0, 1)
    .bits(0, 1)
    .bytes(),
];
const slice = (header: number, frameNum: number, order: number) => {
  const bits = new Bits().unsigned(0).unsigned(0).unsigned(0).bits(frameNum, 4);
  if ((header & 31) === 5) bits.unsigned(0);
  return [...START, header, ...bits.bits(order, 4).bytes()];
};

describe('video', () => {
  it('finds the order of pictures that are stored in another', () => {
    // I0 P3 B1 B2 and a second sequence: order counts go up by two for each frame.
    const stream = Uint8Array.from([
      ...sps,
      ...slice(0x65, 0, 0),
      ...slice(0x61, 1, 6),
      ...slice(0x01, 2, 2),
      ...slice(0x01, 2, 4),
      ...slice(0x65, 0, 0),
    ]);
    const read = readAvcStream(stream);
    expect(read).to.include({ codec: 'avc1.42001e', width: 64, height: 48 });
    expect(read.pictures.map(({ order, key }) => [order, key])).to.deep.equal([
      [0, true],
      [3, false],
      [1, false],
      [2, false],
      [4, true],
    ]);
    const total = read.pictures.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(total).to.equal(stream.length);
    expect(() => readAvcStream(new Uint8Array(20))).to.throw('no H.264 pictures');
  });

  it('leaves emulation prevention out of what it reads', () => {
    expect(new BitReader(Uint8Array.from([0, 0, 3, 1])).bits(24)).to.equal(1);
    expect([...nalUnits(Uint8Array.from([0, 0, 1, 9, 0, 0, 0, 1, 7, 8]))].map(({ unit }) => [...unit])).to.deep.equal([
      [9],
      [7, 8],
    ]);
    expect(() => new BitReader(Uint8Array.from([0])).unsigned()).to.throw();
  });

  it('tells containers by their first bytes', () => {
    const ts = new Uint8Array(400);
    ts[0] = 0x47;
    ts[188] = 0x47;
    const ascii = (text: string) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
    expect([
      containerOf(ascii('\0\0\0\x18ftypisom')),
      containerOf(ts),
      containerOf(Uint8Array.from([0, 0, 1, 0xba])),
      containerOf(Uint8Array.from([0, 0, 1, 0xb3])),
      containerOf(Uint8Array.from([0, 0, 0, 1, 0x67])),
      containerOf(Uint8Array.from([0, 0, 0, 1, 0x40, 1])),
      containerOf(ascii('RIFF')),
    ]).to.deep.equal(['mp4', 'mpeg-ts', 'mpeg-ps', 'mpeg-1-2', 'h264', 'hevc', 'unknown']);
  });

  it('reads the rate and names the coding', () => {
    expect(frameRate(objectDataset({ FrameTime: '40' }))).to.equal(25);
    expect(frameRate(objectDataset({ CineRate: '30' }))).to.equal(30);
    expect(frameRate(objectDataset({ FrameTime: '0' }))).to.equal(25);
    expect(
      ['1.2.840.10008.1.2.4.100', '1.2.840.10008.1.2.4.102.1', '1.2.840.10008.1.2.4.108'].map(codecName),
    ).to.deep.equal(['MPEG-2', 'MPEG-4 AVC / H.264', 'HEVC / H.265']);
  });
});
