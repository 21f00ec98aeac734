import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { IdentityOverlays } from './contract.ts';

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

type Study = { StudyInstanceUID: string; PatientID: string };

const EVERYTHING = { kind: 'all' } as const;
const UID = '00080018';
const PATIENT_ID = '00100020';

/** Of a study that has been found within somebody's scope; `undefined` when it is gone. */
export async function receivedIdentity(stores: Stores, study: Study): Promise<ReceivedIdentity | undefined> {
  const record = await firstInstance(stores, study);
  return record && identityIn(record);
}

/** The same, when it is not what holds now. */
export async function identityBefore(
  stores: Stores & { identities: Pick<IdentityOverlays, 'apply'> },
  study: Study,
): Promise<ReceivedIdentity | undefined> {
  const record = await firstInstance(stores, study);
  if (!record) return undefined;
  const [before, now] = [identityIn(record), identityIn(await stores.identities.apply(record))];
  return JSON.stringify(before) === JSON.stringify(now) ? undefined : before;
}

async function firstInstance({ query, catalogue }: Stores, study: Study): Promise<InstanceRecord | undefined> {
  const keys: DicomJson = { '0020000D': { vr: 'UI', Value: [study.StudyInstanceUID] } };
  // One Study UID may be there under several patients; a Patient ID with `*` in it would match others.
  if (study.PatientID !== '' && !/[*?\\]/.test(study.PatientID))
    keys[PATIENT_ID] = { vr: 'LO', Value: [study.PatientID] };
  const [found] = await query.search({ level: 'IMAGE', keys, include: [], limit: 1, offset: 0, scope: EVERYTHING });
  const uid = found?.[UID]?.Value?.[0];
  const [record] = typeof uid === 'string' ? await catalogue.getMany([uid]) : [];
  return record;
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
