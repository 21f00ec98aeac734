import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { assertEveryRouteRefuses } from '../../testing/assert-every-route-refuses.ts';
import { until } from '../../testing/until.ts';
import type { PluginContext } from '../plugins/contract.ts';
import type { AlarmNotice } from './contract.ts';
import { createAlarmsPlugin } from './plugin.ts';

const disk = {
  key: 'disk',
  severity: 'critical',
  title: { 'zh-CN': '磁盘', en: 'Disk' },
  detail: { 'zh-CN': '满', en: 'full' },
} as const;
const title = { 'zh-CN': '网络钩子', en: 'Webhook' };

let node: ApiTestNode;
let told: AlarmNotice[];
let reachable: boolean;
beforeEach(async () => {
  node = await startApiTestNode();
  told = [];
  reachable = true;
  const { points, jobs, alarms, log } = node;
  const plugin = createAlarmsPlugin(() => alarms, node.clock);
  for (const permission of plugin.permissions ?? []) points.contribute('Permission', permission.id, permission);
  const context = {
    points,
    jobs,
    log,
    node: { name: 'centre' },
    alarms: alarms.viewFor(plugin.id),
    onDispose: () => undefined,
  };
  // Only what the plugin uses.
  await plugin.activate(context as unknown as PluginContext);
});
afterEach(() => node.stop());

function openChannel(): void {
  node.points.contribute('AlarmChannel', 'webhook', {
    title,
    send: async (notice) => {
      if (!reachable) throw new Error('connection refused');
      told.push(notice);
    },
  });
}

const as = async (role: string, path: string, init: RequestInit = {}) =>
  fetch(`${node.baseUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${await node.tokenFor(role)}`, 'content-type': 'application/json' },
  });

describe('channels', () => {
  it('are told when an alarm is raised and when it is over', async () => {
    openChannel();
    const alarms = node.alarms.viewFor('backup');
    alarms.raise(disk);
    await until(() => told.length === 1);
    alarms.clear('disk');
    await until(() => told.length === 2);
    expect(told).toMatchObject([
      { event: 'raised', alarm: { key: 'backup:disk', severity: 'critical' }, node: { name: 'centre' } },
      { event: 'cleared', alarm: { clearedAt: expect.any(String) } },
    ]);
  });

  it('that cannot be reached are told later, and health says so until then', async () => {
    openChannel();
    reachable = false;
    node.alarms.viewFor('backup').raise(disk);
    await until(() => node.alarms.channel('webhook').failure !== undefined);
    const health = () => node.points.get('HealthCheck', 'alarm-channels')?.check();
    expect(await health()).toMatchObject({ state: 'warning', detail: { en: expect.stringContaining('Webhook') } });
    expect(told).toEqual([]);
    reachable = true;
    await until(() => {
      node.clock.advance(60_000);
      return told.length === 1;
    });
    expect(await health()).toMatchObject({ state: 'ok' });
  });

  it('that come after the alarm are told of it, but not of what is long over', async () => {
    const alarms = node.alarms.viewFor('backup');
    alarms.raise({ ...disk, key: 'long ago' });
    alarms.clear('long ago');
    node.clock.advance(48 * 3_600_000);
    alarms.raise(disk);
    openChannel();
    await until(() => told.length > 0 && node.alarms.untold().length === 0);
    expect(told.map(({ alarm }) => alarm.key)).toEqual(['backup:disk']);
  });
});

describe('the REST of alarms', () => {
  it('refuses whoever may not', async () => {
    await assertEveryRouteRefuses(
      node.baseUrl,
      node.points.entries('HttpRoute').flatMap(({ value }) => (value.path.startsWith('/api/alarms') ? [value] : [])),
    );
    node.alarms.viewFor('backup').raise(disk);
    expect((await as('clinician', '/api/alarms')).status).toBe(403);
    const [alarm] = node.alarms.active();
    const path = `/api/alarms/${alarm?.id}/acknowledge`;
    expect((await as('technician', path, { method: 'POST', body: '{}' })).status).toBe(403);
    expect(node.alarms.summary().unacknowledged).toBe(1);
  });

  it('lists, counts and acknowledges, and the audit log has who did', async () => {
    node.alarms.viewFor('backup').raise(disk);
    const listed = await (await as('technician', '/api/alarms')).json();
    expect(listed).toMatchObject({ active: [{ key: 'backup:disk' }], past: [] });
    expect(await (await as('technician', '/api/alarms/summary')).json()).toEqual({
      active: 1,
      unacknowledged: 1,
      worst: 'critical',
    });
    const [alarm] = node.alarms.active();
    const answer = await as('admin', `/api/alarms/${alarm?.id}/acknowledge`, {
      method: 'POST',
      body: JSON.stringify({ note: 'disk ordered' }),
    });
    expect(await answer.json()).toMatchObject({ acknowledged: { note: 'disk ordered' } });
    const audit = await (await as('admin', '/api/audit')).json();
    expect(audit).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ target: 'alarm backup:disk', detail: 'acknowledged', outcome: 'success' }),
      ]),
    });
    expect((await as('admin', '/api/alarms/none/acknowledge', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('sends a test and says when it does not arrive', async () => {
    openChannel();
    expect((await as('admin', '/api/alarms/channels/webhook/test', { method: 'POST' })).status).toBe(200);
    expect(told).toMatchObject([{ event: 'test' }]);
    reachable = false;
    const refused = await as('admin', '/api/alarms/channels/webhook/test', { method: 'POST' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ detail: 'connection refused' });
    expect(await (await as('technician', '/api/alarms/channels')).json()).toMatchObject([
      { key: 'webhook', title, failure: 'connection refused' },
    ]);
    expect((await as('admin', '/api/alarms/channels/none/test', { method: 'POST' })).status).toBe(404);
    expect(node.alarms.active()).toEqual([]);
  });

  it('tells live who may see them', async () => {
    const events = await as('technician', '/api/events');
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const read = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader?.read())?.value ?? '';
    };
    await read('event: alarms\ndata: {"active":0,"unacknowledged":0}');
    node.alarms.viewFor('backup').raise(disk);
    await read('event: alarms\ndata: {"active":1,"unacknowledged":1,"worst":"critical"}');
    await reader?.cancel();
  });
});
