import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import type { QueryIndex } from '../query/contract.ts';

/** The identity that images came with, before anything was laid over it. */
export interface ReceivedIdentity {
  PatientID: string;
  IssuerOfPatientID: string;
  /** Component groups between `=`. */
  PatientName: string;
  PatientSex: string;
  PatientBirthDate: string;
}

interface Stores {
  query: Pick<QueryIndex, 'search'>;
  catalogue: Pick<Catalogue, 'getMany'>;
}

const EVERYTHING = { kind: 'all' } as const;
const UID = '00080018';
const PATIENT_ID = '00100020';

/** Of a study that has been found within somebody's scope; `undefined` when it is gone. */
export async function receivedIdentity(
  { query, catalogue }: Stores,
  { StudyInstanceUID, PatientID }: { StudyInstanceUID: string; PatientID: string },
): Promise<ReceivedIdentity | undefined> {
  const keys: DicomJson = { '0020000D': { vr: 'UI', Value: [StudyInstanceUID] } };
  // One Study UID may be there under several patients; a Patient ID with `*` in it would match others.
  if (PatientID !== '' && !/[*?\\]/.test(PatientID)) keys[PATIENT_ID] = { vr: 'LO', Value: [PatientID] };
  const request = { level: 'IMAGE', keys, include: [], limit: 1, offset: 0, scope: EVERYTHING } as const;
  const [found] = await query.search({ ...request, include: [] });
  const uid = found?.[UID]?.Value?.[0];
  const [record] = typeof uid === 'string' ? await catalogue.getMany([uid]) : [];
  return record && identityIn(record);
}

function identityIn({ dataset }: InstanceRecord): ReceivedIdentity {
  const text = (tag: string) => {
    const value = dataset[tag]?.Value?.[0];
    return typeof value === 'string' ? value.trim() : '';
  };
  const name = dataset['00100010']?.Value?.[0] as Partial<Record<string, string>> | undefined;
  return {
    PatientID: text(PATIENT_ID),
    IssuerOfPatientID: text('00100021'),
    PatientName: ['Alphabetic', 'Ideographic', 'Phonetic']
      .map((group) => name?.[group] ?? '')
      .join('=')
      .replace(/=+$/, ''),
    PatientSex: text('00100040'),
    PatientBirthDate: text('00100030'),
  };
}
