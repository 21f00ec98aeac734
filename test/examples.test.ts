import { resolve } from 'node:path';
import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const hello = resolve(import.meta.dirname, '..', 'examples/hello-plugin/index.ts');

describe('examples/hello-plugin in a node', () => {
  let node: NodeProcess;

  beforeAll(async () => {
    node = await startNode({ config: { pluginModules: [hello, './no-such-plugin.ts'] } });
  });
  afterAll(async () => {
    await node.stop();
    await node.remove();
  });

  const plugin = async (id: string) =>
    (
      (await (await node.fetch('/api/plugins')).json()) as { id: string; state: string; cause?: { detail: string } }[]
    ).find((each) => each.id === id);
  const counts = async () => (await node.fetch('/api/hello/counts')).json();

  it('is active and counts what arrives, by its durable subscription', async () => {
    expect(await plugin('hello')).toMatchObject({ state: 'active' });
    await storePhantoms(node, ctSlices({ count: 3, rows: 64, study: phantomStudy({ seed: 'hello' }) }));
    await expect.poll(counts).toEqual({ '': 3 });
  });

  it('disappears with all its routes when it is disabled, and comes back', async () => {
    expect((await node.fetch('/api/plugins/hello/disable', { method: 'POST' })).status).toBe(200);
    expect((await node.fetch('/api/hello/counts')).status).toBe(404);
    expect((await node.fetch('/api/plugins/hello/enable', { method: 'POST' })).status).toBe(200);
    expect((await node.fetch('/api/hello/counts')).status).toBe(200);
  });

  it('a plugin that cannot be loaded is listed with its cause, and the node runs', async () => {
    expect(await plugin('./no-such-plugin.ts')).toMatchObject({
      state: 'failed',
      cause: { detail: expect.stringContaining('could not be loaded') },
    });
  });
});
