import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InMemoryStorage } from '../../testing/in-memory-storage.ts';
import type { HealthCheck, PluginContext } from '../plugins/contract.ts';
import { fileSystemStoragePlugin } from './plugin.ts';

let directory: string;
let check: HealthCheck;
let usage: { freeBytes: number; totalBytes: number; floorBytes: number };
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filmless-store-'));
  usage = { freeBytes: 500e9, totalBytes: 1000e9, floorBytes: 2e9 };
  const storage = Object.assign(new InMemoryStorage(), { usage: async () => ({ ...usage, usedByBlobsBytes: 0 }) });
  const context = {
    config: { directory, freeSpaceFloorGiB: 2 },
    storage,
    points: {
      contribute: (point: string, _key: string, value: HealthCheck) => {
        if (point === 'HealthCheck') check = value;
      },
    },
  };
  // Only what the plugin uses.
  await fileSystemStoragePlugin.activate(context as unknown as PluginContext<typeof context.config>);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('health of the store', () => {
  it('warns before the disk is full, and fails when nothing more is taken', async () => {
    expect(await check.check()).toMatchObject({ state: 'ok' });
    usage.freeBytes = 50e9;
    expect(await check.check()).toMatchObject({ state: 'warning' });
    usage.freeBytes = 1e9;
    expect(await check.check()).toMatchObject({ state: 'failed' });
  });

  it('fails when nothing can be written', async () => {
    await rm(directory, { recursive: true });
    expect(await check.check()).toMatchObject({
      state: 'failed',
      detail: { en: expect.stringContaining('cannot be written') },
    });
  });
});
