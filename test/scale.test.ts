import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './tools/eventually.ts';
import type { NodeProcess } from './tools/node-process.ts';
import { SharedStores } from './tools/shared-stores.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const SLICES = 12;

describe('nodes that keep nothing themselves', () => {
  let stores: SharedStores;
  let one: NodeProcess;
  let other: NodeProcess;
  let slices: PhantomInstance[];

  beforeAll(async () => {
    stores = await SharedStores.start();
    one = await stores.startNode();
    other = await stores.startNode();
  });
  afterAll(async () => {
    for (const node of [one, other]) {
      await node?.stop();
      await node?.remove();
    }
    await stores?.stop();
  });

  it('finds at one what the other received', async () => {
    const study = phantomStudy({ seed: 'scale' });
    slices = await storePhantoms(one, ctSlices({ count: SLICES, rows: 64, study }));
    await eventually(async () => (await countOf(other, slices)) === SLICES);
    console.log(one.log(), other.log());
  });
});

async function countOf(node: NodeProcess, slices: readonly PhantomInstance[]): Promise<number> {
  const response = await node.fetch(`/dicom-web/studies/${slices[0]?.StudyInstanceUID}/instances?limit=1000`);
  if (response.status === 204) return 0;
  if (!response.ok) throw new Error(`instances: ${response.status} ${await response.text()}`);
  return ((await response.json()) as unknown[]).length;
}
