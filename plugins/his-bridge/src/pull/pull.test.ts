import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, type PluginContext } from '@filmless/core/plugin';
import { type PluginTestNode, startPluginTestNode } from '@filmless/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HIS_PERMISSION } from '../hl7/route-parts.ts';
import { pullConfig } from './config.ts';
import { mappingSchema, mapRow } from './mapping.ts';
import { openPull } from './open-pull.ts';

interface View {
  rows: Record<string, unknown>[];
  asked: URL[];
  status: number;
  authorization: string | undefined;
}

const PATIENTS = {
  of: 'patients',
  id: 'PAT_NO',
  name: 'PAT_NAME',
  sex: { column: 'SEX', values: { 男: 'M', 女: 'F' }, otherwise: 'O' },
  birthDate: 'BIRTH',
  ward: 'WARD',
};
const person = (number: number, more: object = {}) => ({
  pat_no: `P${number}`,
  pat_name: '张三',
  sex: '男',
  birth: '1970-01-31',
  ward: null,
  changed: number,
  ...more,
});

describe('rows of a view', () => {
  it('become orders by the words of their system', () => {
    const mapping = mappingSchema.parse({
      of: 'orders',
      placerNumber: 'no',
      patientId: 'patient',
      issuer: { always: 'HIS' },
      status: { column: 'state', values: { '0': 'ordered', '9': 'cancelled' } },
      procedureText: 'item',
      orderedAt: 'at',
    });
    const row = { NO: 12n, PATIENT: ' P1 ', STATE: 9, ITEM: '胸部CT', AT: new Date(0) };
    expect(mapRow(mapping, row)).toEqual({
      of: 'order',
      order: {
        placerNumber: '12',
        patient: { id: 'P1', issuer: 'HIS' },
        status: 'cancelled',
        procedure: { code: '', scheme: '', text: '胸部CT' },
        orderedAt: '1970-01-01T00:00:00.000Z',
      },
    });
    expect(() => mapRow(mapping, { ...row, STATE: 5 })).toThrow('status');
    expect(() => mapRow(mapping, { NO: 1 })).toThrow('patientId: there is no column patient');
    expect(() => mapRow(mapping, { ...row, AT: 'soon' })).toThrow('orderedAt');
    expect(() => mapRow(mapping, { ...row, NO: {} })).toThrow('placerNumber: neither text');
  });
});

describe('a pull from a view over HTTP', () => {
  let view: View;
  let server: Server;
  let folder: string;
  let node: PluginTestNode;
  let context: PluginContext<{ pull: z.infer<typeof pullConfig> }>;

  beforeEach(async () => {
    view = { rows: [], asked: [], status: 200, authorization: undefined };
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://view');
      view.asked.push(url);
      view.authorization = request.headers.authorization;
      const since = Number(url.searchParams.get('since') ?? 0);
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('size'))];
      const rows = view.rows.filter((row) => Number(row['changed']) >= since).slice((page - 1) * size, page * size);
      response.writeHead(view.status, { 'content-type': 'application/json' }).end(JSON.stringify({ data: { rows } }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    folder = await mkdtemp(join(tmpdir(), 'filmless-pull-'));
    await writeFile(join(folder, 'authorization'), 'Bearer secret\n');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/patients`;
    const rest = {
      url,
      authorizationFile: join(folder, 'authorization'),
      items: 'data.rows',
      page: { by: 'page', parameter: 'page', size: 2 },
    };
    const settings = { name: 'HIS', from: { rest }, mapping: PATIENTS, position: 'CHANGED', everySeconds: 86_400 };
    const plugin = definePlugin({
      id: 'pull-test',
      api: 1,
      title: { 'zh-CN': 't', en: 't' },
      permissions: [{ id: HIS_PERMISSION, title: { 'zh-CN': 't', en: 't' }, defaultRoles: ['admin'] }],
      config: z.strictObject({ pull: pullConfig }),
      activate(given) {
        context = given;
        openPull(given, given.config.pull);
      },
    });
    node = await startPluginTestNode(plugin, { pull: [settings] });
    await ended();
  });
  afterEach(async () => {
    await node.stop();
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true });
  });

  /** No run is waiting or under way. */
  const ended = () =>
    expect
      .poll(async () =>
        (await node.jobs.list({ kind: 'his-pull' })).every(({ state }) => ['done', 'failed'].includes(state)),
      )
      .toBe(true);
  const run = async () => {
    expect((await node.request('POST', '/api/his/pulls/HIS/run')).status).toBe(202);
    await ended();
  };
  const state = async () => ((await node.request('GET', '/api/his/pulls')).body as { items: object[] }).items[0];
  const find = (id: string) => context.patients.find({ id, issuer: '' });
  const health = () => node.points.get('HealthCheck', 'pull:HIS')?.check();

  it('takes all pages, goes on from its position, and does nothing twice', async () => {
    view.rows = [1, 2, 3, 4, 5].map((n) => person(n));
    await run();
    expect(view.authorization).toBe('Bearer secret');
    expect(await find('P5')).toMatchObject({ demographics: { name: '=张三', sex: 'M', birthDate: '19700131' } });
    expect(await state()).toMatchObject({ position: '5', failed: 0 });
    view.asked = [];
    view.rows.push(person(10, { sex: '女', ward: '骨科' }));
    await run();
    expect(view.asked[0]?.searchParams.get('since')).toBe('5');
    expect(await find('P10')).toMatchObject({ demographics: { sex: 'F' }, location: { ward: '骨科' } });
    expect((await find('P5'))?.history).toHaveLength(1);
    expect(await state()).toMatchObject({ position: '10' });
    expect(await health()).toMatchObject({ state: 'ok' });
  });

  it('keeps rows that are wrong until they can be taken, but never over a newer one', async () => {
    view.rows = [person(1, { birth: 'unknown' }), person(2, { pat_no: null }), person(3)];
    await run();
    expect(await find('P1')).toBeUndefined();
    expect(await find('P3')).toBeDefined();
    expect(await state()).toMatchObject({ failed: 2, position: '3' });
    expect(await health()).toMatchObject({ state: 'warning' });
    view.rows = [person(4, { pat_no: 'P1', pat_name: '张三丰' })];
    await run();
    expect(await find('P1')).toMatchObject({ demographics: { name: '=张三丰' } });
    expect(await state()).toMatchObject({ failed: 1 });
  });

  it('tells when the view does not answer, and goes on when it does', async () => {
    view.rows = [person(1)];
    view.status = 500;
    await run();
    expect(await health()).toMatchObject({ state: 'failed', detail: { en: expect.stringContaining('status 500') } });
    view.status = 200;
    await run();
    expect(await find('P1')).toBeDefined();
    expect(await health()).toMatchObject({ state: 'ok' });
  });

  it('shows what rows would become without taking them', async () => {
    view.rows = [person(1), person(2, { birth: '31.01.1970' })];
    const { body } = await node.request('POST', '/api/his/pulls/HIS/dry-run');
    expect(body).toMatchObject({
      items: [
        { becomes: { of: 'patient', identifier: { id: 'P1' }, demographics: { birthDate: '19700131' } } },
        { problem: expect.stringContaining('birthDate') },
      ],
    });
    expect(await find('P1')).toBeUndefined();
  });
});
