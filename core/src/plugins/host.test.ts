import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { BeforeHooks } from '../events/before-hooks.ts';
import { createLogger } from '../log.ts';
import { PrometheusMetrics } from '../metrics.ts';
import type { FilmlessPlugin, HttpRoute } from '../plugin.ts';
import { definePlugin } from '../plugin.ts';
import { EnablementFile } from './enablement-file.ts';
import { PluginHost } from './host.ts';
import { pluginScopeFactory } from './plugin-scope.ts';
import { PointRegistry } from './point-registry.ts';

const route = (path: string): HttpRoute => ({
  method: 'GET',
  path,
  policy: { access: 'permission', permission: 'study.read' },
  summary: 'test',
  handle: () => ({ body: {} }),
});

const title = { 'zh-CN': '测试', en: 'Test' };

function plugin(id: string, more: Partial<FilmlessPlugin> = {}): FilmlessPlugin {
  return definePlugin({ id, api: 1, title, config: z.strictObject({}), activate: () => undefined, ...more });
}

describe('PluginHost', () => {
  let directory: string;
  let points: PointRegistry;
  let hooks: BeforeHooks;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-host-'));
    points = new PointRegistry();
    hooks = new BeforeHooks();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function host(
    plugins: FilmlessPlugin[],
    config: Record<string, unknown> = {},
    disabledByConfig: string[] = [],
  ) {
    const log = createLogger({ level: 'silent', name: 'test' });
    const openScope = pluginScopeFactory({
      node: { name: 'test', version: '0', aeTitle: 'TEST', dataDirectory: directory, startedAt: '' },
      points,
      beforeHooks: hooks,
      metrics: new PrometheusMetrics(),
      log,
      services: {},
    });
    const enablement = await EnablementFile.open(join(directory, 'plugins.json'));
    return new PluginHost({ plugins, config, disabledByConfig, enablement, points, openScope, log });
  }

  it('activates dependencies first, whatever the order of the list', async () => {
    const order: string[] = [];
    const made = await host([
      plugin('b', { requires: ['a'], activate: () => void order.push('b') }),
      plugin('a', { activate: () => void order.push('a') }),
    ]);
    await made.start();
    expect(order).toEqual(['a', 'b']);
  });

  it('takes back everything a plugin registered when it is disabled, and gives it again when enabled', async () => {
    const disposed: string[] = [];
    const made = await host([
      plugin('p', {
        activate(context) {
          context.points.contribute('HttpRoute', 'r', route('/r'));
          context.hooks.before('instance.receive', () => {
            throw new FilmlessError('FORBIDDEN');
          });
          context.metrics.counter('tests_total', 'help').inc();
          context.onDispose({ dispose: () => void disposed.push('own') });
          context.signal.addEventListener('abort', () => disposed.push('signal'));
        },
      }),
    ]);
    await made.start();
    expect(points.get('HttpRoute', 'r')).toBeDefined();
    await made.disable('p');
    expect(points.get('HttpRoute', 'r')).toBeUndefined();
    expect(disposed).toEqual(['signal', 'own']);
    await hooks.run('instance.receive', {} as never);
    await made.enable('p');
    expect(points.get('HttpRoute', 'r')).toBeDefined();
    await expect(hooks.run('instance.receive', {} as never)).rejects.toThrow(FilmlessError);
  });

  it('remembers the switch over a restart', async () => {
    const first = await host([plugin('p')]);
    await first.start();
    await first.disable('p');
    const second = await host([plugin('p')]);
    await second.start();
    expect(second.statuses()[0]?.state).toBe('disabled');
  });

  it('lists a failed plugin with its cause, leaves nothing of it behind, and does not start what needs it', async () => {
    const made = await host([
      plugin('broken', {
        activate(context) {
          context.points.contribute('HttpRoute', 'half', route('/half'));
          throw new FilmlessError('DEVICE_UNREACHABLE', 'printer at port 9');
        },
      }),
      plugin('needs-it', { requires: ['broken'] }),
      plugin('well'),
    ]);
    await made.start();
    const byId = Object.fromEntries(made.statuses().map((status) => [status.id, status]));
    expect(byId['broken']).toMatchObject({
      state: 'failed',
      cause: { code: 'DEVICE_UNREACHABLE', detail: 'printer at port 9' },
      contributions: [],
    });
    expect(byId['needs-it']?.cause?.detail).toContain('needs broken');
    expect(byId['well']?.state).toBe('active');
  });

  it('stops the start when an essential plugin fails, and refuses to disable it', async () => {
    const failing = await host([
      plugin('core', { essential: true, activate: () => Promise.reject(new Error('no disk')) }),
    ]);
    await expect(failing.start()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    const well = await host([plugin('core', { essential: true })]);
    await well.start();
    await expect(well.disable('core')).rejects.toMatchObject({ code: 'PLUGIN_REQUIRED' });
  });

  it('refuses to disable what an active plugin needs', async () => {
    const made = await host([plugin('a'), plugin('b', { requires: ['a'] })]);
    await made.start();
    await expect(made.disable('a')).rejects.toMatchObject({ code: 'PLUGIN_REQUIRED' });
    await made.disable('b');
    await made.disable('a');
    expect(made.statuses().map((status) => status.state)).toEqual(['disabled', 'disabled']);
  });

  it('names the second plugin that contributes a key already taken', async () => {
    const activate: FilmlessPlugin['activate'] = (context) =>
      void context.points.contribute('HttpRoute', 'same', route('/x'));
    const made = await host([plugin('one', { activate }), plugin('two', { activate })]);
    await made.start();
    expect(made.statuses()[1]).toMatchObject({ state: 'failed', cause: { code: 'POINT_DUPLICATE_KEY' } });
  });

  it('checks every configuration before anything starts', async () => {
    const made = await host([plugin('p', { config: z.strictObject({ port: z.number() }) })], {
      p: { port: 'x', prot: 1 },
      q: {},
    });
    expect(() => made.checkConfiguration()).toThrow(/plugins\.q: no such plugin[\s\S]*plugins\.p\.port/);
  });

  it('rejects a plugin made for another contract', async () => {
    const made = await host([{ ...plugin('old'), api: 0 as unknown as 1 }]);
    await made.start();
    expect(made.statuses()[0]?.cause?.detail).toContain('contract');
  });
});
