import type { JsonDataset, JsonElement } from '@filmless/viewer-sdk';

/** Element tags of waveforms and their annotations. @dicom PS3.3 C.10.9, C.10.10 */
export const TAG = {
  SOPClassUID: '00080016',
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  AcquisitionDateTime: '0008002A',
  Manufacturer: '00080070',
  ManufacturerModelName: '00081090',
  MultiplexGroupTimeOffset: '00181068',
  NumberOfWaveformChannels: '003A0005',
  NumberOfWaveformSamples: '003A0010',
  SamplingFrequency: '003A001A',
  MultiplexGroupLabel: '003A0020',
  ChannelDefinitionSequence: '003A0200',
  ChannelLabel: '003A0203',
  ChannelSourceSequence: '003A0208',
  ChannelSensitivity: '003A0210',
  ChannelSensitivityUnitsSequence: '003A0211',
  ChannelSensitivityCorrectionFactor: '003A0212',
  ChannelBaseline: '003A0213',
  ChannelTimeSkew: '003A0214',
  ChannelSampleSkew: '003A0215',
  FilterLowFrequency: '003A0220',
  FilterHighFrequency: '003A0221',
  NotchFilterFrequency: '003A0222',
  MeasurementUnitsCodeSequence: '004008EA',
  ConceptNameCodeSequence: '0040A043',
  ReferencedSamplePositions: '0040A132',
  ConceptCodeSequence: '0040A168',
  NumericValue: '0040A30A',
  WaveformAnnotationSequence: '0040B020',
  WaveformSequence: '54000100',
  WaveformBitsAllocated: '54001004',
  WaveformSampleInterpretation: '54001006',
  WaveformPaddingValue: '5400100A',
  WaveformData: '54001010',
  UnformattedTextValue: '00700006',
} as const;

type Keyword = keyof typeof TAG;

