import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { HealthReporter, type HealthState } from '../health/health-report.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { AlarmList } from './alarm-list.ts';
import { HEALTH_KEY, HealthWatch } from './health-watch.ts';

const PLUGIN = 'core-alarms';
let list: AlarmList;
let watch: HealthWatch;
let state: HealthState;
let check: { dispose(): unknown };

beforeEach(() => {
  const clock = new ManualClock();
  list = new AlarmList(':memory:', clock);
  const points = new PointRegistry().viewFor('any', () => undefined);
  state = 'ok';
  check = points.contribute('HealthCheck', 'storage', {
    title: { 'zh-CN': '存储空间', en: 'Storage space' },
    check: async () => ({ state, detail: { 'zh-CN': '可用 1 GiB', en: '1 GiB free' } }),
  });
  watch = new HealthWatch({
    report: () => new HealthReporter(points, clock.now).report(),
    alarms: list.viewFor(PLUGIN),
    lasting: () =>
      list
        .active()
        .map(({ key }) => key.slice(PLUGIN.length + 1))
        .filter((key) => key.startsWith(HEALTH_KEY)),
    clock,
    rounds: { toRaise: 2, toClear: 3 },
  });
});

async function rounds(...states: HealthState[]): Promise<void> {
  for (state of states) await watch.look();
}

describe('health that is not well', () => {
  it('alarms, and the alarm is over when it is well for a while', async () => {
    await rounds('warning');
    expect(list.active()).toEqual([]);
    await rounds('warning');
    expect(list.active()).toMatchObject([
      { key: 'core-alarms:health:storage', severity: 'warning', detail: { en: '1 GiB free' } },
    ]);
    await rounds('failed');
    expect(list.active()).toMatchObject([{ severity: 'critical' }]);
    await rounds('ok', 'ok');
    expect(list.active()).toHaveLength(1);
    await rounds('ok');
    expect(list.active()).toEqual([]);
  });

  it('alarms once when it wavers', async () => {
    await rounds('warning', 'warning', 'ok', 'ok', 'warning', 'ok', 'warning', 'ok', 'ok');
    expect(list.active()).toHaveLength(1);
    expect(list.past(10)).toEqual([]);
  });

  it('does not alarm for a moment', async () => {
    await rounds('failed', 'ok', 'failed', 'ok');
    expect(list.active()).toEqual([]);
  });

  it('is over when its plugin is disabled', async () => {
    await rounds('failed', 'failed');
    await check.dispose();
    await watch.look();
    expect(list.active()).toEqual([]);
  });
});
