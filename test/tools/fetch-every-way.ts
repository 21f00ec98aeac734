import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataSetBytes } from './data-set-bytes.ts';
import { dcmtk } from './dcmtk.ts';
import { getExactly } from './exact-get.ts';
import { findMany, TAG } from './find-request.ts';
import type { NodeProcess } from './node-process.ts';
import { receivedFiles } from './received-files.ts';
import type { StorageReceiver } from './storage-receiver.ts';
import { compareDataSets } from './stored-data-set.ts';
import { retrieveAsStored } from './web-retrieve.ts';

/** What a node was given, and must give back. */
export interface StoredInstance {
  /** For messages: the path of the file, say. */
  name: string;
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  transferSyntaxUID: string;
  dataSet: Uint8Array;
}

export interface Outcome {
  identical: number;
  /** Of odd length, and sent with the NULL that DIMSE needs. */
  padded: number;
  /** Names of what did not come, or came changed. */
  wrong: string[];
}

/** getscu's options by the transfer syntax they put first. What is not here it cannot ask for. */
const GETSCU_OPTIONS: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.1': '+xe',
  '1.2.840.10008.1.2.1.99': '+xd',
  '1.2.840.10008.1.2.4.50': '+xy',
  '1.2.840.10008.1.2.4.51': '+xx',
  '1.2.840.10008.1.2.4.70': '+xs',
  '1.2.840.10008.1.2.4.80': '+xt',
  '1.2.840.10008.1.2.4.81': '+xu',
  '1.2.840.10008.1.2.4.90': '+xv',
  '1.2.840.10008.1.2.4.91': '+xw',
  '1.2.840.10008.1.2.4.100': '+xm',
  '1.2.840.10008.1.2.4.102': '+xn',
  '1.2.840.10008.1.2.4.107': '+x4',
  '1.2.840.10008.1.2.5': '+xr',
};

const unique = (values: readonly string[]) => [...new Set(values)];
const studiesOf = (instances: readonly StoredInstance[]) =>
  unique(instances.map(({ StudyInstanceUID }) => StudyInstanceUID));

function compare(instances: readonly StoredInstance[], received: ReadonlyMap<string, Uint8Array>): Outcome {
  const outcome: Outcome = { identical: 0, padded: 0, wrong: [] };
  for (const { name, SOPInstanceUID, dataSet } of instances) {
    const came = received.get(SOPInstanceUID);
    const result = came === undefined ? 'missing' : compareDataSets(came, dataSet);
    if (result === 'identical' || result === 'padded') outcome[result] += 1;
    else outcome.wrong.push(`${name}: ${result}`);
  }
  return outcome;
}

const dataSetsOf = (files: ReadonlyMap<string, Buffer>) =>
  new Map([...files].map(([uid, file]) => [uid, dataSetBytes(file)]));

/** Names of the instances that findscu does not find at the image level of their series. */
export async function notFoundByFind(node: NodeProcess, instances: readonly StoredInstance[]): Promise<string[]> {
  const series = new Map(
    instances.map((instance) => [`${instance.StudyInstanceUID} ${instance.SeriesInstanceUID}`, instance]),
  );
  const answers = await findMany(
    node,
    [...series.values()].map(({ StudyInstanceUID, SeriesInstanceUID }) => ({
      [TAG.QueryRetrieveLevel]: 'IMAGE',
      [TAG.StudyInstanceUID]: StudyInstanceUID,
      [TAG.SeriesInstanceUID]: SeriesInstanceUID,
      [TAG.SOPInstanceUID]: '',
      [TAG.SOPClassUID]: '',
    })),
  );
  const key = (study = '', one = '', instance = '') => `${study} ${one} ${instance}`;
  const found = new Set(answers.map((answer) => key(answer['0020,000d'], answer['0020,000e'], answer['0008,0018'])));
  return instances
    .filter((one) => !found.has(key(one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID)))
    .map(({ name }) => name);
}

/** Every study over WADO-RS, exactly as stored. */
export async function fetchOverWeb(node: NodeProcess, instances: readonly StoredInstance[]): Promise<Outcome> {
  const received = new Map<string, Uint8Array>();
  for (const study of studiesOf(instances)) {
    const files = await retrieveAsStored(node, `/studies/${study}`);
    for (const [uid, { file }] of files) received.set(uid, dataSetBytes(file));
  }
  return compare(instances, received);
}

/** All studies with one C-MOVE to the receiver. */
export async function fetchByMove(
  node: NodeProcess,
  receiver: StorageReceiver,
  instances: readonly StoredInstance[],
): Promise<Outcome> {
  await receiver.clear();
  const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studiesOf(instances).join('\\')}`];
  await dcmtk('movescu', [
    '-S',
    '-aem',
    receiver.aeTitle,
    '-aec',
    node.aeTitle,
    ...keys,
    '127.0.0.1',
    String(node.dicomPort),
  ]);
  return compare(instances, dataSetsOf(await receiver.received()));
}

export interface GetOutcome extends Outcome {
  byGetscu: number;
  /** What getscu cannot ask for: its transfer syntax, or its SOP class. */
  byExactPeer: number;
}

/** All instances with C-GET: by getscu once for each transfer syntax it can put first, the rest by a peer that proposes exactly what is stored. */
export async function fetchByGet(
  node: NodeProcess,
  instances: readonly StoredInstance[],
  getscuLacks: readonly string[],
): Promise<GetOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-get-'));
  try {
    const isForGetscu = ({ transferSyntaxUID, SOPClassUID }: StoredInstance) =>
      transferSyntaxUID in GETSCU_OPTIONS && !getscuLacks.includes(SOPClassUID);
    const ours = instances.filter(isForGetscu);
    const byGetscu = new Map<string, Uint8Array>();
    for (const syntax of unique(ours.map(({ transferSyntaxUID }) => transferSyntaxUID))) {
      const folder = join(directory, syntax);
      await mkdir(folder);
      const studies = studiesOf(ours.filter(({ transferSyntaxUID }) => transferSyntaxUID === syntax));
      const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studies.join('\\')}`];
      const option = GETSCU_OPTIONS[syntax] ?? '';
      // What the studies hold in other syntaxes fails, and getscu ends with an error then: only the files count.
      await dcmtk('getscu', [
        '+B',
        option,
        '-S',
        '-aec',
        node.aeTitle,
        '-od',
        folder,
        ...keys,
        '127.0.0.1',
        String(node.dicomPort),
      ]);
      for (const [uid, dataSet] of dataSetsOf(await receivedFiles(folder))) byGetscu.set(uid, dataSet);
    }
    const rest = instances.filter((instance) => !isForGetscu(instance));
    const pairs = new Map(
      rest.map(({ SOPClassUID, transferSyntaxUID }) => [
        `${SOPClassUID} ${transferSyntaxUID}`,
        { sopClassUID: SOPClassUID, transferSyntaxUID },
      ]),
    );
    const byExactPeer =
      rest.length === 0 ? new Map<string, Uint8Array>() : await getExactly(node, studiesOf(rest), [...pairs.values()]);
    const first = compare(ours, byGetscu);
    const second = compare(rest, byExactPeer);
    return {
      identical: first.identical + second.identical,
      padded: first.padded + second.padded,
      wrong: [...first.wrong, ...second.wrong],
      byGetscu: ours.length - first.wrong.length,
      byExactPeer: rest.length - second.wrong.length,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
