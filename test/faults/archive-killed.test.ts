import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HospitalNode, isComplete } from '../tools/hospital.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const WAIT = { timeout: 120_000, interval: 100 };
const TIMEOUT = 240_000;

/** Whatever is killed in the middle: afterwards the centre has all, once, and nobody did anything. */
describe('nodes are killed while images are on their way', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let ultrasound: HospitalNode;
  let gateway: HospitalNode;
  const sent: PhantomInstance[] = [];

  beforeAll(async () => {
    [centre, radiology, ultrasound, gateway] = (await Promise.all(
      ['centre', 'radiology', 'ultrasound', 'gateway'].map((name) => HospitalNode.start(name)),
    )) as [HospitalNode, HospitalNode, HospitalNode, HospitalNode];
    await radiology.joinTo(centre, 'department');
    await ultrasound.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
  }, TIMEOUT);
  afterAll(async () => {
    for (const node of [gateway, ultrasound, radiology, centre]) await node?.end();
  }, TIMEOUT);

  const send = async (seed: string, ...nodes: HospitalNode[]) => {
    const study = phantomStudy({ seed, StudyDate: '20260105' });
    for (const node of nodes) {
      sent.push(...(await storePhantoms(node.process, ctSlices({ study, count: 8, rows: 128 }))));
    }
  };
  const allIsThere = () => isComplete(centre, sent.length);

  it('the centre, with work in hand', { timeout: TIMEOUT }, async () => {
    await send('before', radiology);
    await centre.process.kill();
    await send('while the centre is down', radiology);
    await centre.startAgain();
    await expect.poll(allIsThere, WAIT).toBe(true);
  });

  it('a department, and the same instances at two of them', { timeout: TIMEOUT }, async () => {
    await send('twice', radiology, ultrasound);
    await radiology.process.kill();
    await radiology.startAgain();
    await expect.poll(allIsThere, WAIT).toBe(true);
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

  it('the gateway, and afterwards it gives every image bit for bit', { timeout: TIMEOUT }, async () => {
    await gateway.process.kill();
    await send('while the gateway is down', ultrasound);
    await gateway.startAgain();
    const studies = new Set(sent.map(({ StudyInstanceUID }) => StudyInstanceUID));
    for (const study of studies) await expect.poll(() => gateway.count(study), WAIT).toBe(8);
    expect(await gateway.differing(sent)).toEqual([]);
    await expect.poll(allIsThere, WAIT).toBe(true);
  });
});
