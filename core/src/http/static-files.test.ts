import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpTestNode } from '../../testing/http-node.ts';
import { startHttpTestNode } from '../../testing/http-node.ts';
import { rawRequest } from '../../testing/raw-request.ts';
import { pluginFilesRoute, staticFileRoute, staticRoute } from './static-files.ts';

const PUBLIC = { access: 'public', why: 'test' } as const;
const PROGRAM = `export const text = '${'filmless '.repeat(500)}';`;

describe('static files', () => {
  let node: HttpTestNode;
  let folder: string;

  beforeEach(async () => {
    node = await startHttpTestNode();
    folder = await mkdtemp(join(tmpdir(), 'filmless-static-'));
    const dist = join(folder, 'dist');
    await mkdir(join(dist, 'chunks'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(folder, 'dist-secret.txt'), 'secret');
    await writeFile(join(dist, '.env'), 'secret');
    await writeFile(join(dist, 'index.html'), '<!doctype html><title>Filmless</title>');
    await writeFile(join(dist, 'viewer.js'), PROGRAM);
    await writeFile(join(dist, 'viewer.js.br'), brotliCompressSync(PROGRAM));
    await writeFile(join(dist, 'viewer.js.gz'), gzipSync(PROGRAM));
    await writeFile(join(dist, 'plain.js'), PROGRAM);
    await writeFile(join(dist, 'empty.wasm'), '');
    await writeFile(join(dist, 'chunks', 'engine-C3qY8r_x.js'), PROGRAM);
    await symlink(join(folder, 'secret.txt'), join(dist, 'link.txt'));
    node.route(staticRoute('/sdk', PUBLIC, 'SDK', { directory: dist, anyOrigin: true }));
    node.route(staticFileRoute('/', 'index.html', PUBLIC, 'App', { directory: dist }));
  });

  afterEach(async () => {
    await node.stop();
    await rm(folder, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${node.baseUrl}${path}`, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });

  it('come with their type, tag and length', async () => {
    const page = await get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('Filmless');
    const script = await get('/sdk/plain.js');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('content-length')).toBe(String(PROGRAM.length));
    expect(script.headers.get('access-control-allow-origin')).toBe('*');
    expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await script.text()).toBe(PROGRAM);
    expect(await (await get('/sdk/empty.wasm')).text()).toBe('');
  });

  it('are not sent again when the client has them', async () => {
    const etag = (await get('/sdk/plain.js')).headers.get('etag') ?? '';
    const again = await get('/sdk/plain.js', { 'If-None-Match': `"other", ${etag}` });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get('/sdk/plain.js', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('are kept for a year only when their name has their hash', async () => {
    expect((await get('/sdk/chunks/engine-C3qY8r_x.js')).headers.get('cache-control')).toContain('immutable');
    expect((await get('/sdk/viewer.js')).headers.get('cache-control')).toBe('public, no-cache');
    expect((await get('/')).headers.get('cache-control')).toBe('public, no-cache');
  });

  it('are sent as the client can take them', async () => {
    for (const [accept, encoding] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await get('/sdk/viewer.js', { 'Accept-Encoding': accept });
      expect(response.headers.get('content-encoding')).toBe(encoding);
      expect(await response.text()).toBe(PROGRAM);
    }
    const onTheWay = await get('/sdk/plain.js', { 'Accept-Encoding': 'gzip' });
    expect(onTheWay.headers.get('content-encoding')).toBe('gzip');
    expect(onTheWay.headers.get('etag')).toMatch(/^W\//);
    expect(await onTheWay.text()).toBe(PROGRAM);
  });

  it('can be had in parts', async () => {
    for (const [range, expected] of [
      ['bytes=0-4', PROGRAM.slice(0, 5)],
      ['bytes=7-', PROGRAM.slice(7)],
      ['bytes=-3', PROGRAM.slice(-3)],
      ['bytes=4000-99999', PROGRAM.slice(4000)],
    ] as const) {
      const response = await get('/sdk/viewer.js', { Range: range, 'Accept-Encoding': 'br' });
      expect(response.status).toBe(206);
      expect(await response.text()).toBe(expected);
    }
    const outside = await get('/sdk/viewer.js', { Range: 'bytes=99999-' });
    expect(outside.status).toBe(416);
    expect(outside.headers.get('content-range')).toBe(`bytes */${PROGRAM.length}`);
    for (const range of ['bytes=5-1', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-'])
      expect((await get('/sdk/viewer.js', { Range: range })).status).toBe(200);
    expect((await get('/sdk/viewer.js', { Range: 'bytes=0-4', 'If-Range': '"other"' })).status).toBe(200);
  });

  it('of plugins go to who is signed in', async () => {
    node.route(pluginFilesRoute((id) => (id === 'print' ? join(folder, 'dist') : undefined)));
    expect((await get('/plugins/print/viewer.js')).status).toBe(401);
    const headers = { Authorization: `Bearer ${await node.tokenFor('clinician')}` };
    expect(await (await get('/plugins/print/viewer.js', headers)).text()).toBe(PROGRAM);
    expect((await get('/plugins/print/..%2fsecret.txt', headers)).status).toBe(404);
    expect((await get('/plugins/other/viewer.js', headers)).status).toBe(404);
  });

  it('answer HEAD', async () => {
    const response = await get('/sdk/plain.js', {}, 'HEAD');
    expect(response.headers.get('content-length')).toBe(String(PROGRAM.length));
    expect(await response.text()).toBe('');
  });

  it('never come from outside the folder', async () => {
    for (const path of [
      '/sdk/../secret.txt',
      '/sdk/..%2fsecret.txt',
      '/sdk/%2e%2e/secret.txt',
      '/sdk/chunks/../../secret.txt',
      '/sdk/chunks%2f..%2f..%2fsecret.txt',
      '/sdk/..\\secret.txt',
      '/sdk/..%5csecret.txt',
      '/sdk/../dist-secret.txt',
      '/sdk//etc/passwd',
      '/sdk/%2fetc/passwd',
      '/sdk/.env',
      '/sdk/link.txt',
      '/sdk/chunks',
      '/sdk/chunks/',
      '/sdk/',
      '/sdk/absent.js',
      '/sdk/viewer.js%00.html',
    ]) {
      const answer = await rawRequest(node.server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer, path).toMatch(/^HTTP\/1.1 (400|401|404) /);
      expect(answer, path).not.toMatch(/secret\b(?!\.)|root:/);
    }
  });
});
