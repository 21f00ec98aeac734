import { createHash } from 'node:crypto';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HospitalNode } from './tools/hospital.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const WAIT = { timeout: 60_000, interval: 50 };

/** A department sends to the centre, the centre to a gateway; each a process of its own. */
describe('one hospital of three nodes', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let gateway: HospitalNode;
  let stored: PhantomInstance[];

  beforeAll(async () => {
    centre = await HospitalNode.start('centre');
    radiology = await HospitalNode.start('radiology');
    gateway = await HospitalNode.start('gateway');
    await radiology.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
    const study = phantomStudy({ seed: 'archive', StudyDate: '20260105' });
    stored = await storePhantoms(radiology.process, ctSlices({ study, count: 12, rows: 128 }));
  }, 120_000);
  afterAll(async () => {
    for (const node of [gateway, radiology, centre]) await node?.end();
  });

  const fetched = async (
    node: HospitalNode,
    { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: PhantomInstance,
  ) => {
    const path = `/dicom-web/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`;
    const accept = 'application/dicom; transfer-syntax=*';
    const response = await node.process.fetch(path, { headers: { accept: `multipart/related; type="${accept}"` } });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  it('a study sent to the department is found at the gateway and opens there', async () => {
    const [first] = stored;
    if (!first) throw new Error('nothing was stored');
    await expect
      .poll(async () => {
        const answer = await gateway.process.fetch(`/dicom-web/instances?StudyInstanceUID=${first.StudyInstanceUID}`);
        return answer.status === 200 ? ((await answer.json()) as unknown[]).length : 0;
      }, WAIT)
      .toBe(stored.length);
    const { status, bytes } = await fetched(gateway, first);
    expect(status).toBe(200);
    expect(bytes.includes(Buffer.from(first.bytes))).toBe(true);
  });

  it('the centre holds every byte, verified, and says so', async () => {
    await expect.poll(async () => (await centre.board()).studies.map(({ state }) => state), WAIT).toEqual(['complete']);
    const board = await centre.board();
    expect(board.studies[0]).toMatchObject({ node: 'radiology', there: stored.length, here: stored.length });
    for (const instance of stored) {
      const { bytes } = await fetched(centre, instance);
      expect(bytes.includes(Buffer.from(instance.bytes))).toBe(true);
    }
    expect(new Set(stored.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'))).size).toBe(
      stored.length,
    );
  });

  it('a code counts once, and a node that was removed is refused', async () => {
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
