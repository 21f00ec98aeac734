import type { PhantomStudy } from './hospital.ts';
import type { PhantomInstance } from './instance.ts';
import { datasetOf } from './instance.ts';
import { binaryElement, codeItem, writeObject } from './object-writer.ts';

const SAMPLES_PER_SECOND = 500;
const SECONDS = 10;
const MICROVOLTS_PER_UNIT = 2.5;
const BEAT_SECONDS = 0.8;

/** ISO/IEEE 11073 numbers of the twelve leads, and how large each wave is in them, in mV. */
const LEADS: readonly (readonly [
  code: string,
  meaning: string,
  p: number,
  q: number,
  r: number,
  s: number,
  t: number,
])[] = [
  ['2:1', 'Lead I', 0.08, -0.04, 0.6, -0.1, 0.15],
  ['2:2', 'Lead II', 0.12, -0.05, 1.1, -0.15, 0.25],
  ['2:61', 'Lead III', 0.04, -0.01, 0.5, -0.05, 0.1],
  ['2:62', 'aVR', -0.1, 0.045, -0.85, 0.12, -0.2],
  ['2:63', 'aVL', 0.02, -0.02, 0.05, -0.03, 0.03],
  ['2:64', 'aVF', 0.08, -0.03, 0.8, -0.1, 0.17],
  ['2:3', 'V1', 0.05, 0, 0.2, -0.9, -0.1],
  ['2:4', 'V2', 0.06, 0, 0.4, -1.2, 0.3],
  ['2:5', 'V3', 0.06, -0.02, 0.8, -0.8, 0.4],
  ['2:6', 'V4', 0.07, -0.05, 1.3, -0.4, 0.4],
  ['2:7', 'V5', 0.07, -0.06, 1.2, -0.2, 0.3],
  ['2:8', 'V6', 0.07, -0.06, 0.9, -0.1, 0.2],
];

/** A 12-lead ECG of ten seconds in sinus rhythm at 75 beats a minute. @dicom PS3.3 A.34.3 */
export function ecgRecording(study: PhantomStudy): PhantomInstance {
  const count = SAMPLES_PER_SECOND * SECONDS;
  const samples = new Int16Array(count * LEADS.length);
  for (let sample = 0; sample < count; sample++) {
    const phase = (sample / SAMPLES_PER_SECOND) % BEAT_SECONDS;
    const wave = (middle: number, width: number) => Math.exp(-(((phase - middle) / width) ** 2));
    LEADS.forEach(([, , p, q, r, s, t], lead) => {
      const millivolts =
        p * wave(0.18, 0.022) +
        q * wave(0.315, 0.008) +
        r * wave(0.335, 0.011) +
        s * wave(0.358, 0.01) +
        t * wave(0.56, 0.045);
      samples[sample * LEADS.length + lead] = Math.round((millivolts * 1000) / MICROVOLTS_PER_UNIT);
    });
  }
  const group = datasetOf({
    WaveformOriginality: 'ORIGINAL',
    NumberOfWaveformChannels: LEADS.length,
    NumberOfWaveformSamples: count,
    SamplingFrequency: String(SAMPLES_PER_SECOND),
    MultiplexGroupLabel: 'RHYTHM',
    ChannelDefinitionSequence: LEADS.map(([code, meaning]) => ({
      ChannelSourceSequence: [codeItem(code, 'MDC', meaning)],
      ChannelSensitivity: String(MICROVOLTS_PER_UNIT),
      ChannelSensitivityUnitsSequence: [codeItem('uV', 'UCUM', 'microvolt')],
      ChannelSensitivityCorrectionFactor: '1',
      ChannelBaseline: '0',
      ChannelSampleSkew: '0',
      WaveformBitsStored: 16,
      FilterLowFrequency: '0.05',
      FilterHighFrequency: '150',
    })),
    WaveformBitsAllocated: 16,
    WaveformSampleInterpretation: 'SS',
  });
  const interval = (code: string, meaning: string, NumericValue: string) => ({
    ReferencedWaveformChannels: [1, 0],
    AnnotationGroupNumber: 1,
    ConceptNameCodeSequence: [codeItem(code, 'MDC', meaning)],
    NumericValue,
    MeasurementUnitsCodeSequence: [codeItem('ms', 'UCUM', 'millisecond')],
  });
  return writeObject(study, {
    seed: 'ecg',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.9.1.1',
    Modality: 'ECG',
    SeriesNumber: 921,
    SeriesDescription: '12导联心电图',
    attributes: {
      AcquisitionDateTime: `${study.StudyDate}${study.StudyTime}`,
      AcquisitionContextSequence: [],
      WaveformAnnotationSequence: [
        { ReferencedWaveformChannels: [1, 0], AnnotationGroupNumber: 0, UnformattedTextValue: '窦性心律' },
        interval('2:15872', 'PR Interval', '160'),
        interval('2:16160', 'RR Interval', '800'),
      ],
    },
    elements: {
      '54000100': {
        vr: 'SQ',
        Value: [{ ...group, '54001010': binaryElement('OW', new Uint8Array(samples.buffer)) }],
      },
    },
  });
}
