import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, dxChest, ecgRecording, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dcmtk, hasDcmtk } from './tools/dcmtk.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

interface Overview {
  disks: { id: string; label: string; state: string; objects: number }[];
  sets: { set: string; owed: { objects: number } }[];
  candidates: { root: string; state: string }[];
}

async function* one(instance: PhantomInstance): AsyncGenerator<PhantomInstance> {
  yield instance;
}

const WAIT = { timeout: 60_000, interval: 100 };

/** A node with a folder in which disks appear: what is sent to it lies on them, whatever becomes of node and disks in between. */
describe('backup disks of a node', () => {
  let folder: string;
  let node: NodeProcess;
  const stored: PhantomInstance[] = [];

  const start = (dataDirectory?: string) =>
    startNode({
      ...(dataDirectory !== undefined && { dataDirectory }),
      config: {
        plugins: {
          backup: { mounts: [join(folder, 'mount')], allowSameDevice: true, scanSeconds: 0.2, keepFreeMiB: 0 },
        },
      },
    });
  const ask = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const response = await node.fetch(`/api/backup${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const overview = () => ask<Overview>('GET', '/overview');
  const owed = async () => (await overview()).sets.map((each) => each.owed.objects);
  const root = (label: string) => join(folder, 'mount', label);
  const prepare = async (label: string, set: string) => {
    await mkdir(root(label));
    return ask<{ id: string }>('POST', '/disks', { root: root(label), label, set });
  };
  const pull = (label: string) => rename(root(label), join(folder, 'shelf', label));
  const putBack = (label: string) => rename(join(folder, 'shelf', label), root(label));
  const send = async (instances: AsyncIterable<PhantomInstance>) => {
    stored.push(...(await storePhantoms(node, instances)));
  };

  /** The hashes of the files on a disk. Throws when the manifest does not list each once, with its hash. */
  const filesOn = async (label: string): Promise<string[]> => {
    const lines: string[] = [];
    for (const name of await readdir(join(root(label), 'MANIFEST'))) {
      lines.push(...(await readFile(join(root(label), 'MANIFEST', name), 'utf8')).trimEnd().split('\n'));
    }
    const listed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
    expect(listed.size).toBe(lines.length);
    const files = await readdir(join(root(label), 'DICOM'), { recursive: true, withFileTypes: true });
    const hashes: string[] = [];
    for (const each of files.filter((one) => one.isFile())) {
      const path = join(each.parentPath, each.name);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      expect(listed.get(path.slice(root(label).length + 1))).toBe(sha256);
      hashes.push(sha256);
    }
    expect(hashes).toHaveLength(listed.size);
    return hashes.sort();
  };
  const all = () => stored.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')).sort();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-disks-'));
    for (const name of ['mount', 'shelf']) await mkdir(join(folder, name));
    node = await start();
  }, 120_000);
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('are filled by themselves, each set with everything', async () => {
    await prepare('A1', 'A');
    await prepare('B1', 'B');
    await send(ctSlices({ study: phantomStudy({ seed: 'backup-ct', StudyDate: '20260105' }), count: 20, rows: 128 }));
    await send(one(ecgRecording(phantomStudy({ seed: 'backup-ecg', StudyDate: '20260106' }))));
    await expect.poll(owed, WAIT).toEqual([0, 0]);
    expect(await filesOn('A1')).toEqual(all());
    expect(await filesOn('B1')).toEqual(all());
  });

  it('may be pulled at any time; what came meanwhile follows', async () => {
    await pull('A1');
    await send(dxChest({ study: phantomStudy({ seed: 'backup-dx', StudyDate: '20260107' }), rows: 480, columns: 400 }));
    await expect.poll(owed, WAIT).toEqual([1, 0]);
    await pull('B1');
    await putBack('A1');
    await expect.poll(owed, WAIT).toEqual([0, 0]);
    await putBack('B1');
    expect(await filesOn('A1')).toEqual(all());
    expect(await filesOn('B1')).toEqual(all());
  });

  it('hold everything once after the node was killed in the middle of copying', async () => {
    const study = phantomStudy({ seed: 'backup-killed', StudyDate: '20260108' });
    // Sent again below, and counted there: how many of these are acknowledged depends on when the node ends.
    const sending = storePhantoms(node, ctSlices({ study, count: 60, rows: 256 })).catch(() => undefined);
    await expect
      .poll(
        async () => (await readdir(join(root('A1'), 'DICOM', '2026')).catch((): string[] => [])).includes('0108'),
        WAIT,
      )
      .toBe(true);
    await node.kill();
    await sending;
    node = await start(node.dataDirectory);
    // What was not acknowledged comes again, as a modality would send it.
    await send(ctSlices({ study, count: 60, rows: 256 }));
    await expect
      .poll(async () => (await overview()).disks.map(({ objects }) => objects), WAIT)
      .toEqual([stored.length, stored.length]);
    expect(await filesOn('A1')).toEqual(all());
    expect(await filesOn('B1')).toEqual(all());
  }, 120_000);

  it('are said for a study', async () => {
    const uid = stored[0]?.StudyInstanceUID ?? '';
    const { items } = await ask<{ items: unknown[] }>('GET', `/studies?text=${uid}`);
    expect(items).toMatchObject([
      {
        StudyInstanceUID: uid,
        instances: 20,
        disks: [
          { label: 'A1', instances: 20 },
          { label: 'B1', instances: 20 },
        ],
      },
    ]);
  });

  it('give back what the store has lost', async () => {
    const sha256 = all()[0] ?? '';
    const path = join(node.dataDirectory, 'storage', 'blobs', sha256.slice(0, 3), sha256);
    await rm(path);
    const study = stored.find(({ bytes }) => createHash('sha256').update(bytes).digest('hex') === sha256);
    const response = await node.fetch('/api/maintenance/verify', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ StudyInstanceUID: study?.StudyInstanceUID, repair: true }),
    });
    expect(await response.text()).toContain('"repaired":1');
    expect((await stat(path)).isFile()).toBe(true);
  });

  it('are safe to remove once their directory is written, and read by others', async () => {
    const id = (await overview()).disks[0]?.id ?? '';
    await ask('POST', `/disks/${id}/release`, {});
    await expect.poll(async () => (await overview()).disks[0]?.state, WAIT).toBe('safe');
    expect(await readdir(join(root('A1'), 'TEMP'))).toEqual([]);
    const directory = join(root('A1'), 'DICOMDIR');
    expect((await stat(directory)).size).toBeGreaterThan(1000);
    if (!hasDcmtk) return;
    const dump = await dcmtk('dcmdump', ['+P', 'DirectoryRecordType', directory]);
    expect(dump.output.match(/IMAGE/g)).toHaveLength(stored.length - 1);
    expect(dump.output.match(/WAVEFORM/g)).toHaveLength(1);
    expect(dump.output.match(/STUDY/g)).toHaveLength(4);
    await ask('POST', `/disks/${id}/take-back`, {});
    await expect.poll(async () => (await overview()).disks[0]?.state, WAIT).toBe('attached');
  });
});
