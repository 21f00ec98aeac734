import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingLog } from '../../testing/recording-log.ts';
import { SigningKeys } from '../security/signing-keys.ts';
import { FIRST_HASH, hashOfEntry } from './audit-chain.ts';
import { AuditLog } from './audit-log.ts';
import { searchAudit } from './audit-search.ts';
import type { AuditEntry, AuditEvent } from './contract.ts';

describe('the audit log', () => {
  let folder: string;
  let keys: SigningKeys;
  let log: RecordingLog;
  let path: string;
  let now: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-audit-'));
    path = join(folder, 'audit.sqlite');
    keys = new SigningKeys(join(folder, 'keys.json'));
    log = new RecordingLog();
    now = Date.parse('2026-03-01T08:00:00Z');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => AuditLog.open({ path, keys, log, now: () => (now += 10) });
  const event = (n: number): AuditEvent => ({
    action: 'open',
    outcome: 'success',
    actor: { kind: 'user', id: `user${n % 3}` },
    address: '192.0.2.1',
    studyInstanceUid: `1.2.${n}`,
  });
  const filled = async (count = 10) => {
    const audit = await open();
    for (let n = 1; n < count; n += 1) audit.record(event(n));
    await audit.recordDurably(event(count));
    await audit.close();
  };
  /** What somebody with the file can do to it. */
  const tamper = (work: (database: DatabaseSync) => void) => {
    const database = new DatabaseSync(path);
    database.exec('DROP TRIGGER entryIsNotChanged; DROP TRIGGER entryIsNotRemoved;');
    work(database);
    database.close();
  };
  const findings = async () => {
    const audit = await open();
    const verdict = await audit.verify();
    await audit.close();
    return verdict.findings;
  };

  it('keeps what it is told in order, and is whole afterwards and after a restart', async () => {
    await filled(10);
    await filled(5);
    const audit = await open();
    expect(await audit.verify()).toMatchObject({ entries: 15, lastSeq: 15, findings: [] });
    const entries = searchAudit(audit.read(), { actor: 'user1' }, { limit: 3 });
    expect(entries.map(({ seq, studyInstanceUid }) => [seq, studyInstanceUid])).toEqual([
      [14, '1.2.4'],
      [11, '1.2.1'],
      [10, '1.2.10'],
    ]);
    expect(searchAudit(audit.read(), {}, { before: 3, limit: 9 }).map(({ seq }) => seq)).toEqual([2, 1]);
    await audit.close();
  });

  it('does not let itself be changed by mistake', async () => {
    await filled();
    const database = new DatabaseSync(path);
    expect(() => database.exec("UPDATE entry SET actor = 'x' WHERE seq = 3")).toThrow(/append only/);
    expect(() => database.exec('DELETE FROM entry WHERE seq = 3')).toThrow(/append only/);
    database.close();
  });

  it.each<[string, (database: DatabaseSync) => void, object]>([
    [
      'one field changed',
      (db) => db.exec("UPDATE entry SET actor = 'nobody' WHERE seq = 4"),
      { seq: 4, kind: 'changed' },
    ],
    ['a time changed', (db) => db.exec("UPDATE entry SET at = '2026-01-01T00:00:00.000Z' WHERE seq = 4"), { seq: 4 }],
    ['one entry removed', (db) => db.exec('DELETE FROM entry WHERE seq = 4'), { seq: 4, kind: 'removed' }],
    ['the first removed', (db) => db.exec('DELETE FROM entry WHERE seq = 1'), { seq: 1, kind: 'removed' }],
    [
      'one removed and the rest counted anew',
      (db) => db.exec('DELETE FROM entry WHERE seq = 4; UPDATE entry SET seq = seq - 1 WHERE seq > 4'),
      { seq: 4, kind: 'changed' },
    ],
    [
      'two put in each other’s place',
      (db) =>
        db.exec(
          'UPDATE entry SET seq = 99 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 6; UPDATE entry SET seq = 6 WHERE seq = 99',
        ),
      { seq: 5 },
    ],
    [
      'what is no entry',
      (db) => db.exec("UPDATE entry SET action = 'nothing' WHERE seq = 7"),
      { seq: 7, kind: 'changed' },
    ],
  ])('finds %s', async (_about, work, finding) => {
    await filled();
    tamper(work);
    const found = await findings();
    expect(found[0]).toMatchObject(finding);
  });

  it('finds what was cut off its end, also after the node went on, and for good', async () => {
    await filled();
    tamper((database) => database.exec('DELETE FROM entry WHERE seq > 8'));
    expect(await findings()).toEqual([{ seq: 9, kind: 'noted' }]);
    expect(log.lines.some(({ message }) => message === 'the audit log is not whole')).toBe(true);
    await filled(3);
    expect(await findings()).toEqual([{ seq: 9, kind: 'noted' }]);
  });

  it('finds an entry changed with its hash and all hashes after it, by the signed head', async () => {
    await filled();
    tamper((database) => {
      let before = FIRST_HASH;
      for (const row of database.prepare('SELECT * FROM entry ORDER BY seq').all()) {
        const { hash: _hash, ...rest } = row as unknown as AuditEntry;
        const entry = { ...rest, actor: rest.seq === 4 ? 'nobody' : rest.actor };
        const hash = hashOfEntry(before, entry);
        database.prepare('UPDATE entry SET actor = ?, hash = ? WHERE seq = ?').run(entry.actor, hash, entry.seq);
        before = hash;
      }
    });
    expect(await findings()).toEqual([{ seq: 11, kind: 'noted' }]);
  });

  it('finds a head that is gone, damaged, or signed by somebody else', async () => {
    await filled();
    const head = `${path}.head`;
    const good = await readFile(head, 'utf8');
    for (const text of ['{', good.replace(/"seq":\d+/, '"seq":3'), undefined]) {
      if (text === undefined) await rm(head);
      else await writeFile(head, text);
      expect((await findings()).at(-1)).toMatchObject({ kind: 'noted' });
    }
  });

  it('loses nothing that was answered when the process ends without closing it', async () => {
    const audit = await open();
    await audit.recordDurably(event(1));
    // Not closed: another process opens the file.
    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 1 });
    database.close();
    await audit.close();
    await expect(audit.recordDurably(event(2))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('says no to who waits when it cannot write, and keeps the rest for later', async () => {
    const audit = await open();
    const blocking = new DatabaseSync(path);
    audit.read().exec('PRAGMA busy_timeout = 0');
    blocking.exec('BEGIN IMMEDIATE');
    audit.record(event(1));
    await expect(audit.recordDurably(event(2))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(audit.state).toBe('failing');
    blocking.exec('ROLLBACK');
    blocking.close();
    expect(searchAudit(audit.read(), {}, { limit: 9 }).map(({ studyInstanceUid }) => studyInstanceUid)).toEqual([
      '1.2.1',
    ]);
    expect(audit.state).toBe('ok');
    await audit.close();
  });
});
