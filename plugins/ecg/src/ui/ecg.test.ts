import type { JsonDataset } from '@filmless/viewer-sdk';
import { expect } from 'chai';
import { layOut, tracePath } from './layout.ts';
import { measurements, rateFromRr, statements } from './measurements.ts';
import { caliperText } from './sheet.ts';
import { type Channel, completeLimbs, type Group, leadName, readGroup, TAG } from './waveform.ts';

type Body = () => void | Promise<void>;
const { describe, it } = globalThis as unknown as Record<'describe' | 'it', (title: string, body: Body) => void>;

const dataset = (values: Partial<Record<keyof typeof TAG, unknown>>): JsonDataset =>
  Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => [
      TAG[keyword as keyof typeof TAG],
      { vr: 'UN', Value: Array.isArray(value) ? value : [value] },
    ]),
  );
const code = (CodeValue: string, CodingSchemeDesignator = 'MDC', CodeMeaning = '') => [
  dataset({ CodeValue, CodingSchemeDesignator, CodeMeaning }),
];
const channel = (lead: string, more: Partial<Record<keyof typeof TAG, unknown>> = {}) =>
  dataset({
    ChannelSourceSequence: code(lead),
    ChannelSensitivity: '2.5',
    ChannelSensitivityUnitsSequence: code('uV', 'UCUM'),
    ...more,
  });
const group = (channels: JsonDataset[], samples: number) =>
  dataset({
    NumberOfWaveformChannels: channels.length,
    NumberOfWaveformSamples: samples,
    SamplingFrequency: '500',
    WaveformSampleInterpretation: 'SS',
    ChannelDefinitionSequence: channels,
  });
const words = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const lead = (name: string, values: number[]): Channel => ({
  name,
  values: Float32Array.from(values),
  unit: 'mV',
  skewSeconds: 0,
  filters: '',
  derived: false,
});
const recording = (channels: Channel[], samplesPerSecond = 100): Group => ({
  label: '',
  samplesPerSecond,
  seconds: (channels[0]?.values.length ?? 0) / samplesPerSecond,
  channels,
});

describe('waveforms', () => {
  it('applies sensitivity, correction and baseline of each channel', () => {
    const channels = [
      channel('2:1', { ChannelBaseline: '100', ChannelSensitivityCorrectionFactor: '2' }),
      channel('2:2', { ChannelSensitivityUnitsSequence: code('mV', 'UCUM'), ChannelSampleSkew: '5' }),
    ];
    const { channels: read, seconds } = readGroup(group(channels, 2), words(400, 1, -400, -2));
    expect(read.map(({ name, unit }) => [name, unit])).to.deep.equal([
      ['I', 'mV'],
      ['II', 'mV'],
    ]);
    // 400 × 2.5 µV × 2 + 100 µV
    expect([...read[0]!.values].map((value) => value.toFixed(4))).to.deep.equal(['2.1000', '-1.9000']);
    expect([...read[1]!.values]).to.deep.equal([2.5, -5]);
    expect(read[1]!.skewSeconds).to.equal(0.01);
    expect(seconds).to.equal(0.004);
  });

  it('leaves gaps where nothing was recorded, and refuses data that are too short or unknown', () => {
    const padded: JsonDataset = {
      ...group([channel('2:1')], 3),
      [TAG.WaveformPaddingValue]: { vr: 'OW', InlineBinary: btoa('\x00\x80') },
    };
    const { channels } = readGroup(padded, words(1, -32768, 2));
    expect([...channels[0]!.values].map(Number.isNaN)).to.deep.equal([false, true, false]);
    expect(() => readGroup(group([channel('2:1')], 4), words(1, 2, 3))).to.throw('shorter');
    const audio = { ...group([channel('2:1')], 1), [TAG.WaveformSampleInterpretation]: { vr: 'CS', Value: ['MB'] } };
    expect(() => readGroup(audio, words(1))).to.throw('MB');
  });

  it('names leads by code, by words, or by number', () => {
    expect(leadName(dataset({ ChannelSourceSequence: code('5.6.3-9-61', 'SCPECG') }), 0)).to.equal('III');
    expect(leadName(dataset({ ChannelSourceSequence: code('x', '99', 'Lead aVF') }), 0)).to.equal('aVF');
    expect(leadName(dataset({ ChannelLabel: 'Resp' }), 0)).to.equal('Resp');
    expect(leadName(undefined, 2)).to.equal('3');
  });

  it('computes the limb leads that are missing', () => {
    const complete = completeLimbs(recording([lead('I', [1]), lead('II', [3])]));
    expect(complete.channels.map(({ name, values, derived }) => [name, values[0], derived])).to.deep.equal([
      ['I', 1, false],
      ['II', 3, false],
      ['III', 2, true],
      ['aVR', -2, true],
      ['aVL', -0.5, true],
      ['aVF', 2.5, true],
    ]);
  });
});