export const textAt = (dataset: JsonDataset | undefined, keyword: Keyword): string | undefined => {
  const [value] = dataset?.[TAG[keyword]]?.Value ?? [];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined;
};
export const numberAt = (dataset: JsonDataset | undefined, keyword: Keyword): number | undefined => {
  const value = Number(textAt(dataset, keyword) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};
export const itemsAt = (dataset: JsonDataset | undefined, keyword: Keyword): readonly JsonDataset[] =>
  (dataset?.[TAG[keyword]]?.Value ?? []).filter(
    (item): item is JsonDataset => typeof item === 'object' && item !== null,
  );

/** One lead as it was recorded. */
export interface Channel {
  readonly name: string;
  /** In `unit`, with sensitivity, correction and baseline applied; NaN where nothing was recorded. */
  readonly values: Float32Array<ArrayBuffer>;
  /** `mV` for every voltage; the file's own unit otherwise. */
  readonly unit: string;
  /** When its first sample was taken, in seconds from the group's beginning. */
  readonly skewSeconds: number;
  readonly filters: string;
  /** Computed from other leads, since the recorder left it out. */
  readonly derived: boolean;
}

/** Channels that were sampled together. */
export interface Group {
  readonly label: string;
  readonly samplesPerSecond: number;
  readonly seconds: number;
  readonly channels: readonly Channel[];
}

/** Millivolts for each of the unit. */
const MILLIVOLTS: Readonly<Record<string, number>> = { V: 1000, mV: 1, uV: 0.001, µV: 0.001, nV: 1e-6 };

/** Numbers of leads in SCP-ECG (`5.6.3-9-1`) and in ISO/IEEE 11073 (`2:1`, `131329` and on). */
const LEADS: Readonly<Record<number, string>> = {
  1: 'I',
  2: 'II',
  61: 'III',
  62: 'aVR',
  63: 'aVL',
  64: 'aVF',
  3: 'V1',
  4: 'V2',
  5: 'V3',
  6: 'V4',
  7: 'V5',
  8: 'V6',
};

/**
 * Reads a group's samples into physical values: sample · sensitivity · correction + baseline.
 * @throws Error when the sample format is unknown or bytes are missing
 * @dicom PS3.3 C.10.9.1.4, C.10.9.1.5
 */
export function readGroup(group: JsonDataset, bytes: Uint8Array<ArrayBuffer>): Group {
  const count = numberAt(group, 'NumberOfWaveformChannels') ?? 0;
  const samples = numberAt(group, 'NumberOfWaveformSamples') ?? 0;
  const samplesPerSecond = numberAt(group, 'SamplingFrequency') ?? 0;
  const interpretation = textAt(group, 'WaveformSampleInterpretation') ?? 'SS';
  const read = sampleReader(interpretation, bytes);
  if (count < 1 || samples < 1 || samplesPerSecond <= 0) throw new Error('a waveform without samples');
  if (bytes.length < count * samples * read.size) throw new Error('the waveform is shorter than it says');
  const padding = paddingOf(group[TAG.WaveformPaddingValue], interpretation);
  const definitions = itemsAt(group, 'ChannelDefinitionSequence');
  const channels = Array.from({ length: count }, (_, index) => {
    const definition = definitions[index];
    const unit = textAt(itemsAt(definition, 'ChannelSensitivityUnitsSequence')[0], 'CodeValue') ?? '';
    const factor = MILLIVOLTS[unit];
    const sensitivity =
      (numberAt(definition, 'ChannelSensitivity') ?? 1) *
      (numberAt(definition, 'ChannelSensitivityCorrectionFactor') ?? 1);
    const baseline = numberAt(definition, 'ChannelBaseline') ?? 0;
    const values = new Float32Array(samples);
    for (let sample = 0; sample < samples; sample += 1) {
      const raw = read.at((sample * count + index) * read.size);
      values[sample] = raw === padding ? Number.NaN : (raw * sensitivity + baseline) * (factor ?? 1);
    }
    const skewSeconds =
      numberAt(definition, 'ChannelTimeSkew') ?? (numberAt(definition, 'ChannelSampleSkew') ?? 0) / samplesPerSecond;
    return {
      name: leadName(definition, index),
      values,
      unit: factor === undefined ? unit : 'mV',
      skewSeconds,
      filters: filtersOf(definition),
      derived: false,
    };
  });
  return {
    label: textAt(group, 'MultiplexGroupLabel') ?? '',
    samplesPerSecond,
    seconds: samples / samplesPerSecond,
    channels,
  };
}

function sampleReader(
  interpretation: string,
  bytes: Uint8Array<ArrayBuffer>,
): { size: number; at(offset: number): number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (interpretation) {
    case 'SB':
      return { size: 1, at: (offset) => view.getInt8(offset) };
    case 'UB':
      return { size: 1, at: (offset) => view.getUint8(offset) };
    case 'SS':
      return { size: 2, at: (offset) => view.getInt16(offset, true) };
    case 'US':
      return { size: 2, at: (offset) => view.getUint16(offset, true) };
    case 'SL':
      return { size: 4, at: (offset) => view.getInt32(offset, true) };
    case 'UL':
      return { size: 4, at: (offset) => view.getUint32(offset, true) };
    default:
      throw new Error(`waveform samples of the kind ${interpretation}`);
  }
}

function paddingOf(element: JsonElement | undefined, interpretation: string): number | undefined {
  if (element?.InlineBinary === undefined) return undefined;
  const bytes = Uint8Array.from(atob(element.InlineBinary), (sign) => sign.charCodeAt(0));
  const read = sampleReader(interpretation, bytes);
  return bytes.length >= read.size ? read.at(0) : undefined;
}

/** I, aVR, V1 …: by code, else by the words of the file. */
export function leadName(definition: JsonDataset | undefined, index: number): string {
  const source = itemsAt(definition, 'ChannelSourceSequence')[0];
  const value = textAt(source, 'CodeValue') ?? '';
  const scheme = textAt(source, 'CodingSchemeDesignator') ?? '';
  const number =
    scheme === 'SCPECG'
      ? /^5\.6\.3-9-(\d+)$/.exec(value)?.[1]
      : scheme === 'MDC'
        ? /^2:(\d+)$/.exec(value)?.[1]
        : undefined;
  const known = LEADS[Number(number)];
  if (known) return known;
  const words = textAt(definition, 'ChannelLabel') ?? textAt(source, 'CodeMeaning') ?? '';
  const named = /\b(aV[RLF]|V[1-9]R?|I{1,3})\b/i.exec(words)?.[1];
  if (named) return named.replace(/^av/i, 'aV').replace(/^v/, 'V');
  return words || `${index + 1}`;
}

/** What the recorder filtered, as it says. */
function filtersOf(definition: JsonDataset | undefined): string {
  const low = numberAt(definition, 'FilterLowFrequency');
  const high = numberAt(definition, 'FilterHighFrequency');
  const notch = numberAt(definition, 'NotchFilterFrequency');
  const band = low !== undefined && high !== undefined ? `${low}–${high} Hz` : high !== undefined ? `≤ ${high} Hz` : '';
  return [band, notch ? `notch ${notch} Hz` : ''].filter(Boolean).join(', ');
}

const LIMBS: readonly (readonly [name: string, i: number, ii: number])[] = [
  ['III', -1, 1],
  ['aVR', -0.5, -0.5],
  ['aVL', 1, -0.5],
  ['aVF', -0.5, 1],
];

/** Adds the limb leads that follow from I and II where the recorder stored only those. */
export function completeLimbs(group: Group): Group {
  const find = (name: string) => group.channels.find((channel) => channel.name === name);
  const [one, two] = [find('I'), find('II')];
  if (!one || !two || one.unit !== 'mV' || two.unit !== 'mV') return group;
  const missing = LIMBS.filter(([name]) => !find(name)).map(
    ([name, i, ii]): Channel => ({
      ...one,
      name,
      values: one.values.map((value, index) => i * value + ii * (two.values[index] ?? Number.NaN)),
      derived: true,
    }),
  );
  return missing.length === 0 ? group : { ...group, channels: [...group.channels, ...missing] };
}
