import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CopiedDocument } from '@filmless/core/plugin';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDisk } from '../disks/prepare-disk.ts';
import { DiskReader } from '../format/index.ts';
import { Ledger } from '../ledger/ledger.ts';
import { fetchSnapshot, placeFiles, readSnapshotConfig, snapshotDocuments } from '../restore/place-snapshot.ts';
import { collectSnapshot } from './collect.ts';
import { snapshotsOn } from './snapshot-format.ts';
import { writeSnapshot } from './write-snapshot.ts';

const documents: CopiedDocument[] = [
  { database: 'reports', document: { _id: 'report:1', _rev: '1-a', text: 'password: none' } },
  {
    database: 'security',
    document: { _id: 'user:wang', _rev: '2-b', name: 'wang', roles: ['radiologist'], password: { hash: 'x' } },
  },
  { database: 'security', document: { _id: 'key:1', _rev: '1-c', account: 'his', hash: 'abc' } },
  { database: 'sessions', document: { _id: 's', _rev: '1-d' } },
];
const signal = new AbortController().signal;

let folder: string;
let ledger: Ledger;
const data = () => join(folder, 'data');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-snapshot-'));
  for (const name of ['data/storage', 'data/archive', 'target']) await mkdir(join(folder, name), { recursive: true });
  ledger = new Ledger(join(data(), 'backup', 'backup.sqlite'));
  await writeFile(join(data(), 'storage', 'pixels.json'), '{}');
  await writeFile(join(data(), 'signing-keys.json'), '{"keys":[]}');
  await writeFile(join(data(), 'archive', 'node.json'), '{"key":"-----BEGIN PRIVATE KEY-----"}');
  await writeFile(join(data(), 'plugins.json'), '{"disabled":[]}');
  await writeFile(
    join(folder, 'filmless.yaml'),
    'name: centre\nplugins:\n  alarms:\n    mail:\n      password: geheim\n',
  );
});
afterEach(async () => {
  ledger.close();
  await rm(folder, { recursive: true });
});

async function disk(label: string, recipient?: string): Promise<string> {
  const root = join(folder, label);
  await mkdir(root);
  await prepareDisk(ledger, { root, label, set: 'A', recipient, nodeName: 'Centre', now: new Date() });
  return root;
}

async function take(root: string, options: { hasSecrets: boolean; at?: string; recipient?: string; keep?: number }) {
  const { hasSecrets, at = '2026-11-24T08:00:00.000Z', recipient = '', keep = 3 } = options;
  const gathered = join(folder, 'gathered');
  const snapshot = await collectSnapshot({
    nodeCopy: {
      documents: async function* () {
        yield* documents;
      },
    },
    node: { name: 'centre', version: '1', dataDirectory: data() },
    configFile: join(folder, 'filmless.yaml'),
    ...{ hasSecrets, at, folder: gathered, signal },
  });
  await writeSnapshot({ folder: gathered, snapshot, root, recipient, keep, signal });
}

async function documentsOf(found: NonNullable<Awaited<ReturnType<typeof fetchSnapshot>>>): Promise<CopiedDocument[]> {
  const all: CopiedDocument[] = [];
  for await (const each of snapshotDocuments(found)) all.push(each);
  return all;
}

async function fetched(reader: DiskReader) {
  const found = await fetchSnapshot([reader], join(folder, 'fetched'));
  if (!found) throw new Error('no snapshot');
  return found;
}

describe('a snapshot', () => {
  it('comes back as it was, but for who was signed in', async () => {
    const root = await disk('M1');
    await take(root, { hasSecrets: true });
    const found = await fetched(await DiskReader.open(root));
    expect(await documentsOf(found)).toEqual(documents.slice(0, 3));
    await placeFiles(found, join(folder, 'target'));
    const there = await readdir(join(folder, 'target'), { recursive: true });
    expect(there).toEqual(expect.arrayContaining(['signing-keys.json', 'plugins.json', 'backup/backup.sqlite']));
    expect(there).not.toContain('storage');
    const copy = new DatabaseSync(join(folder, 'target', 'backup', 'backup.sqlite'));
    expect(copy.prepare('SELECT label FROM disk').all()).toMatchObject([{ label: 'M1' }]);
    copy.close();
    expect(await readdir(join(root, 'TEMP'))).toEqual([]);
  });

  it('has no passwords and keys where they must not be', async () => {
    const root = await disk('M1');
    await take(root, { hasSecrets: false });
    const reader = await DiskReader.open(root);
    const found = await fetched(reader);
    expect(await documentsOf(found)).toEqual([
      documents[0],
      { database: 'security', document: { _id: 'user:wang', _rev: '2-b', name: 'wang', roles: ['radiologist'] } },
    ]);
    const names = found.snapshot.files.map(({ path }) => path);
    expect(names).toContain('files/plugins.json');
    expect(names.filter((name) => /signing-keys|archive/.test(name))).toEqual([]);
    expect(await readSnapshotConfig([reader])).not.toContain('geheim');
  });

  it('is read from an encrypted disk with its key and with no other', async () => {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const root = await disk('E1', recipient);
    await take(root, { hasSecrets: true, recipient });
    const [on] = await snapshotsOn(root);
    const stored = await readFile(join(root, on?.folder ?? '', 'filmless.yaml.age'), 'latin1');
    expect(stored).not.toContain('geheim');
    const found = await fetched(await DiskReader.open(root, [identity]));
    expect(await documentsOf(found)).toHaveLength(3);
    const another = await DiskReader.open(root, [await generateX25519Identity()]);
    await expect(fetchSnapshot([another], join(folder, 'other'))).rejects.toMatchObject({ code: 'KEY_DOES_NOT_FIT' });
  });

  it('that is damaged is passed over for an older one', async () => {
    const root = await disk('M1');
    await take(root, { hasSecrets: true });
    await take(root, { hasSecrets: true, at: '2026-11-25T08:00:00.000Z' });
    const file = await open(join(root, 'SNAPSHOT/20261125T080000Z/documents.ndjson.gz'), 'r+');
    await file.write(Buffer.from([1, 2, 3]), 0, 3, 20);
    await file.close();
    const found = await fetched(await DiskReader.open(root));
    expect(found.snapshot.at).toBe('2026-11-24T08:00:00.000Z');
    expect(found.damaged).toEqual([{ disk: 'M1', file: 'SNAPSHOT/20261125T080000Z/documents.ndjson.gz' }]);
  });

  it('makes room for newer ones', async () => {
    const root = await disk('M1');
    for (const day of ['24', '25', '26'])
      await take(root, { hasSecrets: true, at: `2026-11-${day}T08:00:00.000Z`, keep: 2 });
    expect((await readdir(join(root, 'SNAPSHOT'))).sort()).toEqual(['20261125T080000Z', '20261126T080000Z']);
  });
});
