import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingLog } from '@filmless/core/testing';
import { expect, it, onTestFinished } from 'vitest';
import { LinkServer } from './link-server.ts';
import { Links } from './links.ts';
import { openIdentity } from './node-identity.ts';
import type { Peer } from './peers.ts';

const WAIT = { timeout: 30_000 };

it('holds a link open, notices when the node is away and when it is back, and follows it to another address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'filmless-links-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const centre = await openIdentity(join(folder, 'centre.json'), 'centre');
  const department = await openIdentity(join(folder, 'department.json'), 'department');
  const known: Peer = {
    name: 'radiology',
    role: 'department',
    address: '127.0.0.1:1',
    fingerprint: department.fingerprint,
    joinedAt: '',
  };
  const listen = (port: number) =>
    LinkServer.open({
      identity: centre,
      host: '127.0.0.1',
      port,
      peerOf: (fingerprint) => (fingerprint === known.fingerprint ? known : undefined),
      onRefused: () => undefined,
      handle: async () => ({}),
      log: new RecordingLog(),
    });
  const events: string[] = [];
  const links = new Links({
    identity: department,
    onReached: ({ address }) => events.push(`reached ${address}`),
    onLost: ({ address }) => events.push(`lost ${address}`),
  });
  let server = await listen(0);
  onTestFinished(async () => {
    await links.close();
    await server.close();
  });
  const at = (port: number): Peer => ({
    name: 'centre',
    role: 'centre',
    address: `127.0.0.1:${port}`,
    fingerprint: centre.fingerprint,
    joinedAt: '',
  });
  const peer = at(server.port);
  const isReachable = () => links.stateOf(peer).isReachable;

  links.keep([peer]);
  expect(isReachable()).toBe(null);
  await expect.poll(isReachable, WAIT).toBe(true);
  await server.close();
  await expect.poll(isReachable, WAIT).toBe(false);
  server = await listen(server.port);
  await expect.poll(isReachable, WAIT).toBe(true);
  expect(events).toEqual([`reached ${peer.address}`, `lost ${peer.address}`, `reached ${peer.address}`]);

  await server.close();
  server = await listen(0);
  const moved = at(server.port);
  links.keep([moved]);
  await expect.poll(() => events.at(-1), WAIT).toBe(`reached ${moved.address}`);
  links.keep([]);
  expect(links.stateOf(moved).isReachable).toBe(null);
});
