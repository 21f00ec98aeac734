import { execFile } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HospitalNode, isComplete } from '../tools/hospital.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const GIB = 2 ** 30;
const HOUR_MS = 3600_000;
const WAIT = { timeout: 180_000, interval: 200 };
const TIMEOUT = 300_000;
const ballast = join(tmpdir(), `filmless-ballast-${process.pid}`);
const shiftedClock = resolve(import.meta.dirname, '..', 'tools', 'shifted-clock.ts');

/** The centre's disk is full from the start, two departments and the gateway have wrong clocks: afterwards all is there, once, and nobody did anything. */
describe('a full disk at the centre, and clocks that are an hour wrong', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let ultrasound: HospitalNode;
  let gateway: HospitalNode;
  const sent: PhantomInstance[] = [];

  const withClock = (name: string, offsetMs: number) => {
    const env = { NODE_OPTIONS: `--import=${shiftedClock}`, FILMLESS_TEST_CLOCK_OFFSET_MS: String(offsetMs) };
    return HospitalNode.start(name, {}, { env });
  };

  beforeAll(async () => {
    await promisify(execFile)('fallocate', ['-l', String(4 * GIB), ballast]);
    const { bsize, bavail } = await statfs(tmpdir());
    const freeSpaceFloorGiB = (bsize * bavail) / GIB + 2;
    [centre, radiology, ultrasound, gateway] = await Promise.all([
      HospitalNode.start('centre', {}, { config: { plugins: { 'storage-file-system': { freeSpaceFloorGiB } } } }),
      withClock('radiology', HOUR_MS),
      withClock('ultrasound', -HOUR_MS),
      withClock('gateway', -HOUR_MS),
    ]);
    await radiology.joinTo(centre, 'department');
    await ultrasound.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
  }, TIMEOUT);
  afterAll(async () => {
    await rm(ballast, { force: true });
    for (const node of [gateway, ultrasound, radiology, centre]) await node?.end();
  }, TIMEOUT);

  const send = async (seed: string, ...nodes: HospitalNode[]) => {
    const study = phantomStudy({ seed, StudyDate: '20260105' });
    for (const node of nodes) {
      sent.push(...(await storePhantoms(node.process, ctSlices({ study, count: 6, rows: 128 }))));
    }
  };

  it('the clocks are wrong indeed', async () => {
    const joined = async (node: HospitalNode) => {
      const { nodes } = await node.json<{ nodes: { joinedAt: string }[] }>('GET', '/api/archive/board');
      return Date.parse(nodes[0]?.joinedAt ?? '');
    };
    expect((await joined(radiology)) - (await joined(ultrasound))).toBeGreaterThan(1.5 * HOUR_MS);
  });

  it('images that the centre has no room for open at the gateway all the same', { timeout: TIMEOUT }, async () => {
    await send('no room', radiology);
    const [first] = sent;
    if (!first) throw new Error('nothing was stored');
    await expect.poll(() => gateway.count(first.StudyInstanceUID), WAIT).toBe(sent.length);
    expect(await gateway.differing(sent)).toEqual([]);
    const { nodes } = await centre.board();
    expect(nodes.find(({ name }) => name === 'radiology')).toMatchObject({ missing: sent.length, complete: 0 });
  });

  it('the centre has everything, once, as soon as there is room', { timeout: TIMEOUT }, async () => {
    await send('at two departments', radiology, ultrasound);
    await rm(ballast);
    await expect.poll(() => isComplete(centre, sent.length), WAIT).toBe(true);
    const { items } = await centre.json<{ items: { instanceCount: number }[] }>('GET', '/api/studies?limit=10');
    expect(items.map(({ instanceCount }) => instanceCount)).toEqual([6, 6]);
    expect(await centre.json('GET', '/api/conflicts')).toEqual([]);
    expect(await centre.differing(sent)).toEqual([]);
    expect(await gateway.differing(sent)).toEqual([]);
  });
});
