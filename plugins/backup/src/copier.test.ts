import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { makeInstanceRecord } from '@filmless/core/testing';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupUnderTest } from './copier.test-util.ts';
import { DiskReader } from './format/index.ts';
import { note } from './ledger/note.ts';

let backup: BackupUnderTest;
beforeEach(async () => {
  backup = await BackupUnderTest.make();
});
afterEach(() => backup.close());

const uids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `1.2.${from + index}`).sort();
const receive = (from: number, to: number) => {
  for (let number = from; number <= to; number += 1) backup.receive(number);
};
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
/** After an error a disk rests; then it is looked at again. */
const later = () => {
  backup.nowMs += 60_000;
};

describe('copying', () => {
  it('puts each object on the disk once, listed and whole', async () => {
    await backup.prepare('A1', 'A');
    receive(1, 150);
    await backup.copier.round();
    expect(await backup.objects('A1')).toHaveLength(150);
    expect(await backup.instancesOn('A1')).toEqual(uids(1, 150));
    receive(151, 152);
    await backup.copier.round();
    await backup.copier.round();
    expect(await backup.objects('A1')).toHaveLength(152);
    expect(backup.ledger.objects.owed('A')).toMatchObject({ objects: 0, oldest: '' });
  });

  it('gives each set everything, and catches up with one that was away', async () => {
    await backup.prepare('A1', 'A');
    await backup.prepare('B1', 'B');
    receive(1, 3);
    await backup.copier.round();
    await backup.pull('A1');
    receive(4, 6);
    await backup.copier.round();
    await backup.pull('B1');
    await backup.putBack('A1');
    receive(7, 8);
    await backup.copier.round();
    await backup.putBack('B1');
    await backup.copier.round();
    for (const label of ['A1', 'B1']) {
      expect(await backup.instancesOn(label)).toEqual(uids(1, 8));
      expect(await backup.objects(label)).toHaveLength(8);
    }
  });

  it('gives a set that is new what came before it', async () => {
    receive(1, 3);
    await backup.prepare('A1', 'A');
    await backup.copier.round();
    expect(await backup.instancesOn('A1')).toEqual(uids(1, 3));
  });

  it('goes on with the next disk of the set when one is full, and says when there is none', async () => {
    await backup.prepare('A1', 'A');
    await backup.prepare('A2', 'A');
    const { sizeBytes } = backup.receive(1);
    backup.room.set('A1', 1000 + sizeBytes);
    backup.room.set('A2', 1e6);
    await backup.copier.round();
    expect(await backup.instancesOn('A1')).toEqual([]);
    expect(await backup.instancesOn('A2')).toEqual(['1.2.1']);
    expect(backup.copier.fullSets()).toEqual([]);
    backup.room.set('A2', 500);
    backup.receive(2);
    await backup.copier.round();
    expect(backup.copier.fullSets()).toEqual(['A']);
    await backup.prepare('A3', 'A');
    await backup.copier.round();
    expect(await backup.instancesOn('A3')).toEqual(['1.2.2']);
    expect(backup.copier.fullSets()).toEqual([]);
  });

  it('waits for bytes that are not here, and takes no wrong ones', async () => {
    await backup.prepare('A1', 'A');
    const record = backup.receive(1);
    const good = backup.bytes.get(record.sha256) as Buffer;
    backup.bytes.set(record.sha256, Buffer.from('rotten'));
    await backup.copier.round();
    backup.bytes.delete(record.sha256);
    later();
    await backup.copier.round();
    expect(await backup.objects('A1')).toEqual([]);
    expect(backup.ledger.objects.owed('A')).toMatchObject({ objects: 1, waiting: 1, oldest: '' });
    backup.bytes.set(record.sha256, good);
    later();
    await backup.copier.round();
    expect(await backup.objects('A1')).toHaveLength(1);
  });

  it('brings clinical documents to every disk, with their removal', async () => {
    await backup.prepare('A1', 'A');
    backup.documents.push({ id: 'doc:one', document: { _id: 'doc:one', _rev: '1-a', content: { text: 'first' } } });
    await backup.copier.round();
    await backup.prepare('B1', 'B');
    backup.documents.push({ id: 'doc:one', document: null });
    await backup.copier.round();
    for (const label of ['A1', 'B1']) {
      const entries = await backup.entries(label);
      expect(entries.map((each) => each.kind === 'document' && each.document?.['_rev'])).toEqual(['1-a', undefined]);
    }
  });

  it('keeps a conflict as one, until a person takes it for the instance', async () => {
    await backup.prepare('A1', 'A');
    backup.receive(1);
    const other = { ...makeInstanceRecord('1.2.1', 'other'), sha256: sha256Of('other') };
    backup.bytes.set(other.sha256, Buffer.from('other'));
    note(backup.ledger, other, new Date(backup.nowMs).toISOString(), true);
    await backup.copier.round();
    const conflicts = async () =>
      (await backup.entries('A1')).flatMap((each) => (each.kind === 'instance' ? [each.isConflict ?? false] : []));
    expect(await conflicts()).toEqual([false, true]);
    backup.records.set('1.2.1', other);
    note(backup.ledger, other, new Date(backup.nowMs).toISOString(), false);
    await backup.copier.round();
    expect(await conflicts()).toEqual([false, true, false]);
    expect(await backup.objects('A1')).toHaveLength(2);
  });
});

