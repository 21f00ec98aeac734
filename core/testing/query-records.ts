import { createHash } from 'node:crypto';
import type { InstanceRecord } from '../src/catalogue/contract.ts';
import { parsePersonName } from '../src/dicom/dataset.ts';
import { tagOf, vrOf } from '../src/dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from '../src/dicom/types.ts';

export interface QueryRecordOptions {
  study: string;
  series?: string;
  instance: string;
  salt?: string;
  sizeBytes?: number;
  receivedAt?: string;
  department?: string;
  SOPClassUID?: string;
}

/** Values by keyword; names as `Alphabetic=Ideographic=Phonetic`, several texts divided by `\`. */
export type QueryValues = Record<string, string | number | DicomJson[]>;

/** A record with these attributes, for tests of query indexes. */
export function makeQueryRecord(options: QueryRecordOptions, values: QueryValues = {}): InstanceRecord {
  const {
    study,
    series = `${study}.1`,
    instance,
    salt = '',
    sizeBytes = 1000,
    SOPClassUID = '1.2.840.10008.5.1.4.1.1.2',
  } = options;
  const dataset: DicomJson = {};
  const all: QueryValues = {
    ...values,
    SOPClassUID,
    SOPInstanceUID: instance,
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
  };
  for (const [keyword, value] of Object.entries(all)) {
    if (value !== '') dataset[tagOf(keyword)] = elementFor(tagOf(keyword), value);
  }
  return {
    SOPInstanceUID: instance,
    SOPClassUID,
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    transferSyntaxUID: '1.2.840.10008.1.2.1',
    sha256: createHash('sha256').update(`${instance} ${salt}`).digest('hex'),
    sizeBytes,
    datasetOffsetBytes: 350,
    dataset,
    bulkData: [],
    characterSet: { declared: ['ISO_IR 192'], used: ['ISO_IR 192'], cured: false },
    received: {
      at: options.receivedAt ?? '2026-01-02T03:04:05.000Z',
      via: 'dimse',
      source: 'CT1',
      ...(options.department ? { department: options.department } : {}),
    },
  };
}

/** Matching keys by keyword; '' asks for the attribute back. */
export function queryKeys(values: QueryValues): Record<string, DicomJsonElement> {
  return Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => {
      const tag = tagOf(keyword);
      return [tag, value === '' ? { vr: vrOf(tag) } : elementFor(tag, value)];
    }),
  );
}

function elementFor(tag: string, value: string | number | DicomJson[]): DicomJsonElement {
  const vr = vrOf(tag);
  if (typeof value === 'number') return { vr, Value: [value] };
  if (typeof value !== 'string') return { vr, Value: value };
  return {
    vr,
    Value: value.split('\\').map((one): DicomJsonValue => (vr === 'PN' ? { ...parsePersonName(one) } : one)),
  };
}