describe('the sheet', () => {
  const twelve = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'].map((name) =>
    lead(name, new Array(1000).fill(0)),
  );

  it('gives each column its quarter of the time, and the rhythm the whole', () => {
    const { strips, width } = layOut(recording(twelve), '3x4', 0, 10, 25);
    const place = (name: string) =>
      strips
        .filter(({ channel: { name: own } }) => own === name)
        .map(({ row, fromSeconds, seconds, x }) => [row, fromSeconds, seconds, x]);
    expect(place('V4')).to.deep.equal([[0, 7.5, 2.5, 15 + 7.5 * 25]]);
    expect(place('II')).to.deep.equal([
      [1, 0, 2.5, 15],
      [3, 0, 10, 15],
    ]);
    expect(width).to.equal(270);
  });

  it('puts leads under one another where twelve are not there', () => {
    const { rows, strips } = layOut(recording([lead('V1', [0]), lead('Resp', [0]), lead('I', [0])]), '3x4', 0, 10, 25);
    expect([rows, strips.map(({ channel: { name } }) => name)]).to.deep.equal([3, ['I', 'V1', 'Resp']]);
  });

  it('draws 1 mV 10 mm high and 1 s 25 mm long, and lifts the pen in gaps', () => {
    const strip = { channel: lead('I', [0, 1, Number.NaN, -0.5]), row: 0, fromSeconds: 0, seconds: 4, x: 15, y: 20 };
    expect(tracePath(strip, 1, 25, 10)).to.equal('M15.00 20.00L40.00 10.00M90.00 25.00');
  });

  it('keeps every peak of a signal with more samples than can be drawn', () => {
    const values = new Array(10_000).fill(0);
    values[4321] = 2;
    const strip = { channel: lead('I', values), row: 0, fromSeconds: 0, seconds: 1, x: 0, y: 0 };
    const path = tracePath(strip, 10_000, 25, 10);
    expect(path).to.include(' -20.00');
    expect(path.split('L').length).to.be.lessThan(800);
  });

  it('measures time, rate and voltage', () => {
    expect(caliperText({ x0: 0, y0: 20, x1: 25, y1: 10 }, 25, 10)).to.equal('1000 ms (60 bpm)  +1.00 mV');
    expect(caliperText({ x0: 10, y0: 10, x1: 8, y1: 15 }, 25, 10)).to.equal('80 ms  −0.50 mV');
  });
});

describe('what the recorder says', () => {
  const measured = (name: string, value: string, unit: string) =>
    dataset({
      ConceptNameCodeSequence: code('x', '99', name),
      NumericValue: value,
      MeasurementUnitsCodeSequence: code(unit, 'UCUM'),
    });
  const ecg = dataset({
    WaveformAnnotationSequence: [
      dataset({ UnformattedTextValue: '窦性心律' }),
      dataset({ UnformattedTextValue: 'beat', ReferencedSamplePositions: [5] }),
      measured('RR Interval', '800', 'ms'),
      measured('PP Interval', '0', 'ms'),
      measured('QRS Axis', '52', 'deg'),
    ],
  });

  it('lists statements and measurements, without zeros and without those of single beats', () => {
    expect(statements(ecg)).to.deep.equal(['窦性心律']);
    expect(measurements(ecg, 'zh-CN')).to.deep.equal([
      { name: 'RR 间期', value: '800', unit: 'ms' },
      { name: 'QRS 电轴', value: '52', unit: '°' },
    ]);
  });

  it('computes the rate only where the recorder gives none', () => {
    expect(rateFromRr(ecg)).to.equal(75);
    const rate = dataset({
      WaveformAnnotationSequence: [measured('Heart Rate', '74', '/min'), measured('RR Interval', '800', 'ms')],
    });
    expect(rateFromRr(rate)).to.equal(undefined);
  });
});
