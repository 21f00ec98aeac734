import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopyCheck } from './check.ts';
import { BackupUnderTest } from './copier.test-util.ts';
import { blobSource, copyHolder } from './copies.ts';

let backup: BackupUnderTest;
let check: CopyCheck;
let damagedTold: number;
beforeEach(async () => {
  backup = await BackupUnderTest.make();
  damagedTold = 0;
  check = new CopyCheck({
    ledger: backup.ledger,
    disks: backup.disks,
    bytesPerSecond: 1e9,
    everyDays: 30,
    log: backup.log,
    now: () => backup.nowMs,
    onDamaged: () => void damagedTold++,
  });
});
afterEach(() => backup.close());

const signal = new AbortController().signal;
const attached = () => {
  const [disk] = backup.disks.all();
  if (!disk) throw new Error('no disk is attached');
  return disk;
};
const checkAll = () => {
  backup.nowMs += 1000;
  return check.disk(attached(), new Date(backup.nowMs).toISOString(), { signal });
};
async function damage(path: string): Promise<void> {
  const file = join(backup.root('A1'), path);
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe('the check of a disk', () => {
  it('finds each file that has changed, and its copy is made anew', async () => {
    await backup.prepare('A1', 'A');
    for (const number of [1, 2, 3, 4]) backup.receive(number);
    await backup.copier.round();
    const [one = '', two = ''] = await backup.objects('A1');
    for (const path of [one, two]) await damage(path);
    const { checked, damaged } = await checkAll();
    expect(checked).toBe(4);
    expect(damaged.map(({ path }) => path).sort()).toEqual([one, two].sort());
    expect(damagedTold).toBe(1);
    expect(backup.ledger.objects.owed('A').objects).toBe(2);
    await backup.copier.round();
    expect(await backup.objects('A1')).toHaveLength(4);
    expect((await checkAll()).damaged).toEqual([]);
    expect(backup.ledger.objects.onDisk(attached().entry.id).damaged).toBe(0);
  });

  it('takes a disk that was pulled for nothing else', async () => {
    await backup.prepare('A1', 'A');
    for (const number of [1, 2]) backup.receive(number);
    await backup.copier.round();
    const disk = attached();
    await backup.pull('A1');
    const { checked, damaged } = await check.disk(disk, '9999', { signal });
    expect([checked, damaged]).toEqual([0, []]);
    expect(backup.ledger.objects.owed('A').objects).toBe(0);
  });
});

describe('copies', () => {
  it('are vouched for by disk, with when they were compared, until they are found damaged or the disk is retired', async () => {
    await backup.prepare('A1', 'A');
    await backup.prepare('B1', 'B');
    const { sha256 } = backup.receive(1);
    const holder = copyHolder(backup.ledger);
    expect(await holder.copies([sha256])).toEqual([]);
    await backup.copier.round();
    const verifiedAt = new Date(backup.nowMs).toISOString();
    expect(await holder.copies([sha256, 'f'.repeat(64)])).toEqual([
      { sha256, place: 'disk:A1', verifiedAt },
      { sha256, place: 'disk:B1', verifiedAt },
    ]);
    const [a1, b1] = backup.ledger.disks.all();
    backup.ledger.objects.damaged({ disk: a1?.id ?? '', sha256 }, verifiedAt);
    backup.ledger.disks.update(b1?.id ?? '', { retiredAt: verifiedAt });
    expect(await holder.copies([sha256])).toEqual([]);
  });

  it('are given from a disk that is there; of others it is said which disk is missing', async () => {
    await backup.prepare('A1', 'A');
    const { sha256 } = backup.receive(1);
    await backup.copier.round();
    const source = blobSource(backup.ledger, backup.disks);
    const options = { priority: 'viewing' } as const;
    const bytes = backup.bytes.get(sha256) as Buffer;
    const whole = await source.stream(sha256, undefined, options);
    expect(whole && (await buffer(whole))).toEqual(bytes);
    const part = await source.stream(sha256, { start: 10, end: 20 }, options);
    expect(part && (await buffer(part))).toEqual(bytes.subarray(10, 20));
    expect(await source.stream('f'.repeat(64), undefined, options)).toBeUndefined();
    await backup.pull('A1');
    await backup.copier.round();
    await expect(source.stream(sha256, undefined, options)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      detail: expect.stringContaining('A1'),
    });
  });
});
