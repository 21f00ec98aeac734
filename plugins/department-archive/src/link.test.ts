import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilmlessError } from '@filmless/core/plugin';
import { RecordingLog } from '@filmless/core/testing';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { keepAlive } from './connection.ts';
import { LinkClient } from './link-client.ts';
import { type LinkCall, LinkServer } from './link-server.ts';
import { type NodeIdentity, openIdentity } from './node-identity.ts';
import type { Peer } from './peers.ts';

let folder: string;
let centre: NodeIdentity;
let department: NodeIdentity;
let stranger: NodeIdentity;
let server: LinkServer;
const known = new Map<string, Peer>();
const refused: string[] = [];
const calls: LinkCall[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-link-'));
  const identity = (name: string) => openIdentity(join(folder, `${name}.json`), name);
  [centre, department, stranger] = await Promise.all([
    identity('centre'),
    identity('department'),
    identity('stranger'),
  ]);
  known.clear();
  refused.length = 0;
  calls.length = 0;
  server = await LinkServer.open({
    identity: centre,
    host: '127.0.0.1',
    port: 0,
    peerOf: (fingerprint) => known.get(fingerprint),
    onRefused: (fingerprint) => refused.push(fingerprint),
    handle: async (call) => {
      calls.push(call);
      if (call.path === '/join') throw new FilmlessError('FORBIDDEN', 'The join code was used');
      return { body: { path: call.path } };
    },
    log: new RecordingLog(),
  });
  const address = '127.0.0.1:1';
  const { fingerprint } = department;
  known.set(fingerprint, { name: 'radiology', role: 'department', address, fingerprint, joinedAt: '' });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function linkOf(identity: NodeIdentity, fingerprint = centre.fingerprint): LinkClient {
  const link = new LinkClient({ address: `127.0.0.1:${server.port}`, fingerprint }, identity);
  onTestFinished(() => link.close());
  return link;
}

it('keeps its key and its name', async () => {
  const again = await openIdentity(join(folder, 'centre.json'), 'renamed');
  expect(again).toEqual(centre);
  expect(again.fingerprint).not.toBe(department.fingerprint);
});

it('answers a node whose certificate is known', async () => {
  expect(await linkOf(department).json('GET', '/hello')).toEqual({ path: '/hello' });
  expect(calls[0]?.peer?.name).toBe('radiology');
});

it('refuses a node that it does not know, whatever it asks for, and tells of it once', async () => {
  const link = linkOf(stranger);
  for (const path of ['/hello', '/blobs/abc', '/db/instances', '/inventory', '/copies', '/studies/2.25.1']) {
    await expect(link.json('GET', path)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }
  expect(calls).toEqual([]);
  expect(refused).toEqual([stranger.fingerprint]);
});

it('lets a stranger ask to join, and passes on why it may not', async () => {
  await expect(linkOf(stranger).join({})).rejects.toMatchObject({
    code: 'FORBIDDEN',
    detail: 'The join code was used',
  });
});

it('refuses a connection without a certificate', async () => {
  const session = connectHttp2(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/hello' });
  const [headers] = await once(stream, 'response');
  expect(headers[':status']).toBe(403);
  stream.close();
});

it('says nothing to another node than the one that joined', async () => {
  const link = linkOf(department, stranger.fingerprint);
  await expect(link.json('GET', '/hello')).rejects.toThrow('Another node than the one that joined');
  expect(calls).toEqual([]);
});

it('ends the connection of a node that is removed, and refuses it from then on', async () => {
  const link = linkOf(department);
  await link.json('GET', '/hello');
  known.clear();
  server.drop(department.fingerprint);
  await link.closed();
  await expect(link.json('GET', '/hello')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('opens the connection again after it was cut', async () => {
  const link = linkOf(department);
  await link.json('GET', '/hello');
  const { port } = server;
  await server.close();
  await link.closed();
  await expect(link.json('GET', '/hello')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  server = await LinkServer.open({
    identity: centre,
    host: '127.0.0.1',
    port,
    peerOf: (fingerprint) => known.get(fingerprint),
    onRefused: () => undefined,
    handle: async () => ({}),
    log: new RecordingLog(),
  });
  expect(await link.json('GET', '/hello')).toEqual({});
});

it('notices on an idle connection that the other side is gone without a word', async () => {
  const http2 = createHttp2Server();
  http2.listen(0, '127.0.0.1');
  await once(http2, 'listening');
  let isSilent = false;
  const line = createServer((near) => {
    const far = connect((http2.address() as AddressInfo).port, '127.0.0.1');
    near.on('data', (bytes) => isSilent || far.write(bytes));
    far.on('data', (bytes) => isSilent || near.write(bytes));
    for (const socket of [near, far]) socket.on('error', () => undefined);
    onTestFinished(() => {
      near.destroy();
      far.destroy();
    });
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => void [http2.close(), line.close()]);
  const session = connectHttp2(`http://127.0.0.1:${(line.address() as AddressInfo).port}`);
  let pongs = 0;
  session.on('error', () => undefined);
  await once(session, 'connect');
  const ping = session.ping.bind(session);
  session.ping = ((done: () => void) =>
    ping((error) => {
      if (!error) pongs += 1;
      done();
    })) as typeof session.ping;
  keepAlive(session, 20);
  // Idle far longer than the silence that counts as death, and alive: pings are answered.
  await expect.poll(() => pongs).toBeGreaterThan(20);
  expect(session.destroyed).toBe(false);
  isSilent = true;
  await expect.poll(() => session.destroyed).toBe(true);
});
