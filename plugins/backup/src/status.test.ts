import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { BackupUnderTest } from './copier.test-util.ts';
import { forecast } from './forecast.ts';
import { backupHealth } from './health.ts';
import { Remembered } from './remembered.ts';
import { backupStatus, studyPlaces } from './status.ts';

let backup: BackupUnderTest;
beforeEach(async () => {
  backup = await BackupUnderTest.make();
});
afterEach(() => backup.close());

const config = configSchema.parse({ mounts: ['/media/backup'] });
const status = () =>
  backupStatus({
    ledger: backup.ledger,
    disks: backup.disks,
    fullSets: () => backup.copier.fullSets(),
    keepFreeBytes: 1000,
    remembered: new Remembered(),
    now: () => backup.nowMs,
  });
const health = async () => {
  const { state, detail } = await backupHealth(config, status).check();
  return [state, detail.en];
};
const minutes = (count: number) => {
  backup.nowMs += count * 60_000;
};

describe('health', () => {
  it('is well while copies are up to date, and says nothing where no disks are wanted', async () => {
    await backup.prepare('A1', 'A');
    backup.receive(1);
    await backup.copier.round();
    expect(await health()).toEqual(['ok', 'copies are up to date']);
    const none = await backupHealth(configSchema.parse({}), status).check();
    expect(none.state).toBe('ok');
  });

  it('asks for a first disk', async () => {
    expect((await health())[0]).toBe('warning');
  });

  it('names the disk to put in, and is bad when copies are late', async () => {
    await backup.prepare('A1', 'A');
    await backup.prepare('B1', 'B');
    await backup.copier.round();
    await backup.pull('A1');
    await backup.pull('B1');
    backup.receive(1);
    await backup.copier.round();
    expect(await health()).toEqual(['warning', 'no backup disk is attached: put in A1']);
    minutes(11);
    expect((await health())[0]).toBe('failed');
    await backup.putBack('B1');
    await backup.copier.round();
    expect((await health())[0]).toBe('ok');
    expect(status()).toMatchObject({ lagSeconds: 0, next: { set: 'A', label: 'A1', why: 'rotate' } });
  });

  it('is bad when a set has no room, and asks for another disk of that set', async () => {
    await backup.prepare('A1', 'A');
    backup.room.set('A1', 10);
    backup.receive(1);
    await backup.copier.round();
    expect(await health()).toEqual(['failed', 'the attached disks of set A are full: put in a new disk of set A']);
    expect(status().disks).toMatchObject([{ label: 'A1', isFull: true, state: 'attached' }]);
  });
});

it('a study is on the disks that hold it, as much as they hold', async () => {
  await backup.prepare('A1', 'A');
  backup.receive(1, '2.25.7');
  await backup.copier.round();
  await backup.pull('A1');
  backup.receive(2, '2.25.7');
  await backup.prepare('A2', 'A');
  await backup.copier.round();
  expect(studyPlaces(backup.ledger, backup.disks, '2.25.7')).toEqual({
    instances: 2,
    disks: [
      { label: 'A2', set: 'A', state: 'attached', instances: 1 },
      { label: 'A1', set: 'A', state: 'away', instances: 1 },
    ],
  });
});

describe('the forecast', () => {
  const day = (date: string, bytes: number) => ({ day: date, bytes });
  const now = Date.parse('2026-01-10T12:00:00Z');

  it('says nothing before it knows enough', () => {
    expect(forecast([], 100, now)).toEqual({});
    expect(forecast([day('2026-01-09', 100)], 100, now)).toEqual({});
  });

  it('counts days on which nothing came', () => {
    const growth = [day('2026-01-01', 500), day('2026-01-05', 500)];
    expect(forecast(growth, 4100, now)).toEqual({ bytesPerDay: 100, daysUntilFull: 41 });
  });

  it('says 0 when what is owed fits no more', () => {
    expect(forecast([day('2026-01-01', 1000)], -5, now)).toMatchObject({ daysUntilFull: 0 });
  });
});
