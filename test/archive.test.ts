import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { dcmtk, hasDcmtk } from './tools/dcmtk.ts';
import { HospitalNode, isComplete } from './tools/hospital.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const WAIT = { timeout: 120_000, interval: 100 };
const TIMEOUT = 300_000;

/** A department sends to the centre, the centre to a gateway; each a process of its own. */
describe('one hospital of three nodes', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let gateway: HospitalNode;
  let stored: PhantomInstance[];

  beforeAll(async () => {
    [centre, radiology, gateway] = await Promise.all([
      HospitalNode.start('centre'),
      HospitalNode.start('radiology', {}, { hasBadLine: true }),
      HospitalNode.start('gateway'),
    ]);
    await radiology.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
    const study = phantomStudy({ seed: 'archive', StudyDate: '20260105' });
    stored = await storePhantoms(radiology.process, ctSlices({ study, count: 12, rows: 128 }));
  }, TIMEOUT);
  afterAll(async () => {
    for (const node of [gateway, radiology, centre]) await node?.end();
  }, TIMEOUT);

  it('a study sent to the department is found at the gateway and opens there', { timeout: TIMEOUT }, async () => {
    const [first] = stored;
    if (!first) throw new Error('nothing was stored');
    await expect.poll(() => gateway.count(first.StudyInstanceUID), WAIT).toBe(stored.length);
    expect(await gateway.differing([first])).toEqual([]);
  });

  it('the centre holds every byte, verified, and says so', { timeout: TIMEOUT }, async () => {
    await expect.poll(() => isComplete(centre, stored.length), WAIT).toBe(true);
    expect((await centre.board()).studies).toMatchObject([
      { node: 'radiology', there: stored.length, here: stored.length, state: 'complete' },
    ]);
    expect(await centre.differing(stored)).toEqual([]);
  });

  it.skipIf(!hasDcmtk)(
    'what a modality sends is read at the gateway while the rest is on its way',
    { timeout: TIMEOUT },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'filmless-modality-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const slices: PhantomInstance[] = [];
      const study = phantomStudy({ seed: 'modality', StudyDate: '20260107' });
      for await (const slice of ctSlices({ study, count: 40, rows: 256 })) {
        await writeFile(join(folder, `${slices.length}.dcm`), slice.bytes);
        slices.push(slice);
      }
      // So slow that the rest takes longer than anyone takes to open the first image.
      radiology.line.become({ bytesPerSecond: 200_000 });
      const { dicomPort, aeTitle } = radiology.process;
      const { code, output } = await dcmtk('storescu', ['-aec', aeTitle, '127.0.0.1', `${dicomPort}`, '+sd', folder]);
      expect([code, output]).toEqual([0, expect.not.stringMatching(/^[EF]:/m)]);
      const [first] = slices;
      if (!first) throw new Error('nothing was made');
      await expect.poll(() => gateway.differing([first]), WAIT).toEqual([]);
      const onItsWay = (await centre.board()).studies.find((each) => each.study === first.StudyInstanceUID);
      expect(onItsWay?.state).not.toBe('complete');
      radiology.line.become('well');
      await expect.poll(() => isComplete(centre, stored.length + slices.length), WAIT).toBe(true);
      expect(await gateway.differing(slices)).toEqual([]);
    },
  );

  it('a code counts once, and a node that was removed is refused', { timeout: TIMEOUT }, async () => {
    const { code } = await centre.json<{ code: string }>('POST', '/api/archive/join-codes', { role: 'gateway' });
    await gateway.json('POST', '/api/archive/join', { code });
    await expect(gateway.json('POST', '/api/archive/join', { code })).rejects.toThrow('403');
    await centre.json('DELETE', '/api/archive/nodes/radiology');
    const study = phantomStudy({ seed: 'after-removal', StudyDate: '20260106' });
    const [later] = await storePhantoms(radiology.process, ctSlices({ study, count: 1, rows: 128 }));
    await expect
      .poll(async () => (await radiology.board()).nodes.map(({ isReachable }) => isReachable), WAIT)
      .toEqual([false]);
    const found = await centre.process.fetch(`/dicom-web/instances?StudyInstanceUID=${later?.StudyInstanceUID}`);
    expect(found.status === 204 || ((await found.json()) as unknown[]).length === 0).toBe(true);
  });
});
