import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { AlarmList } from './alarm-list.ts';
import type { AlarmSeverity } from './contract.ts';

const text = (en: string) => ({ 'zh-CN': en, en });
const full = (severity: AlarmSeverity, detail = 'full in 3 days') => ({
  key: 'disk',
  severity,
  title: text('Disk'),
  detail: text(detail),
});

let clock: ManualClock;
let list: AlarmList;
beforeEach(() => {
  clock = new ManualClock();
  list = new AlarmList(':memory:', clock);
});
afterEach(() => list.close());

describe('alarms', () => {
  it('are raised once while they last', () => {
    const alarms = list.viewFor('backup');
    alarms.raise(full('warning'));
    clock.advance(1000);
    alarms.raise(full('warning', 'full in 2 days'));
    expect(list.active()).toMatchObject([
      { key: 'backup:disk', detail: { en: 'full in 2 days' }, raisedAt: '2026-03-01T08:00:00.000Z' },
    ]);
    expect(list.untold()).toMatchObject([{ event: 'raised' }]);
  });

  it('of one plugin do not meet those of another', () => {
    list.viewFor('backup').raise(full('warning'));
    list.viewFor('archive').clear('disk');
    expect(list.active()).toHaveLength(1);
  });

  it('come again after they were over, and stay in the list of the past', () => {
    const alarms = list.viewFor('backup');
    alarms.raise(full('warning'));
    clock.advance(1000);
    alarms.clear('disk');
    alarms.clear('disk');
    expect(list.active()).toEqual([]);
    expect(list.past(10)).toMatchObject([{ clearedAt: '2026-03-01T08:00:01.000Z' }]);
    alarms.raise(full('warning'));
    expect(list.active()[0]?.id).not.toBe(list.past(10)[0]?.id);
  });

  it('are acknowledged by the first who does', () => {
    list.viewFor('backup').raise(full('warning'));
    const id = list.active()[0]?.id ?? '';
    list.acknowledge(id, 'wang', 'new disk ordered');
    list.acknowledge(id, 'li', '');
    expect(list.get(id)?.acknowledged).toMatchObject({ by: 'wang', note: 'new disk ordered' });
    expect(list.summary()).toEqual({ active: 1, unacknowledged: 0 });
    expect(() => list.acknowledge('none', 'li', '')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('that become worse want to be acknowledged again, and are told again', () => {
    const alarms = list.viewFor('backup');
    alarms.raise(full('warning'));
    const [untold] = list.untold();
    if (untold) list.told(untold.id, untold.event);
    list.acknowledge(untold?.id ?? '', 'wang', '');
    alarms.raise(full('critical'));
    expect(list.summary()).toEqual({ active: 1, unacknowledged: 1, worst: 'critical' });
    expect(list.untold()).toMatchObject([{ event: 'worsened' }]);
    list.acknowledge(untold?.id ?? '', 'wang', '');
    alarms.raise(full('warning'));
    expect(list.summary()).toEqual({ active: 1, unacknowledged: 0 });
  });

  it('that were told of before they changed again are told of again', () => {
    list.viewFor('backup').raise(full('warning'));
    const [raised] = list.untold();
    list.viewFor('backup').clear('disk');
    if (raised) list.told(raised.id, raised.event);
    expect(list.untold()).toMatchObject([{ event: 'cleared' }]);
  });

  it('tell who listens', () => {
    let told = 0;
    const listening = list.onChange(() => {
      told += 1;
    });
    const alarms = list.viewFor('backup');
    alarms.raise(full('warning'));
    alarms.raise(full('warning'));
    expect(told).toBe(1);
    void listening.dispose();
    alarms.clear('disk');
    expect(told).toBe(1);
  });

  it('are there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'filmless-alarms-'));
    try {
      const path = join(folder, 'alarms.sqlite');
      const before = new AlarmList(path, clock);
      before.viewFor('backup').raise(full('critical'));
      const active = before.active();
      before.close();
      const after = new AlarmList(path, clock);
      expect(after.active()).toEqual(active);
      expect(after.untold()).toHaveLength(1);
      after.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
