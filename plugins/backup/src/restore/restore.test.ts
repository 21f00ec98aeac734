import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CopiedDocument, InstanceRecord } from '@filmless/core/plugin';
import { InMemoryCatalogue, InMemoryStorage } from '@filmless/core/testing';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupUnderTest } from '../copier.test-util.ts';
import { DiskReader } from '../format/index.ts';
import { type RestoreLine, type RestoreSummary, restore } from './restore.ts';
import type { RestoreWhat } from './what.ts';

let backup: BackupUnderTest;
/** The node that is restored to. */
let storage: InMemoryStorage;
let catalogue: InMemoryCatalogue;
let documents: CopiedDocument['document'][];

beforeEach(async () => {
  backup = await BackupUnderTest.make();
  storage = new InMemoryStorage();
  catalogue = new InMemoryCatalogue();
  documents = [];
});
afterEach(async () => {
  await backup.close();
  await storage.close();
  await catalogue.close();
});

async function run(disks: readonly DiskReader[], what: RestoreWhat = { kind: 'all' }) {
  const found: { lines: RestoreLine[]; summary?: RestoreSummary } = { lines: [] };
  const commit = async (record: InstanceRecord) => void (await catalogue.commit(record));
  const lines = restore(
    {
      disks,
      ledger: backup.ledger,
      storage,
      catalogue,
      query: { studies: async () => ({ total: 0, items: [] }) },
      ingest: {
        receiveRecord: async (record) => {
          await commit(record);
          return { status: 'stored', record };
        },
      },
      nodeCopy: {
        commit,
        put: async (_database, page) => void documents.push(...page),
        remove: async () => undefined,
      },
      workFile: join(backup.folder, 'work.sqlite'),
      signal: new AbortController().signal,
    },
    what,
  );
  for await (const line of lines) {
    if ('done' in line) found.summary = line.summary;
    else if (!('progress' in line)) found.lines.push(line);
  }
  return found;
}

const reader = (label: string, identities: string[] = []) => DiskReader.open(backup.root(label), identities);
const restored = async () => {
  const has = [...backup.records.values()].map(async ({ sha256 }) => (await storage.has(sha256)) && sha256);
  return (await Promise.all(has)).filter((each) => each !== false).length;
};

describe('an encrypted disk', () => {
  let identity: string;
  beforeEach(async () => {
    identity = await generateX25519Identity();
    await backup.prepare('E1', 'E', await identityToRecipient(identity));
    for (const number of [1, 2, 3]) backup.receive(number);
    await backup.copier.round();
  });

  it('is restored with its key', async () => {
    expect(await run([await reader('E1', [identity])])).toMatchObject({
      lines: [],
      summary: { restored: 3, missing: 0, damaged: 0 },
    });
    expect(await restored()).toBe(3);
  });

  it.each<[string, () => Promise<string[]>]>([
    ['another key', async () => [await generateX25519Identity()]],
    ['no key', async () => []],
  ])('with %s is said to be locked, and none of its files damaged', async (_about, identities) => {
    const { lines, summary } = await run([await reader('E1', await identities())]);
    expect(lines.filter((line) => !('missing' in line))).toEqual([{ locked: { disk: 'E1' } }]);
    expect(summary).toMatchObject({ restored: 0, missing: 3, damaged: 0 });
  });

  it('does not stop the others', async () => {
    await backup.prepare('M1', 'M');
    backup.nowMs += 1000;
    await backup.copier.round();
    const { lines, summary } = await run([await reader('E1', [await generateX25519Identity()]), await reader('M1')]);
    expect(lines).toEqual([{ locked: { disk: 'E1' } }]);
    expect(summary).toMatchObject({ restored: 3, missing: 0, damaged: 0 });
  });

  it('whose images are locked, and its catalogue is not, is said to be locked once', async () => {
    const disk = await reader('E1', [identity]);
    const locked = await reader('E1', [await generateX25519Identity()]);
    // Images that were copied under another key than the catalogue.
    Object.assign(disk, { content: (path: string) => locked.content(path) });
    const { lines, summary } = await run([disk]);
    expect(lines.filter((line) => !('missing' in line))).toEqual([{ locked: { disk: 'E1' } }]);
    expect(summary).toMatchObject({ restored: 0, missing: 3, damaged: 0 });
  });

  it('with a damaged file is not locked', async () => {
    const [path = ''] = (await backup.objects('E1')).filter((each) => each.endsWith('.age'));
    const file = await open(join(backup.root('E1'), path), 'r+');
    // In the header, where the key is looked for.
    await file.write(Buffer.from('!!!!'), 0, 4, 60);
    await file.close();
    const { lines, summary } = await run([await reader('E1', [identity])]);
    expect(lines.filter((line) => !('missing' in line))).toEqual([{ damaged: { disk: 'E1', file: path } }]);
    expect(summary).toMatchObject({ restored: 2, missing: 1, damaged: 1 });
  });
});

describe('one study', () => {
  const doc = (_id: string, content: object) => ({ id: _id, document: { _id, _rev: '1-a', content } });
  const MINE = [
    doc('doc:received:2026-01-01T00:00:00.000Z:r1', {}),
    doc('doc:study:2.25.1:r1', {}),
    doc('doc:version:r1:000001', { reportId: 'r1', StudyInstanceUID: '2.25.1', document: { sha256: 'f00d' } }),
    doc('doc:file:f00d', { base64: 'AAAA' }),
  ];
  const ANOTHERS = [
    doc('doc:study:2.25.2:r2', {}),
    doc('doc:version:r2:000001', { reportId: 'r2', StudyInstanceUID: '2.25.2', document: { sha256: 'beef' } }),
    doc('doc:file:beef', { base64: 'BBBB' }),
    doc('doc:links:received', {}),
  ];

  it('comes back with its documents, and with nothing of another', async () => {
    await backup.prepare('M1', 'M');
    for (const number of [1, 2, 3]) backup.receive(number);
    backup.receive(4, '2.25.2');
    // What leads to a document comes before it and after it.
    backup.documents = [...ANOTHERS, ...MINE, { id: 'doc:study:2.25.1:r0', document: null }];
    await backup.copier.round();
    const what = { kind: 'study', StudyInstanceUID: '2.25.1' } as const;
    expect((await run([await reader('M1')], what)).summary).toMatchObject({ restored: 3, documents: MINE.length });
    expect(documents.map(({ _id }) => _id).sort()).toEqual(MINE.map(({ id }) => id).sort());
    expect(await restored()).toBe(3);
  });
});
