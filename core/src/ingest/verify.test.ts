import { describe, expect, it } from 'vitest';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { setUp } from './ingest-setup.test-util.ts';
import { type VerifiedInstance, verifyInstances } from './verify.ts';

async function collectAll(verified: AsyncIterable<VerifiedInstance>): Promise<VerifiedInstance[]> {
  const all: VerifiedInstance[] = [];
  for await (const each of verified) all.push(each);
  return all;
}

async function setUpThree() {
  const { receive, storage, catalogue } = setUp();
  const names: string[] = [];
  for (const uid of ['1.2.1', '1.2.2', '1.2.3']) {
    names.push((await receive(makeInstanceFile({ SOPInstanceUID: uid }))).record.sha256);
  }
  return { storage, catalogue, names };
}

describe('verifyInstances', () => {
  it('tells what is whole, missing and corrupt', async () => {
    const { storage, catalogue, names } = await setUpThree();
    await storage.remove(names[1] ?? '');
    storage.corrupt(names[2] ?? '', Buffer.from('rotten'));
    const done: number[] = [];
    expect(await collectAll(verifyInstances({ catalogue, storage, progress: (count) => done.push(count) }))).toEqual([
      { SOPInstanceUID: '1.2.1', sha256: names[0], state: 'ok' },
      { SOPInstanceUID: '1.2.2', sha256: names[1], state: 'missing' },
      { SOPInstanceUID: '1.2.3', sha256: names[2], state: 'corrupt' },
    ]);
    expect(done).toEqual([1, 2, 3]);
  });

  it('looks at a selection', async () => {
    const { storage, catalogue } = await setUpThree();
    const verified = await collectAll(verifyInstances({ catalogue, storage, select: ['1.2.3', 'absent', '1.2.1'] }));
    expect(verified.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(['1.2.3', '1.2.1']);
    expect(await collectAll(verifyInstances({ catalogue, storage, select: [] }))).toEqual([]);
  });

  it('stops when it is told to', async () => {
    const { storage, catalogue } = await setUpThree();
    const controller = new AbortController();
    const seen: string[] = [];
    const run = async () => {
      for await (const { SOPInstanceUID } of verifyInstances({ catalogue, storage, signal: controller.signal })) {
        seen.push(SOPInstanceUID);
        controller.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(seen.length).toBeLessThan(3);
  });
});
