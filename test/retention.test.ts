import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, dxChest, mrBrain, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

interface Line {
  finding?: { SOPInstanceUID: string; state: string };
  summary?: Record<string, number>;
}

/** Of three studies, the CT is made compact, the MR goes to the large disk, and the DX may be removed. */
describe('retention in a node', () => {
  let node: NodeProcess;
  let directory: string;
  const replicas: string[] = [];
  const stored: Record<string, PhantomInstance[]> = {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-retention-'));
    for (const name of ['replica-0', 'replica-1']) {
      replicas.push(join(directory, name));
      await mkdir(join(directory, name));
    }
    node = await startNode({
      config: {
        pluginModules: [join(import.meta.dirname, 'tools', 'replica-plugin.ts')],
        plugins: {
          'test-replica': { directories: replicas },
          retention: {
            everyHours: 0,
            graceDays: 0,
            stayOnlineDays: 0,
            keepAfterUndoDays: 0,
            tier: { directory: join(directory, 'tier') },
          },
        },
      },
    });
    const study = (seed: string) => phantomStudy({ seed, StudyDate: '20200105' });
    stored['CT'] = await storePhantoms(node, ctSlices({ study: study('old-ct'), count: 3, rows: 128 }));
    stored['DX'] = await storePhantoms(node, dxChest({ study: study('old-dx'), rows: 480, columns: 400 }));
    stored['MR'] = await storePhantoms(node, some(mrBrain({ study: study('old-mr') }), 3));
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = async <T = Record<string, unknown>>(method: string, path: string, body?: object, status = 200) => {
    const response = await node.fetch(`/api/retention${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    expect([response.status, response.status === status ? '' : await response.text()]).toEqual([status, '']);
    return (await response.json()) as T;
  };
  const run = async () => {
    const before = (await ask<{ lastRun: { finishedAt: string } | null }>('GET', '/overview')).lastRun;
    await ask('POST', '/run', undefined, 202);
    const last = async () => (await ask<{ lastRun: Record<string, unknown> | null }>('GET', '/overview')).lastRun;
    await expect
      .poll(async () => ((await last())?.['finishedAt'] ?? '') > (before?.finishedAt ?? ''), { timeout: 30_000 })
      .toBe(true);
    return last();
  };
  const verify = async (body: object = {}) => {
    const response = await node.fetch('/api/maintenance/verify', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const lines = (await response.text()).trim().split('\n');
    return JSON.parse(lines.at(-1) ?? '{}') as Line;
  };
  const rule = (modality: string, action: string) => ({ olderThanDays: 730, modalities: [modality], action });
  const policies = {
    items: [{ department: '', rules: [rule('CT', 'compress'), rule('MR', 'tier'), rule('DX', 'remove')] }],
  };
  const uidOf = (modality: string) => stored[modality]?.[0]?.StudyInstanceUID ?? '';
  const marked = () =>
    ask<{ total: number; items: { StudyInstanceUID: string; waiting: string }[] }>('GET', '/studies?state=marked');

  it('refuses who may not decide', async () => {
    expect((await fetch(`${node.url}/api/retention/overview`)).status).toBe(401);
  });

  it('says what policies would do before they are saved', async () => {
    expect(await ask('POST', '/dry-run', policies)).toMatchObject({
      online: { studies: 0 },
      compress: { studies: 1 },
      tier: { studies: 1 },
      remove: { studies: 1 },
      held: { studies: 0 },
    });
    const wrong = { items: [{ department: '', rules: [{ action: 'forget' }] }] };
    expect(await ask('POST', '/dry-run', wrong, 400)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('makes compact, moves, and marks; nothing is lost', async () => {
    await ask('PUT', '/policies', policies);
    expect(await run()).toMatchObject({ compressed: 1, tiered: 1, marked: 1, removed: 0, failed: 0 });
    expect((await readdir(join(directory, 'tier'))).length).toBeGreaterThan(1);
    expect((await verify()).summary).toMatchObject({ ok: 1, elsewhere: 6, missing: 0, corrupt: 0 });
    expect(await marked()).toMatchObject({ total: 1, items: [{ StudyInstanceUID: uidOf('DX') }] });
  });

  it('removes nothing without two verified copies, and nothing under a hold', async () => {
    expect(await run()).toMatchObject({ removed: 0, waiting: 1 });
    expect((await marked()).items).toMatchObject([{ waiting: 'too-few-copies' }]);
    const hold = await ask<{ id: string }>(
      'POST',
      '/holds',
      { patientId: stored['DX']?.[0]?.PatientID, reason: 'court order 17' },
      201,
    );
    await copyToReplicas(stored['DX'] ?? []);
    expect(await run()).toMatchObject({ removed: 0, marked: 0 });
    expect((await marked()).total).toBe(0);
    expect((await verify()).summary).toMatchObject({ ok: 1 });
    await ask('POST', `/holds/${hold.id}/release`, { reason: 'case closed' });
    expect((await ask<{ items: object[] }>('GET', '/holds')).items).toMatchObject([{ releaseReason: 'case closed' }]);
  });

  it('takes a mark off when somebody says so', async () => {
    expect(await run()).toMatchObject({ marked: 1 });
    await ask('POST', `/studies/${uidOf('DX')}/undo`);
    expect(await ask('POST', `/studies/${uidOf('DX')}/undo`, undefined, 409)).toMatchObject({ code: 'CONFLICT' });
    expect((await marked()).total).toBe(0);
  });

  it('removes in the second step, and the record stays', async () => {
    expect(await run()).toMatchObject({ marked: 1, removed: 0 });
    expect(await run()).toMatchObject({ removed: 1 });
    expect((await verify()).summary).toMatchObject({ ok: 0, elsewhere: 7, missing: 0 });
    const found = await node.fetch(`/api/studies/${uidOf('DX')}`);
    expect(found.status).toBe(200);
  });

  it('gives the original bytes of all of them when somebody opens them', async () => {
    for (const instance of Object.values(stored).flat()) {
      const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, bytes } = instance;
      const response = await node.fetch(
        `/dicom-web/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`,
        { headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' } },
      );
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).includes(Buffer.from(bytes))).toBe(true);
    }
    expect((await verify()).summary).toMatchObject({ ok: 7 });
  });

  async function copyToReplicas(instances: readonly PhantomInstance[]): Promise<void> {
    for (const { bytes } of instances) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      for (const replica of replicas) await writeFile(join(replica, sha256), bytes);
    }
  }
});

async function* some<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let given = 0;
  for await (const each of source) {
    yield each;
    if (++given === count) return;
  }
}
