import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HospitalNode } from '../tools/hospital.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const WAIT = { timeout: 120_000, interval: 100 };
const TIMEOUT = 240_000;

/** Whatever is killed in the middle: afterwards the centre has all, once, and nobody did anything. */
describe('nodes are killed while images are on their way', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let ultrasound: HospitalNode;
  const sent: PhantomInstance[] = [];

  beforeAll(async () => {
    centre = await HospitalNode.start('centre');
    radiology = await HospitalNode.start('radiology');
    ultrasound = await HospitalNode.start('ultrasound');
    await radiology.joinTo(centre, 'department');
    await ultrasound.joinTo(centre, 'department');
  }, TIMEOUT);
  afterAll(async () => {
    for (const node of [ultrasound, radiology, centre]) await node?.end();
  }, TIMEOUT);

  const send = async (seed: string, ...nodes: HospitalNode[]) => {
    const study = phantomStudy({ seed, StudyDate: '20260105' });
    for (const node of nodes) {
      sent.push(...(await storePhantoms(node.process, ctSlices({ study, count: 8, rows: 128 }))));
    }
  };
  const isComplete = async () => {
    const { nodes, studies } = await centre.board();
    const there = studies.reduce((sum, study) => sum + study.there, 0);
    return (
      nodes.every(({ missing }) => missing === 0) &&
      there === sent.length &&
      studies.every(({ state }) => state === 'complete')
    );
  };

  it('the centre, with work in hand', { timeout: TIMEOUT }, async () => {
    await send('before', radiology);
    await centre.process.kill();
    await send('while the centre is down', radiology);
    await centre.startAgain();
    await expect.poll(isComplete, WAIT).toBe(true);
  });

  it('a department, and the same instances at two of them', { timeout: TIMEOUT }, async () => {
    await send('twice', radiology, ultrasound);
    await radiology.process.kill();
    await radiology.startAgain();
    await expect.poll(isComplete, WAIT).toBe(true);
    const { items } = await centre.json<{ items: { instanceCount: number }[] }>('GET', '/api/studies?limit=10');
    expect(items.map(({ instanceCount }) => instanceCount)).toEqual([8, 8, 8]);
    const verified = await centre.process.fetch('/api/maintenance/verify', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const lines = (await verified.text()).trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ summary: { ok: 24, missing: 0, corrupt: 0 } });
  });
});