describe('disks', () => {
  it('may be pulled in the middle of copying, and put back', async () => {
    await backup.prepare('A1', 'A');
    receive(1, 100);
    let opened = 0;
    backup.beforeOpen = async () => {
      opened += 1;
      if (opened === 80) await backup.pull('A1');
    };
    await backup.copier.round();
    expect(backup.disks.all()).toEqual([]);
    expect(await readdir(join(backup.folder, 'mount'))).toEqual([]);
    receive(101, 110);
    await backup.copier.round();
    await backup.putBack('A1');
    later();
    await backup.copier.round();
    expect(await backup.instancesOn('A1')).toEqual(uids(1, 110));
    expect(await backup.objects('A1')).toHaveLength(110);
  });

  it('are never mistaken for the empty folder where they were', async () => {
    await backup.prepare('A1', 'A');
    receive(1, 2);
    await backup.copier.round();
    await backup.pull('A1');
    await mkdir(backup.root('A1'));
    receive(3, 4);
    await backup.copier.round();
    expect(await readdir(backup.root('A1'))).toEqual([]);
    expect(backup.disks.candidates()).toMatchObject([{ state: 'empty' }]);
  });

  it('of other nodes are left alone', async () => {
    const other = await BackupUnderTest.make();
    await other.prepare('X1', 'A');
    await rename(other.root('X1'), backup.root('X1'));
    await other.close();
    receive(1, 2);
    await backup.copier.round();
    expect(backup.disks.candidates()).toMatchObject([{ state: 'foreign', marker: { label: 'X1' } }]);
    expect(await backup.objects('X1')).toEqual([]);
  });

  it('that gave an error rest for a moment, and others go on', async () => {
    await backup.prepare('A1', 'A');
    await backup.prepare('B1', 'B');
    receive(1, 2);
    await backup.copier.round();
    // A file stands where a folder of the disk must be.
    await rename(join(backup.root('A1'), 'TEMP'), join(backup.root('A1'), 'GONE'));
    await writeFile(join(backup.root('A1'), 'TEMP'), '');
    receive(3, 4);
    await backup.copier.round();
    expect(backup.disks.all().map(({ entry }) => entry.label)).toEqual(['B1']);
    expect(backup.log.lines.some(({ message }) => message === 'disk failed')).toBe(true);
    expect(await backup.instancesOn('B1')).toEqual(uids(1, 4));
    later();
    await backup.copier.round();
    expect(await backup.instancesOn('A1')).toEqual(uids(1, 4));
  });

  it('are mended after a cut-off line, and tell the ledger what it does not know', async () => {
    await backup.prepare('A1', 'A');
    receive(1, 3);
    await backup.copier.round();
    const [day] = await readdir(join(backup.root('A1'), 'CATALOG'));
    // The ledger was set back: its disk knows more.
    const { catalogueBytes, manifestBytes } = backup.disks.all()[0]?.entry ?? { catalogueBytes: 0, manifestBytes: 0 };
    receive(4, 5);
    await backup.copier.round();
    const id = backup.disks.all()[0]?.entry.id ?? '';
    backup.ledger.disks.update(id, { catalogueBytes, manifestBytes });
    await appendFile(join(backup.root('A1'), 'CATALOG', day ?? ''), '{"check":"0123');
    await appendFile(join(backup.root('A1'), 'MANIFEST', '2026-11-24.sha256'), 'abcdef');
    backup.restart();
    receive(6, 6);
    await backup.copier.round();
    expect(await backup.instancesOn('A1')).toEqual(uids(1, 6));
    expect(await backup.objects('A1')).toHaveLength(6);
  });
});

describe('an encrypted disk', () => {
  it('shows nothing, and is read with the key of the hospital', async () => {
    const identity = await generateX25519Identity();
    await backup.prepare('E1', 'E', await identityToRecipient(identity));
    receive(1, 3);
    backup.documents.push({ id: 'doc:one', document: { _id: 'doc:one', _rev: '1-a', content: { text: 'secret' } } });
    await backup.copier.round();
    const paths = await backup.objects('E1');
    expect(paths.filter((path) => path.endsWith('.age'))).toHaveLength(3);
    const entries = await backup.entries('E1', [identity]);
    expect(entries.map(({ kind }) => kind)).toEqual(['document', 'instance', 'instance', 'instance']);
    const disk = await DiskReader.open(backup.root('E1'), [identity]);
    for (const entry of entries) {
      if (entry.kind !== 'instance') continue;
      expect(await buffer(await disk.content(entry.path))).toEqual(backup.bytes.get(entry.record.sha256));
    }
    await expect(backup.entries('E1')).rejects.toMatchObject({ code: 'KEY_DOES_NOT_FIT' });
  });

  it('stays whole when it is written again over what a crash left', async () => {
    const identity = await generateX25519Identity();
    const id = await backup.prepare('E1', 'E', await identityToRecipient(identity));
    receive(1, 2);
    await backup.copier.round();
    for (const { sha256 } of backup.records.values()) {
      backup.ledger.objects.damaged({ disk: id, sha256 }, new Date(backup.nowMs).toISOString());
    }
    later();
    backup.restart();
    await backup.copier.round();
    const paths = await backup.objects('E1');
    expect(paths).toHaveLength(2);
    expect(backup.ledger.objects.owed('E')).toMatchObject({ objects: 0 });
  });
});
