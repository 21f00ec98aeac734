import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertEveryRouteRefuses, type PluginTestNode, startPluginTestNode, until } from '@filmless/core/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backupPlugin } from './index.ts';

let folder: string;
let node: PluginTestNode;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-backup-'));
  await mkdir(join(folder, 'mount', 'one'), { recursive: true });
  node = await startPluginTestNode(backupPlugin, {
    mounts: [join(folder, 'mount')],
    allowSameDevice: true,
    scanSeconds: 0.05,
    keepFreeMiB: 0,
  });
});
afterEach(async () => {
  await node.stop();
  await rm(folder, { recursive: true });
});

interface Overview {
  disks: { id: string; label: string; state: string; isEncrypted: boolean }[];
  sets: { set: string; isAttached: boolean }[];
  candidates: { root: string; state: string }[];
  next?: { set: string; why: string; label?: string };
}

const routes = () =>
  node.points
    .entries('HttpRoute')
    .map(({ value }) => value)
    .filter(({ path }) => path.startsWith('/api/backup'));
const overview = async () => (await node.request('GET', '/api/backup/overview')).body as Overview;
const root = () => join(folder, 'mount', 'one');
const prepare = (disk: object = {}) =>
  node.request('POST', '/api/backup/disks', { root: root(), label: 'A1', set: 'A', ...disk });

it('refuses whoever has not signed in', async () => {
  expect(routes().length).toBeGreaterThanOrEqual(8);
  await assertEveryRouteRefuses(node.baseUrl, routes());
});

it('refuses whoever may not look after backups', async () => {
  for (const { method, path } of routes()) {
    const body = method === 'GET' ? undefined : {};
    const { status } = await node.request(method, path.replace(/:\w+/, 'x'), body, 'radiologist');
    expect([path, status]).toEqual([path, 403]);
  }
});

it('offers a folder, makes it a disk, and touches nothing in it', async () => {
  await until(async () => (await overview()).candidates.length === 1);
  expect((await overview()).candidates).toMatchObject([{ root: root(), state: 'empty' }]);
  const made = await prepare();
  expect(made).toMatchObject({ status: 201, body: { label: 'A1', set: 'A', encryption: 'none' } });
  await until(async () => (await overview()).disks[0]?.state === 'attached');
  expect(JSON.parse(await readFile(join(root(), 'FILMLESS.json'), 'utf8'))).toMatchObject({ label: 'A1' });
  expect(await readFile(join(root(), 'README.txt'), 'utf8')).toContain('sha256sum');
  expect((await prepare()).status).toBe(409);
});

it('refuses other folders, labels that are taken and keys that are none', async () => {
  expect((await prepare({ root: folder })).status).toBe(404);
  expect((await prepare({ label: '../x' })).status).toBe(400);
  expect((await prepare({ recipient: 'age1notakey' })).status).toBe(400);
  expect((await prepare()).status).toBe(201);
  await mkdir(join(folder, 'mount', 'two'));
  const again = await prepare({ root: join(folder, 'mount', 'two') });
  expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('label') } });
});

it('names the disk to put in next, and takes no orders for one that is away', async () => {
  await prepare();
  await until(async () => (await overview()).disks[0]?.state === 'attached');
  await rename(root(), join(folder, 'shelf'));
  await until(async () => (await overview()).disks[0]?.state === 'away');
  const { disks, next } = await overview();
  expect(next).toMatchObject({ set: 'A', label: 'A1', why: 'none-attached' });
  const id = disks[0]?.id ?? '';
  expect((await node.request('POST', `/api/backup/disks/${id}/release`, {})).status).toBe(409);
  expect((await node.request('POST', '/api/backup/disks/nobody/check', {})).status).toBe(404);
  expect((await node.request('POST', `/api/backup/disks/${id}/retire`, {})).status).toBe(200);
  expect((await overview()).disks).toMatchObject([{ state: 'retired' }]);
  expect((await node.request('POST', `/api/backup/disks/${id}/retire`, {})).status).toBe(404);
});

it('searches only for something', async () => {
  expect((await node.request('GET', '/api/backup/studies?text=')).status).toBe(400);
});
