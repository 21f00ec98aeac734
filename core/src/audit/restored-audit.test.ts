import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingLog } from '../../testing/recording-log.ts';
import { SigningKeys } from '../security/signing-keys.ts';
import { FIRST_HASH, hashOfEntry } from './audit-chain.ts';
import { AuditLog } from './audit-log.ts';
import type { AuditEntry } from './contract.ts';
import { continueRestoredAudit } from './restored-audit.ts';
import { verifyAuditFolder } from './verify-folder.ts';

const FROM = { at: '2026-03-01T08:00:00.000Z', disk: 'A1' };

describe('an audit log that came back from a backup', () => {
  let folder: string;
  let log: RecordingLog;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-restored-audit-'));
    log = new RecordingLog();
    await write(10);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const keysFile = () => join(folder, 'signing-keys.json');
  /** The node runs for a while. */
  async function write(count: number): Promise<AuditLog['state']> {
    const audit = await AuditLog.open({ path: join(folder, 'audit.sqlite'), keys: new SigningKeys(keysFile()), log });
    const { state } = audit;
    for (let n = 0; n < count; n += 1)
      audit.record({ action: 'open', outcome: 'success', actor: { kind: 'user', id: `u${n}` }, address: '192.0.2.1' });
    await audit.close();
    return state;
  }
  /** What somebody with the file can do to it. */
  const tamper = (work: (database: DatabaseSync) => void) => {
    const database = new DatabaseSync(join(folder, 'audit.sqlite'));
    database.exec('DROP TRIGGER entryIsNotChanged; DROP TRIGGER entryIsNotRemoved;');
    work(database);
    database.close();
  };
  const change = (database: DatabaseSync) => database.exec("UPDATE entry SET actor = 'nobody' WHERE seq = 4");
  const countAnew = (database: DatabaseSync) => {
    let before = FIRST_HASH;
    for (const row of database.prepare('SELECT * FROM entry ORDER BY seq').all()) {
      const { hash: _hash, ...entry } = row as unknown as AuditEntry;
      before = hashOfEntry(before, entry);
      database.prepare('UPDATE entry SET hash = ? WHERE seq = ?').run(before, entry.seq);
    }
  };
  const restoreWithoutKey = async () => {
    await rm(keysFile());
    return continueRestoredAudit(folder, FROM);
  };

  it('without its key is closed, said to be so, and goes on signed by the new key', async () => {
    const verdict = await restoreWithoutKey();
    const { kid } = new SigningKeys(keysFile()).current();
    expect(verdict).toMatchObject({ entries: 11, findings: [], restored: [{ seq: 10 }] });
    expect(verdict?.restored[0]?.detail).toMatch(
      /^entries 1 to 10 came back from the backup of 2026-03-01T08:00:00.000Z: .* cannot be checked$/,
    );
    expect(verdict?.restored[0]?.detail).not.toContain(kid);
    expect(await write(5)).toBe('ok');
    expect(await verifyAuditFolder(folder)).toMatchObject({ entries: 16, findings: [], restored: [{ seq: 10 }] });
    expect(log.lines).toEqual([]);
  });

  it('with its key is the same log, and nothing is written into it', async () => {
    expect(await continueRestoredAudit(folder, FROM)).toMatchObject({ entries: 10, findings: [], restored: [] });
  });

  it.each<[string, (database: DatabaseSync) => void, object]>([
    ['an old entry changed', change, { seq: 4, kind: 'changed' }],
    ['an old entry removed', (db) => db.exec('DELETE FROM entry WHERE seq = 4'), { seq: 4, kind: 'removed' }],
    ['the end cut off', (db) => db.exec('DELETE FROM entry WHERE seq > 12'), { seq: 14, kind: 'end-removed' }],
    ['all that came with the restore cut off', (db) => db.exec('DELETE FROM entry WHERE seq > 10'), { seq: 14 }],
    [
      'the whole chain counted anew',
      (db) => {
        change(db);
        countAnew(db);
      },
      { seq: 14, kind: 'changed' },
    ],
  ])('is found out afterwards: %s', async (_about, work, finding) => {
    await restoreWithoutKey();
    await write(3);
    tamper(work);
    const { findings } = await verifyAuditFolder(folder);
    expect(findings).toEqual([expect.objectContaining(finding)]);
  });

  it('that does not fit together before is not taken for whole', async () => {
    tamper(change);
    const verdict = await restoreWithoutKey();
    expect(verdict?.findings).toContainEqual({ seq: 4, kind: 'changed' });
    expect(verdict?.restored).toEqual([]);
  });

  it('whose end was cut off before, or counted anew, is not taken for whole', async () => {
    for (const work of [(db: DatabaseSync) => db.exec('DELETE FROM entry WHERE seq > 7'), countAnew]) {
      const [database, head] = [join(folder, 'audit.sqlite'), join(folder, 'audit.sqlite.head')];
      const kept = [await readFile(database), await readFile(head)] as const;
      tamper((db) => {
        if (work === countAnew) change(db);
        work(db);
      });
      expect((await restoreWithoutKey())?.restored).toEqual([]);
      expect((await verifyAuditFolder(folder)).findings).not.toEqual([]);
      await writeFile(database, kept[0]);
      await writeFile(head, kept[1]);
    }
  });

  it('is not taken for restored when its key is gone and nobody restored anything', async () => {
    await rm(keysFile());
    expect(await write(1)).toBe('broken');
    expect((await verifyAuditFolder(folder)).findings).toEqual([{ seq: 11, kind: 'noted' }]);
  });
});
