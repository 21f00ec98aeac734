import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDataset, element, type InstanceRecord } from '@filmless/core/plugin';
import { makeInstanceRecord } from '@filmless/core/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { objectFolder, objectPath } from '../format/index.ts';
import { Ledger } from '../ledger/ledger.ts';
import { note } from '../ledger/note.ts';
import { writeDicomdir } from './write-dicomdir.ts';

const at = '2026-11-24T08:00:00.000Z';
let root: string;
let ledger: Ledger;
let records: Map<string, InstanceRecord>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'filmless-dicomdir-'));
  await mkdir(join(root, 'TEMP'));
  ledger = new Ledger(':memory:');
  ledger.disks.add({ id: 'disk', label: '备份 A1', set: 'A', recipient: '', createdAt: at });
  records = new Map();
});
afterEach(async () => {
  ledger.close();
  await rm(root, { recursive: true });
});

function add(number: number, patient: string, study: string, series: string): void {
  const record = makeInstanceRecord(`1.2.3.${number}`, '', {
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    dataset: {
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '\u5f20^\u4e09' }] },
      '00100020': element('LO', patient),
      '00080060': element('CS', 'CT'),
      '00280010': element('US', 512),
    },
  });
  records.set(record.SOPInstanceUID, record);
  note(ledger, record, at, false);
  const { sha256 } = record;
  const path = objectPath(objectFolder(record, ledger.secret), sha256);
  ledger.objects.addCopy(
    { id: 'disk', set: 'A' },
    { sha256, path, storedSha256: sha256, storedBytes: 1, verifiedAt: at },
  );
}

const write = () =>
  writeDicomdir({
    root,
    id: 'disk',
    label: '备份 A1',
    ledger,
    records: async (uids) => uids.map((uid) => records.get(uid)),
  });

interface Tree {
  type: string;
  name: string;
  below: Tree[];
}

/** Follows the links, as a reader does. */
async function readTree(): Promise<Tree[]> {
  const bytes = await readFile(join(root, 'DICOMDIR'));
  const firstRecord = bytes.readUInt32LE(bytes.indexOf(Buffer.from('04000012554c0400', 'hex')) + 8);
  const levelAt = (start: number): Tree[] => {
    const found: Tree[] = [];
    for (let offset = start; offset !== 0; ) {
      expect(bytes.readUInt32LE(offset).toString(16)).toBe('e000fffe');
      const item = bytes.subarray(offset + 8, offset + 8 + bytes.readUInt32LE(offset + 4));
      const dataset = decodeDataset(item, '1.2.840.10008.1.2.1');
      const value = (tag: string) => String(dataset[tag]?.Value?.[0] ?? '');
      const name = value('00041511') || value('0020000E') || value('0020000D') || value('00100020');
      found.push({ type: value('00041430'), name, below: levelAt(Number(value('00041420'))) });
      offset = Number(value('00041400'));
    }
    return found;
  };
  return levelAt(firstRecord);
}

const flat = (tree: readonly Tree[]): string[] =>
  tree.flatMap(({ type, name, below }) => [`${type} ${name}`, ...flat(below)]);

it('links patients, studies, series and instances, each once', async () => {
  add(1, 'P1', '1.1', '1.1.1');
  add(2, 'P2', '2.1', '2.1.1');
  add(3, 'P1', '1.2', '1.2.1');
  add(4, 'P1', '1.1', '1.1.2');
  add(5, 'P1', '1.1', '1.1.1');
  expect(await write()).toBe(5);
  const tree = await readTree();
  expect(tree.map(({ name }) => name).sort()).toEqual(['P1', 'P2']);
  const one = tree.find(({ name }) => name === 'P1');
  expect(one?.below.map(({ name }) => name).sort()).toEqual(['1.1', '1.2']);
  const study = one?.below.find(({ name }) => name === '1.1');
  expect(flat(study?.below ?? [])).toEqual([
    'SERIES 1.1.1',
    'IMAGE 1.2.3.1',
    'IMAGE 1.2.3.5',
    'SERIES 1.1.2',
    'IMAGE 1.2.3.4',
  ]);
});

it('is as right when it is larger than what is held in memory', { timeout: 300_000 }, async () => {
  const COUNT = 4000;
  ledger.transaction(() => {
    for (let number = 1; number <= COUNT; number += 1)
      add(number, `P${number % 3}`, `1.${number % 7}`, `1.${number}.1`);
  });
  await write();
  expect((await readFile(join(root, 'DICOMDIR'))).length).toBeGreaterThan(2 ** 20);
  const instances = flat(await readTree()).filter((line) => line.startsWith('IMAGE'));
  expect(new Set(instances).size).toBe(COUNT);
  expect(instances).toHaveLength(COUNT);
});

it('keeps people without an ID apart, and leaves out what was replaced', async () => {
  add(1, '', '1.1', '1.1.1');
  add(2, '', '2.1', '2.1.1');
  add(3, 'P1', '3.1', '3.1.1');
  records.set('1.2.3.3', makeInstanceRecord('1.2.3.3', 'other'));
  expect(await write()).toBe(2);
  expect((await readTree()).map(({ type }) => type)).toEqual(['PATIENT', 'PATIENT']);
});

it('may be empty', async () => {
  expect(await write()).toBe(0);
  expect(await readFile(join(root, 'DICOMDIR'))).toBeDefined();
});

const hasTools = ['dcmdump', 'dciodvfy'].every((tool) => spawnSync(tool, ['--version']).error === undefined);

it.skipIf(!hasTools)('is read by DCMTK, and is what the standard wants', async () => {
  add(1, 'P1', '1.1', '1.1.1');
  add(2, '', '2.1', '2.1.1');
  await write();
  const path = join(root, 'DICOMDIR');
  const dump = spawnSync('dcmdump', ['+U8', path], { encoding: 'utf8' });
  expect([dump.status, dump.stderr]).toEqual([0, '']);
  expect(dump.stdout.match(/DirectoryRecordType/g)).toHaveLength(8);
  expect(dump.stdout).toContain('\u5f20^\u4e09');
  const checked = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
  expect(checked.stderr.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
});
