import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HospitalNode, isComplete } from '../tools/hospital.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const WAIT = { timeout: 180_000, interval: 200 };
const TIMEOUT = 300_000;
const LARGE_ROWS = 2_600;

/** Lines between nodes that are bad in every way: afterwards the centre and the gateway have all, once, and nobody did anything. */
describe('bad lines between the nodes of a hospital', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let ultrasound: HospitalNode;
  let gateway: HospitalNode;
  const all = () => [centre, radiology, ultrasound, gateway];
  const sent: PhantomInstance[] = [];
  /** What the gateway must find of each study. */
  const studies = new Map<string, number>();

  beforeAll(async () => {
    [centre, radiology, ultrasound, gateway] = (await Promise.all(
      ['centre', 'radiology', 'ultrasound', 'gateway'].map((name) =>
        HospitalNode.start(name, {}, { hasBadLine: true }),
      ),
    )) as [HospitalNode, HospitalNode, HospitalNode, HospitalNode];
    await radiology.joinTo(centre, 'department');
    await ultrasound.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
  }, TIMEOUT);
  afterAll(async () => {
    for (const node of all()) await node?.end();
  }, TIMEOUT);

  const send = async (seed: string, ...nodes: HospitalNode[]) => {
    const study = phantomStudy({ seed, StudyDate: '20260105' });
    let stored: PhantomInstance[] = [];
    for (const node of nodes) {
      stored = await storePhantoms(node.process, ctSlices({ study, count: 6, rows: 128 }));
      sent.push(...stored);
    }
    for (const { StudyInstanceUID } of stored) studies.set(StudyInstanceUID, stored.length);
    return stored;
  };

  const everythingArrives = async () => {
    await expect.poll(() => isComplete(centre, sent.length), WAIT).toBe(true);
    for (const node of [centre, gateway]) {
      for (const [study, count] of studies) await expect.poll(() => node.count(study), WAIT).toBe(count);
    }
  };

  it('a line that is cut until both sides have noticed', { timeout: TIMEOUT }, async () => {
    await send('before the cut', radiology);
    for (const node of all()) node.line.become('cut');
    const late = await send('while it is cut', radiology);
    await expect.poll(() => radiology.reaches('centre'), WAIT).toBe(false);
    await expect.poll(() => centre.reaches('radiology'), WAIT).toBe(false);
    await expect.poll(() => gateway.reaches('centre'), WAIT).toBe(false);
    expect(await radiology.differing(late)).toEqual([]);
    for (const node of all()) node.line.become('well');
    await everythingArrives();
  });

  it('a line that is dead and does not say so', { timeout: TIMEOUT }, async () => {
    for (const node of all()) node.line.become('silent');
    await send('while it is silent', radiology);
    await expect.poll(() => radiology.reaches('centre'), WAIT).toBe(false);
    await expect.poll(() => centre.reaches('radiology'), WAIT).toBe(false);
    for (const node of all()) node.line.become('well');
    await everythingArrives();
  });

  it('a line that loses three packets in ten', { timeout: TIMEOUT }, async () => {
    for (const node of all()) node.line.become('lossy');
    await send('on a lossy line', radiology, ultrasound);
    await everythingArrives();
    for (const node of all()) node.line.become('well');
  });

  it('a slow line, on which whoever opens an image at the gateway has it', { timeout: TIMEOUT }, async () => {
    for (const node of all()) node.line.become({ bytesPerSecond: 60_000 });
    const stored = await send('on a slow line', radiology);
    const [first] = stored;
    if (!first) throw new Error('nothing was stored');
    await expect.poll(() => gateway.count(first.StudyInstanceUID), WAIT).toBe(stored.length);
    expect(await gateway.differing([first])).toEqual([]);
    await everythingArrives();
    for (const node of all()) node.line.become('well');
  });

  it('a large image goes on where it stood when the centre is killed', { timeout: TIMEOUT }, async () => {
    const study = phantomStudy({ seed: 'large', StudyDate: '20260105' });
    radiology.line.become({ bytesPerSecond: 3_000_000 });
    const before = radiology.line.answeredBytes;
    const [large] = await storePhantoms(
      radiology.process,
      ctSlices({ study, count: 1, rows: LARGE_ROWS, columns: LARGE_ROWS }),
    );
    if (!large) throw new Error('nothing was stored');
    sent.push(large);
    studies.set(large.StudyInstanceUID, 1);
    const half = before + large.bytes.length / 2;
    await expect.poll(() => radiology.line.answeredBytes > half, { ...WAIT, interval: 20 }).toBe(true);
    await centre.process.kill();
    radiology.line.become('well');
    await centre.startAgain();
    await everythingArrives();
    const again = radiology.line.answeredBytes - before - large.bytes.length;
    expect(again).toBeLessThan(large.bytes.length / 4);
  });

  it('afterwards everything is there once, bit for bit, at the centre and at the gateway', {
    timeout: TIMEOUT,
  }, async () => {
    const { items } = await centre.json<{ items: unknown[] }>('GET', '/api/studies?limit=100');
    expect(items).toHaveLength(studies.size);
    const once = [...new Map(sent.map((instance) => [instance.SOPInstanceUID, instance])).values()];
    expect(await centre.differing(once)).toEqual([]);
    expect(await gateway.differing(once)).toEqual([]);
    expect(await centre.json('GET', '/api/conflicts')).toEqual([]);
  });
});
