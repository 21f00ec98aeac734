import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeInstanceFile } from '@filmless/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './tools/eventually.ts';
import { runJob } from './tools/node-jobs.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { jsonOf, runFilmless } from './tools/run-filmless.ts';

/*
 * A node with 2,000 instances, reports and users; its data folder is lost, and what lies on its backup disks brings it back.
 * Set S has two disks, M1 with the first half and M2 with the second; set Z has one, Z1, with the first quarter. M1 and M2 together hold all.
 */
const INSTANCES = 2000;
const STUDIES = 40;
const QUARTER = INSTANCES / 4;
const AT_ONCE = 8;
const USER = { name: 'wang.fang', displayName: '王芳', roles: ['radiologist'], password: 'a-long-password-1' };

const instanceUid = (index: number) => `2.25.9.${index}`;
const studyUid = (index: number) => `2.25.7.${index % STUDIES}`;

let folder: string;
let node: NodeProcess;
/** When the first half was there and M1 was pulled. */
let halfAt: string;
let before: { studies: unknown; reports: unknown; users: unknown };
const mount = () => join(folder, 'mount');
const shelf = (label: string) => join(folder, 'shelf', label);
const config = () => ({
  plugins: {
    backup: {
      mounts: [mount()],
      allowSameDevice: true,
      scanSeconds: 0.1,
      keepFreeMiB: 0,
      includeSecrets: true,
      drillStudies: 1000,
    },
    'storage-file-system': { freeSpaceFloorGiB: 0 },
  },
});

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await node.fetch(path, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

const post = <T>(path: string, body: object) =>
  json<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function importInstances(from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    for (let index = next++; index < to; index = next++) {
      const bytes = makeInstanceFile({
        SOPInstanceUID: instanceUid(index),
        StudyInstanceUID: studyUid(index),
        PatientID: `P${index % STUDIES}`,
      });
      const headers = { 'content-type': 'application/dicom' };
      await json('/api/imports', { method: 'POST', headers, body: new Blob([bytes as Uint8Array<ArrayBuffer>]) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

interface Overview {
  disks: { id: string; label: string; state: string; objects: number }[];
  sets: { set: string; owed: { objects: number } }[];
}
const overview = () => json<Overview>('/api/backup/overview');
const diskCalled = async (label: string) => (await overview()).disks.find((disk) => disk.label === label);

async function prepare(label: string, set: string): Promise<void> {
  await mkdir(join(mount(), label));
  await eventually(async () => {
    const body = JSON.stringify({ root: join(mount(), label), label, set });
    const headers = { 'content-type': 'application/json' };
    return (await node.fetch('/api/backup/disks', { method: 'POST', headers, body })).status === 201;
  });
}

/** All that the set is owed is on its disks. */
const caughtUp = (set: string) =>
  eventually(async () => (await overview()).sets.find((each) => each.set === set)?.owed.objects === 0);

async function pull(label: string): Promise<void> {
  await runJob(node, `/api/backup/disks/${(await diskCalled(label))?.id}/release`, {});
  await rename(join(mount(), label), shelf(label));
  await eventually(async () => (await diskCalled(label))?.state === 'away');
}

async function stateOfNode(): Promise<typeof before> {
  // The index is made anew: what waits to be found is waited for.
  await eventually(async () => (await json<{ total: number }>('/api/studies?limit=1')).total === STUDIES);
  const reports = [];
  for (let study = 0; study < STUDIES; study += 10)
    reports.push(await json(`/api/reports?study=${encodeURIComponent(studyUid(study))}`));
  const users = await json<{ lastSignInAt?: unknown }[]>('/api/users');
  return { studies: await json(`/api/studies?limit=${STUDIES}`), reports, users };
}

interface Restored {
  code: number | null;
  output: string;
  result: {
    summary: { restored: number; present: number; missing: number; damaged: number; documents: number };
    missing: { StudyInstanceUID: string; missing: number; disks: string[] }[];
    damaged: { disk: string; file: string }[];
    list: string;
    asOf: string;
  };
}

async function filmless(data: string, ...args: string[]): Promise<Restored> {
  const result = await runFilmless(data, ['--json', ...args]);
  return { code: result.code, output: result.errors, result: jsonOf(result) };
}

/** What the list says is missing: SOP Instance UID to labels. */
async function missingList(file: string): Promise<Map<string, string>> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(1);
  return new Map(lines.map((line) => line.split('\t')).map((cells) => [cells[1] ?? '', cells[3] ?? '']));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-restore-'));
  for (const name of ['mount', 'shelf']) await mkdir(join(folder, name));
  node = await startNode({ config: config() });
  await post('/api/users', USER);
  await prepare('Z1', 'Z');
  await prepare('M1', 'S');
  await importInstances(0, QUARTER);
  await caughtUp('Z');
  await pull('Z1');
  await importInstances(QUARTER, INSTANCES / 2);
  await caughtUp('S');
  await pull('M1');
  halfAt = new Date().toISOString();
  await prepare('M2', 'S');
  await importInstances(INSTANCES / 2, INSTANCES);
  for (let study = 0; study < STUDIES; study += 10)
    await post('/api/reports', {
      patient: { id: `P${study}` },
      StudyInstanceUID: studyUid(study),
      status: 'reviewed',
      text: `两肺未见异常 ${study}`,
      externalId: `R${study}`,
    });
  await caughtUp('S');
  before = await stateOfNode();
  await pull('M2');
  await node.stop();
}, 600_000);

afterAll(async () => {
  await node?.stop();
  await node?.remove();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe('a node that was lost', () => {
  it('comes back from two of three disks, with accounts, reports and audit log as they were', async () => {
    await node.remove();
    const data = join(folder, 'restored');
    // In two runs: a disk after another.
    const first = await filmless(data, 'restore', '--all', '--from', shelf('M2'));
    expect(first.code).toBe(3);
    expect(first.result.summary).toMatchObject({ restored: INSTANCES / 2, missing: INSTANCES / 2, damaged: 0 });
    const second = await filmless(data, 'restore', '--all', '--from', shelf('M1'));
    expect(second.result.summary).toMatchObject({ restored: INSTANCES / 2, present: INSTANCES / 2, missing: 0 });
    expect(second.code).toBe(0);

    const verified = await filmless(data, 'verify');
    expect(verified.result).toMatchObject({ summary: { ok: INSTANCES, missing: 0, corrupt: 0 }, findings: [] });
    const { password } = node;
    node = await startNode({ dataDirectory: data, config: config() });
    expect(node.password).toBe(password);
    expect(await stateOfNode()).toEqual(before);
    // With the password from before the loss.
    const signedIn = await fetch(`${node.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: USER.name, password: USER.password }),
    });
    expect(signedIn.status).toBe(201);
    const audit = await json<{ items: { action: string; target: string }[] }>('/api/audit?limit=500&action=user');
    expect(audit.items.some(({ target }) => target.includes(USER.name))).toBe(true);
    const chain = await json<{ checks: { key: string; state: string }[] }>('/api/health');
    expect(chain.checks.find(({ key }) => key === 'audit')).toMatchObject({ state: 'ok' });
  }, 600_000);

  it.each(['M1', 'M2'])(
    'without disk %s says exactly what is missing',
    async (lost) => {
      const data = join(folder, `without-${lost}`);
      const others = ['Z1', 'M1', 'M2'].filter((label) => label !== lost);
      const { code, result } = await filmless(data, 'restore', '--all', '--from', ...others.map(shelf));
      const isLost = (index: number) =>
        lost === 'M2' ? index >= INSTANCES / 2 : index >= QUARTER && index < INSTANCES / 2;
      const indices = Array.from({ length: INSTANCES }, (_, index) => index);
      // The newest snapshot of the disks that are left is what can be known: M2's of the end, M1's of when the first half was there.
      const known = lost === 'M2' ? [] : indices.filter(isLost);
      expect(code).toBe(known.length > 0 ? 3 : 0);
      const truth = new Map(known.map((index) => [instanceUid(index), 'M1']));
      expect(await missingList(result.list)).toEqual(truth);
      expect(result.summary.missing).toBe(truth.size);
      // What M2 alone has came after the newest snapshot that is left, and the command says until when it knows.
      expect(result.asOf > halfAt).toBe(lost !== 'M2');
    },
    600_000,
  );
});

describe('a restore that is killed', () => {
  /** Blobs of a data folder, by their hashes. */
  const blobsIn = (data: string): string[] => {
    const blobs = join(data, 'storage', 'blobs');
    if (!existsSync(blobs)) return [];
    return readdirSync(blobs, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      const file = name.split('/').at(-1) ?? '';
      return file.length === 64 ? [file] : [];
    });
  };

  it('and begun again ends complete, with everything once', async () => {
    const data = join(folder, 'killed');
    const args = ['--json', 'restore', '--all', '--from', shelf('M1'), shelf('M2')];
    const moments = [
      // While the node is built from the snapshot, then while its images come.
      () => existsSync(join(data, 'restore-snapshot')),
      () => blobsIn(data).length > QUARTER / 2,
      () => blobsIn(data).length > INSTANCES / 2,
    ];
    for (const isReached of moments) {
      const { code } = await runFilmless(data, args, (child) => {
        const looking = setInterval(() => {
          if (isReached()) child.kill('SIGKILL');
        }, 2);
        child.once('close', () => clearInterval(looking));
      });
      expect(code).toBe(null);
    }
    const here = blobsIn(data).length;
    expect(here).toBeGreaterThan(INSTANCES / 2);
    const { code, result } = await filmless(data, 'restore', '--all', '--from', shelf('M1'), shelf('M2'));
    expect([code, result.summary.missing, result.summary.damaged]).toEqual([0, 0, 0]);
    expect(result.summary.restored + result.summary.present).toBe(INSTANCES);
    expect(result.summary.present).toBeGreaterThanOrEqual(here - 4);

    // Each blob is read and compared with its hash; each record has one, and there is none beside.
    const verified = await filmless(data, 'verify');
    expect(verified.result).toMatchObject({ summary: { ok: INSTANCES, missing: 0, corrupt: 0 }, findings: [] });
    const blobs = blobsIn(data);
    expect([blobs.length, new Set(blobs).size]).toEqual([INSTANCES, INSTANCES]);
    const again = await startNode({ dataDirectory: data, config: config() });
    try {
      await eventually(async () => {
        const found = (await (await again.fetch('/api/studies?limit=1')).json()) as { total: number };
        return found.total === STUDIES;
      });
      const reports = await again.fetch(`/api/reports?study=${encodeURIComponent(studyUid(0))}`);
      expect(await reports.json()).toEqual((before.reports as unknown[])[0]);
      const health = (await (await again.fetch('/api/health')).json()) as { checks: { key: string; state: string }[] };
      expect(health.checks.find(({ key }) => key === 'audit')).toMatchObject({ state: 'ok' });
    } finally {
      await again.stop();
    }
  }, 600_000);
});

describe('a drill', () => {
  it('names the disk and the files that are damaged, and alarms', async () => {
    await rename(shelf('M1'), join(mount(), 'M1'));
    await eventually(async () => (await diskCalled('M1'))?.state === 'attached');
    const objects = join(mount(), 'M1', 'DICOM');
    const files = readdirSync(objects, { recursive: true, encoding: 'utf8' }).sort();
    const damaged: string[] = [];
    for (const name of files) {
      if (damaged.length === 3 || !(await stat(join(objects, name))).isFile()) continue;
      const file = await open(join(objects, name), 'r+');
      await file.write(Buffer.from([0x5a, 0xa5, 0x5a]), 0, 3, 400);
      await file.close();
      damaged.push(`DICOM/${name}`);
    }
    await runJob(node, '/api/backup/drills', {});
    interface Safety {
      drill: { disks: string[]; instances: number; damaged: { disk: string; file: string; why: string }[] };
    }
    const { drill } = await json<Safety>('/api/backup/safety');
    expect(drill.damaged.map(({ disk, file }) => `${disk} ${file}`).sort()).toEqual(
      damaged.map((file) => `M1 ${file}`).sort(),
    );
    const { active } = await json<{ active: { key: string; title: { en: string }; detail: { en: string } }[] }>(
      '/api/alarms',
    );
    const alarm = active.find(({ key }) => key.startsWith('backup:drill:'));
    expect(alarm?.title.en).toBe('Backup disk M1 is damaged');
    for (const file of damaged) expect(alarm?.detail.en).toContain(file);
    const health = await json<{ checks: { key: string; state: string }[] }>('/api/health');
    expect(health.checks.find(({ key }) => key === 'backup-drill')).toMatchObject({ state: 'failed' });
    expect(await readdir(join(node.dataDirectory, 'cache', 'backup'))).not.toContain('drill');
  }, 600_000);
});
