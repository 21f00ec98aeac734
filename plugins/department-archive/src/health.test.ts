import { beforeEach, expect, it } from 'vitest';
import { boardOf } from './board.ts';
import type { Role } from './config.ts';
import { archiveHealth } from './health.ts';
import type { LinkState } from './links.ts';
import type { Peer } from './peers.ts';
import type { NodeRow } from './study-tally.ts';

const WARN_SECONDS = 300;
const peer: Peer = { name: 'radiology', role: 'department', address: 'radiology:11443', fingerprint: '', joinedAt: '' };
let link: LinkState;
let openSince: number | null;

beforeEach(() => {
  link = { isReachable: true, since: 0 };
  openSince = null;
});

const archive = (role: Role) => {
  const node = (): NodeRow => ({ node: 'radiology', studies: 3, complete: 2, missing: 7, openSince });
  const holdings = { tally: { rows: () => [], nodes: () => [node()] } };
  return { role, peers: { list: () => [peer] }, links: { stateOf: () => link }, holdings } as never;
};
const check = (role: Role, now = 0) => archiveHealth(archive(role), WARN_SECONDS, () => now).check();

it('is well while images are on their way', async () => {
  openSince = Date.now();
  expect(await check('centre')).toMatchObject({ state: 'ok' });
});

it('warns when images have been missing at the centre for too long, and says how many of which node', async () => {
  openSince = Date.now() - (WARN_SECONDS + 60) * 1000;
  const { state, detail } = await check('centre');
  expect(state).toBe('warning');
  expect(detail.en).toMatch(/^7 images of radiology are [67] minutes late$/);
  expect(detail['zh-CN']).toContain('7 幅图像');
});

it('calls nobody for what a gateway has not fetched', async () => {
  openSince = Date.now() - 24 * 3600_000;
  expect(await check('gateway')).toMatchObject({ state: 'ok' });
  expect(boardOf(archive('gateway'), WARN_SECONDS, Date.now()).nodes).toMatchObject([{ lagSeconds: 0, missing: 7 }]);
});

it('warns when a node is away for longer than it takes to start again', async () => {
  link = { isReachable: false, since: 0 };
  expect(await check('department', 50_000)).toMatchObject({ state: 'ok' });
  const { state, detail } = await check('department', 61_000);
  expect(state).toBe('warning');
  expect(detail.en).toContain('radiology cannot be reached');
  link = { isReachable: null, since: 0 };
  expect(await check('department', 61_000)).toMatchObject({ state: 'warning' });
});
