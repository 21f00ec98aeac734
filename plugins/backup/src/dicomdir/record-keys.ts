import { type DicomJson, type DicomJsonElement, element, type InstanceRecord } from '@filmless/core/plugin';

const KEYS = {
  patient: ['00100010', '00100020', '00100021', '00100030', '00100040'],
  study: ['00080020', '00080030', '00080050', '00081030', '00200010'],
  series: ['00080060', '0008103E', '00200011'],
} as const;

interface Kind {
  type: string;
  keys: readonly string[];
  /** Type 1 in the record, and what stands for a value that the instance does not have. */
  required?: Readonly<Record<string, DicomJsonElement>>;
  /** Type 2. */
  present?: Readonly<Record<string, string>>;
}

const DATE = { '00080023': element('DA', '19000101'), '00080033': element('TM', '000000') };
const IMAGE: Kind = { type: 'IMAGE', keys: ['00080008', '00280008', '00280010', '00280011'] };
const TITLE = ['0040A043', '0040A730'];

/** By the beginning of the SOP class, the longest first. @dicom PS3.3 F.5 */
const KINDS: readonly (readonly [string, Kind])[] = [
  ['1.2.840.10008.5.1.4.1.1.88.59', { type: 'KEY OBJECT DOC', keys: TITLE, required: DATE }],
  [
    '1.2.840.10008.5.1.4.1.1.88.',
    {
      type: 'SR DOCUMENT',
      keys: [...TITLE, '0040A030'],
      required: { ...DATE, '0040A491': element('CS', 'PARTIAL'), '0040A493': element('CS', 'UNVERIFIED') },
    },
  ],
  [
    '1.2.840.10008.5.1.4.1.1.11.',
    {
      type: 'PRESENTATION',
      keys: ['00081115'],
      required: {
        '00700080': element('CS', 'UNNAMED'),
        '00700082': element('DA', '19000101'),
        '00700083': element('TM', '000000'),
      },
      present: { '00700081': 'LO', '00700084': 'PN' },
    },
  ],
  ['1.2.840.10008.5.1.4.1.1.9.', { type: 'WAVEFORM', keys: [], required: DATE }],
  [
    '1.2.840.10008.5.1.4.1.1.104.',
    {
      type: 'ENCAP DOC',
      keys: [],
      required: { '00420012': element('LO', 'application/octet-stream') },
      present: { '00080023': 'DA', '00080033': 'TM', '00420010': 'ST', '0040A043': 'SQ' },
    },
  ],
  [
    '1.2.840.10008.5.1.4.1.1.481.2',
    { type: 'RT DOSE', keys: ['30040006'], required: { '3004000A': element('CS', 'PLAN') } },
  ],
  [
    '1.2.840.10008.5.1.4.1.1.481.3',
    {
      type: 'RT STRUCTURE SET',
      keys: [],
      required: { '30060002': element('SH', 'UNNAMED') },
      present: { '30060008': 'DA', '30060009': 'TM' },
    },
  ],
  ...['5', '8'].map((each): readonly [string, Kind] => [
    `1.2.840.10008.5.1.4.1.1.481.${each}`,
    {
      type: 'RT PLAN',
      keys: [],
      required: { '300A0002': element('SH', 'UNNAMED') },
      present: { '300A0006': 'DA', '300A0007': 'TM' },
    },
  ]),
  ['1.2.840.10008.5.1.4.1.1.66.1', registered('REGISTRATION')],
  ['1.2.840.10008.5.1.4.1.1.66.2', registered('FIDUCIAL')],
  ['1.2.840.10008.5.1.4.1.1.66.5', registered('SURFACE')],
  ['1.2.840.10008.5.1.4.1.1.67', registered('VALUE MAP')],
];
const RAW_DATA = '1.2.840.10008.5.1.4.1.1.66';

