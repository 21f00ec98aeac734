import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFiles, corpusFolder } from '../tools/corpus.ts';
import { dataSetBytes, sha256 } from '../tools/data-set-bytes.ts';
import { dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { eventually } from '../tools/eventually.ts';
import {
  fetchByGet,
  fetchByMove,
  fetchOverWeb,
  notFoundByFind,
  type StoredInstance,
} from '../tools/fetch-every-way.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { type StorageReceiver, startStorageReceiver } from '../tools/storage-receiver.ts';
import { compareDataSets, storedDataSet } from '../tools/stored-data-set.ts';
import { retrieveAsStored, searchInstances } from '../tools/web-retrieve.ts';

/** High-Throughput JPEG 2000 and deflated frames: DCMTK 3.6.7 drops an association in which they come. */
const UNKNOWN_TO_DCMTK = [
  '1.2.840.10008.1.2.4.201',
  '1.2.840.10008.1.2.4.202',
  '1.2.840.10008.1.2.4.203',
  '1.2.840.10008.1.2.8.1',
];
/** Parametric maps, label maps and bulk annotations: getscu 3.6.7 does not propose them. */
const UNKNOWN_TO_GETSCU = [
  '1.2.840.10008.5.1.4.1.1.30',
  '1.2.840.10008.5.1.4.1.1.66.7',
  '1.2.840.10008.5.1.4.1.1.91.1',
];
const AT_ONCE = 6;

interface Imported {
  /** From the folder of the corpus. */
  path: string;
  sha256: string;
  dataSet: Uint8Array;
  /** `stored`, `duplicate`, `conflict`, or the code of the error. */
  outcome: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
}

interface QuarantineEntry {
  id: string;
  code: string;
  reason: string;
  fileName?: string;
  sizeBytes: number;
}

const reason = !corpusFolder
  ? 'left out: no corpus beside the project'
  : !hasDcmtk
    ? 'left out without DCMTK'
    : 'with DCMTK';
describe.skipIf(!corpusFolder || !hasDcmtk)(`every file of the corpus (${reason})`, { timeout: 300_000 }, () => {
  let node: NodeProcess;
  let other: NodeProcess;
  let receiver: StorageReceiver;
  let work: string;
  let imported: Imported[];
  let instances: StoredInstance[];
  const withOutcome = (...outcomes: string[]) => imported.filter(({ outcome }) => outcomes.includes(outcome));
  const stored = () => withOutcome('stored');
  const refused = () => imported.filter(({ outcome }) => !['stored', 'duplicate', 'conflict'].includes(outcome));

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'filmless-corpus-'));
    [node, other] = await Promise.all([startNode(), startNode()]);
  }, 180_000);
  afterAll(async () => {
    for (const one of [node, other]) {
      await one?.stop();
      await one?.remove();
    }
    await receiver?.stop();
    await rm(work, { recursive: true, force: true });
  });

  async function importFile(path: string): Promise<Imported> {
    const file = await readFile(path);
    const name = relative(corpusFolder ?? '', path);
    const response = await node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom', 'x-file-name': encodeURIComponent(name) },
      body: file,
    });
    const {
      status,
      code,
      SOPInstanceUID = '',
      StudyInstanceUID = '',
      SeriesInstanceUID = '',
    } = (await response.json()) as Record<string, string | undefined>;
    return {
      path: name,
      sha256: sha256(file),
      dataSet: storedDataSet(file),
      outcome: code ?? String(status),
      SOPInstanceUID,
      StudyInstanceUID,
      SeriesInstanceUID,
    };
  }

  it('is taken, or refused with a reason and kept in quarantine, and the process stays up', async () => {
    const before = (await (await node.fetch('/api/node')).json()) as { startedAt: string };
    const files = corpusFiles().map(({ path }) => path);
    imported = [];
    const queue = [...files];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let path = queue.shift(); path !== undefined; path = queue.shift()) imported.push(await importFile(path));
      }),
    );
    expect(imported).toHaveLength(files.length);

    // What Orthanc takes, a node takes too.
    const baseline = readFileSync(join(corpusFolder ?? '', 'BASELINE.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'));
    const good = new Set(baseline.filter((fields) => fields.at(-1) === 'Success').map(([path]) => path));
    expect(good.size).toBeGreaterThan(400);
    expect(
      refused()
        .filter(({ path }) => good.has(path))
        .map(({ path, outcome }) => `${path}: ${outcome}`),
    ).toEqual([]);

    const quarantine = (await (await node.fetch('/api/quarantine')).json()) as QuarantineEntry[];
    expect(quarantine).toHaveLength(refused().length);
    expect(refused().length).toBeGreaterThan(0);
    for (const entry of quarantine) {
      expect(entry.reason).not.toBe('');
      const content = await (await node.fetch(`/api/quarantine/${entry.id}/content`)).arrayBuffer();
      const origin = refused().filter(
        (file) => file.sha256 === sha256(new Uint8Array(content)) && file.outcome === entry.code,
      );
      expect({ fileName: entry.fileName, origins: origin.length }).toMatchObject({ origins: 1 });
    }

    expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
    expect(await (await node.fetch('/api/node')).json()).toMatchObject({ startedAt: before.startedAt });
    console.info(
      `corpus: ${imported.length} files: ${stored().length} stored, ${withOutcome('duplicate').length} duplicates, ` +
        `${withOutcome('conflict').length} conflicts (a SOP Instance UID that another file has), ${refused().length} in quarantine`,
    );
  });

  it('is found over QIDO-RS and with C-FIND', async () => {
    await eventually(async () => (await searchInstances(node)).length >= stored().length);
    const found = await searchInstances(node);
    const keys = (list: readonly Pick<StoredInstance, 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID'>[]) =>
      list.map((one) => `${one.StudyInstanceUID} ${one.SeriesInstanceUID} ${one.SOPInstanceUID}`).sort();
    expect(keys(found)).toEqual(keys(stored()));
    const sopClasses = new Map(found.map(({ SOPInstanceUID, SOPClassUID }) => [SOPInstanceUID, SOPClassUID]));
    instances = [];
    const syntaxes = new Map<string, string>();
    for (const study of new Set(stored().map(({ StudyInstanceUID }) => StudyInstanceUID))) {
      for (const [uid, { transferSyntaxUID }] of await retrieveAsStored(node, `/studies/${encodeURIComponent(study)}`))
        syntaxes.set(uid, transferSyntaxUID);
    }
    for (const file of stored()) {
      const { SOPInstanceUID } = file;
      instances.push({
        ...file,
        name: file.path,
        SOPClassUID: sopClasses.get(SOPInstanceUID) ?? '',
        transferSyntaxUID: syntaxes.get(SOPInstanceUID) ?? '',
      });
    }
    expect(await notFoundByFind(node, instances)).toEqual([]);
  });

  it('comes back over WADO-RS byte for byte', async () => {
    expect(await fetchOverWeb(node, instances)).toEqual({ identical: stored().length, padded: 0, wrong: [] });
  });

  it('comes back with C-MOVE byte for byte', async () => {
    receiver = await startStorageReceiver({
      aeTitle: 'RECEIVER',
      sopClassUIDs: [...new Set(instances.map(({ SOPClassUID }) => SOPClassUID))],
      transferSyntaxUIDs: [...new Set(instances.map(({ transferSyntaxUID }) => transferSyntaxUID))],
    });
    for (const device of [
      { aeTitle: 'RECEIVER', address: '127.0.0.1', port: receiver.port },
      { aeTitle: other.aeTitle, address: '127.0.0.1', port: other.dicomPort },
    ]) {
      const response = await node.fetch('/api/devices', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(device),
      });
      expect(response.status).toBe(201);
    }
    const forDcmtk = instances.filter(({ transferSyntaxUID }) => !UNKNOWN_TO_DCMTK.includes(transferSyntaxUID));
    const moved = await fetchByMove(node, receiver, forDcmtk);
    expect(moved).toMatchObject({ wrong: [] });

    // The others go to a second node.
    const rest = instances.filter(({ transferSyntaxUID }) => UNKNOWN_TO_DCMTK.includes(transferSyntaxUID));
    for (const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } of rest) {
      const keys = { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID };
      const args = Object.entries(keys).flatMap(([key, value]) => ['-k', `${key}=${value}`]);
      const { output } = await dcmtk('movescu', [
        '-v',
        '-S',
        '-aem',
        other.aeTitle,
        '-aec',
        node.aeTitle,
        ...args,
        '127.0.0.1',
        String(node.dicomPort),
      ]);
      expect(output).toContain('Received Final Move Response (Success)');
    }
    await eventually(async () => (await searchInstances(other)).length === rest.length);
    expect(await fetchOverWeb(other, rest)).toMatchObject({ identical: rest.length, wrong: [] });
    console.info(
      `corpus, C-MOVE: ${moved.identical} identical, ${moved.padded} of odd length identical but for the NULL DIMSE needs; ${rest.length} to a second node`,
    );
  });

  it('comes back with C-GET byte for byte', async () => {
    const got = await fetchByGet(node, instances, UNKNOWN_TO_GETSCU);
    expect(got.wrong).toEqual([]);
    expect(got.byGetscu).toBeGreaterThan(got.byExactPeer);
    console.info(
      `corpus, C-GET: ${got.identical} identical, ${got.padded} of odd length identical but for the NULL DIMSE needs; ` +
        `${got.byGetscu} by getscu, ${got.byExactPeer} that it cannot ask for by a peer of this test`,
    );
  });

  it('comes back byte for byte from a conflict too, once it was decided for it', async () => {
    const conflicts = (await (await node.fetch('/api/conflicts')).json()) as { id: string; SOPInstanceUID: string }[];
    const waiting = withOutcome('conflict');
    expect(conflicts).toHaveLength(waiting.length);
    for (const { id, SOPInstanceUID } of conflicts) {
      const decided = await node.fetch(`/api/conflicts/${encodeURIComponent(id)}/resolve`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keep: 'received' }),
      });
      expect(decided.status).toBe(200);
      // Whichever of the files with this UID it is: it comes once, and the index follows the record.
      await eventually(async () => {
        for (const file of waiting.filter((one) => one.SOPInstanceUID === SOPInstanceUID)) {
          const path = `/studies/${file.StudyInstanceUID}/series/${file.SeriesInstanceUID}/instances/${SOPInstanceUID}`;
          const now = (await retrieveAsStored(node, path).catch(() => undefined))?.get(SOPInstanceUID);
          if (!now || compareDataSets(dataSetBytes(now.file), file.dataSet) !== 'identical') continue;
          waiting.splice(waiting.indexOf(file), 1);
          return true;
        }
        return false;
      });
    }
    expect(waiting.map(({ path }) => path)).toEqual([]);
    console.info(`corpus, conflicts: ${conflicts.length} decided for what came later, and fetched byte for byte`);
  });

  it('sent by DCMTK is kept as DCMTK’s own storescp writes it down', async () => {
    const reference = await startStorageReceiver({ aeTitle: 'REFERENCE' });
    try {
      const files = imported
        .filter(({ outcome }) => outcome !== 'conflict' && outcome !== 'duplicate')
        .map(({ path }) => join(corpusFolder ?? '', path));
      const send = (port: number) =>
        dcmtk('dcmsend', [
          '-v',
          '-nh',
          '-nuc',
          '-dn',
          '+f',
          '-aec',
          other.aeTitle,
          '127.0.0.1',
          String(port),
          ...files,
        ]);
      const [, toNode] = await Promise.all([send(reference.port), send(other.dicomPort)]);
      const written = await reference.received();
      const known = new Map(stored().map((file) => [file.SOPInstanceUID, file]));
      const kept: StoredInstance[] = [...written].flatMap(([uid, file]) => {
        const origin = known.get(uid);
        return origin
          ? [{ ...origin, name: origin.path, SOPClassUID: '', transferSyntaxUID: '', dataSet: dataSetBytes(file) }]
          : [];
      });
      expect(kept.length).toBeGreaterThan(files.length * 0.8);
      await eventually(async () => {
        const there = new Set((await searchInstances(other)).map(({ SOPInstanceUID }) => SOPInstanceUID));
        return kept.every(({ SOPInstanceUID }) => there.has(SOPInstanceUID));
      });
      expect(await fetchOverWeb(other, kept)).toEqual({ identical: kept.length, padded: 0, wrong: [] });
      // What storescp takes without looking, a node refuses, and says so.
      const there = new Set((await searchInstances(other)).map(({ SOPInstanceUID }) => SOPInstanceUID));
      expect([...written.keys()].filter((uid) => there.has(uid))).toHaveLength(kept.length);
      const refusals = toNode.output.split('Received C-STORE Response (Error').length - 1;
      expect(refusals).toBeGreaterThan(0);
      const quarantine = (await (await other.fetch('/api/quarantine')).json()) as QuarantineEntry[];
      expect(quarantine.length).toBeGreaterThan(0);
      console.info(
        `corpus, sent by DCMTK: ${written.size} of ${files.length} files; ${kept.length} kept identically, ` +
          `${refusals} refused, ${quarantine.length} of them in quarantine`,
      );
    } finally {
      await reference.stop();
    }
  });
});