function registered(type: string): Kind {
  const required = { ...DATE, '00700080': element('CS', 'UNNAMED') };
  return { type, keys: [], required, present: { '00700081': 'LO', '00700084': 'PN' } };
}

function kindOf(SOPClassUID: string): Kind {
  if (SOPClassUID === RAW_DATA) return { type: 'RAW DATA', keys: [], required: DATE };
  return (
    KINDS.find(([prefix]) => SOPClassUID === prefix || (prefix.endsWith('.') && SOPClassUID.startsWith(prefix)))?.[1] ??
    IMAGE
  );
}

/** What an instance says in a directory, without the rest of its header. */
export interface DirectoryEntry {
  patient: DicomJson;
  study: DicomJson;
  series: DicomJson;
  type: string;
  instance: DicomJson;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
}

/** `path`: from the root. Keys that the standard wants and the instance lacks get a value that says so. @dicom PS3.3 F.5 */
export function directoryEntry(record: InstanceRecord, path: string): DirectoryEntry {
  const { dataset, StudyInstanceUID, SeriesInstanceUID } = record;
  const parts = path.split('/');
  const receivedOn = record.received.at.slice(0, 10).replaceAll('-', '');
  const studyDate = hasValue(dataset['00080020']) ? dataset['00080020'] : element('DA', receivedOn);
  const kind = kindOf(record.SOPClassUID);
  return {
    StudyInstanceUID,
    SeriesInstanceUID,
    type: kind.type,
    patient: {
      ...picked(dataset, KEYS.patient, { '00100010': 'PN' }),
      ...withDefaults(dataset, { '00100020': element('LO', `UNKNOWN ${parts[3]}`) }),
    },
    study: {
      ...picked(dataset, KEYS.study, { '00080050': 'SH', '00081030': 'LO' }),
      ...withDefaults(dataset, {
        '00080020': studyDate,
        '00080030': element('TM', '000000'),
        '00200010': element('SH', parts[4] ?? ''),
      }),
      '0020000D': element('UI', StudyInstanceUID),
    },
    series: {
      ...picked(dataset, KEYS.series, {}),
      ...withDefaults(dataset, { '00080060': element('CS', 'OT'), '00200011': element('IS', 0) }),
      '0020000E': element('UI', SeriesInstanceUID),
    },
    instance: {
      ...picked(dataset, kind.keys, kind.present ?? {}),
      ...withDefaults(dataset, { '00200013': element('IS', 0), ...kind.required }),
      '00041500': element('CS', ...parts),
      '00041510': element('UI', record.SOPClassUID),
      '00041511': element('UI', record.SOPInstanceUID),
      '00041512': element('UI', record.transferSyntaxUID),
    },
  };
}

function picked(dataset: DicomJson, keys: readonly string[], present: Readonly<Record<string, string>>): DicomJson {
  const found: DicomJson = {};
  for (const [key, vr] of Object.entries(present)) found[key] = { vr };
  for (const key of [...keys, ...Object.keys(present)]) {
    const value = dataset[key];
    if (value && hasValue(value)) found[key] = key === '0040A730' ? conceptModifiers(value) : value;
  }
  return found;
}

function withDefaults(dataset: DicomJson, defaults: Readonly<Record<string, DicomJsonElement>>): DicomJson {
  return Object.fromEntries(
    Object.entries(defaults).map(([key, fallback]) => {
      const own = dataset[key];
      return [key, own && hasValue(own) ? own : fallback];
    }),
  );
}

/** Of a document's content, only what modifies its title belongs into a directory. */
function conceptModifiers(content: DicomJsonElement): DicomJsonElement {
  const items = (content.Value ?? []).filter(
    (item) => (item as DicomJson | null)?.['0040A010']?.Value?.[0] === 'HAS CONCEPT MOD',
  );
  return { vr: 'SQ', Value: items };
}

function hasValue(value: DicomJsonElement | undefined): value is DicomJsonElement {
  return value?.Value?.some((each) => each !== null && each !== '') ?? false;
}
