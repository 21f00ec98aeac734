import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes, sha256 } from './tools/data-set-bytes.ts';
import { acknowledgedCount, dcmtk, hasDcmtk } from './tools/dcmtk.ts';
import { eventually } from './tools/eventually.ts';
import { multipartBodies } from './tools/multipart.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { SharedStores } from './tools/shared-stores.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const SLICES = 8;
const JSON_BODY = { 'content-type': 'application/json' };

const phantoms = (seed: string, count = SLICES) => ctSlices({ count, rows: 64, study: phantomStudy({ seed }) });

async function collect(instances: AsyncIterable<PhantomInstance>): Promise<PhantomInstance[]> {
  const all: PhantomInstance[] = [];
  for await (const instance of instances) all.push(instance);
  return all;
}

/** Hashes of the data sets of a study that a node delivers, in order; none when it does not know the study yet. */
async function deliveredBy(node: NodeProcess, StudyInstanceUID: string): Promise<string[]> {
  const response = await node.fetch(`/dicom-web/studies/${StudyInstanceUID}`, {
    headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
  });
  // 503: its own view of the shared catalogue is being mended; whoever asks again is answered.
  if (response.status === 404 || response.status === 503) return [];
  if (!response.ok) throw new Error(`not delivered: ${response.status} ${await response.text()}`);
  const type = response.headers.get('content-type') ?? '';
  const files = multipartBodies(type, Buffer.from(await response.arrayBuffer()));
  return files.map((file) => sha256(dataSetBytes(file))).sort();
}

const hashesOf = (slices: readonly PhantomInstance[]) => slices.map(({ bytes }) => sha256(dataSetBytes(bytes))).sort();
const studyOf = (slices: readonly PhantomInstance[]) => slices[0]?.StudyInstanceUID ?? '';

async function delivers(node: NodeProcess, slices: readonly PhantomInstance[]): Promise<boolean> {
  return (await deliveredBy(node, studyOf(slices))).join() === hashesOf(slices).join();
}

function importInto(node: NodeProcess, { bytes }: PhantomInstance): Promise<Response> {
  return node.fetch('/api/imports', {
    method: 'POST',
    headers: { 'content-type': 'application/dicom' },
    body: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  });
}

async function signIn(node: NodeProcess): Promise<Record<string, string>> {
  const answer = await fetch(`${node.url}/api/sessions`, {
    method: 'POST',
    headers: JSON_BODY,
    body: JSON.stringify({ user: 'admin', password: node.password }),
  });
  const { token } = (await answer.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}

const isSignedIn = async (node: NodeProcess, headers: Record<string, string>) =>
  (await fetch(`${node.url}/api/sessions/current`, { headers })).status === 200;

describe('two nodes that keep nothing themselves', () => {
  let stores: SharedStores;
  let one: NodeProcess;
  let other: NodeProcess;
  let slices: PhantomInstance[];

  beforeAll(async () => {
    stores = await SharedStores.start();
    one = await stores.startNode();
    other = await stores.startNode();
    slices = await storePhantoms(one, phantoms('first'));
  });
  afterAll(async () => {
    for (const node of [one, other]) {
      await node?.stop();
      await node?.remove();
    }
    await stores?.stop();
  });

  it('one delivers, byte for byte, what the other received', async () => {
    await eventually(() => delivers(other, slices));
    const { checks } = (await (await other.fetch('/api/health')).json()) as {
      checks: { key: string; state: string }[];
    };
    expect(checks).toContainEqual(expect.objectContaining({ key: 'storage-s3', state: 'ok' }));
  });

  it('the same instances sent to both at once are there once', async () => {
    const again = await collect(phantoms('both'));
    const answers = await Promise.all(again.flatMap((slice) => [importInto(one, slice), importInto(other, slice)]));
    for (const answer of answers) expect(answer.ok, await answer.text()).toBe(true);
    for (const node of [one, other]) {
      await eventually(() => delivers(node, again));
      expect(await (await node.fetch('/api/conflicts')).json()).toEqual([]);
    }
  });

  it('whoever signed in at one is signed in at the other, and signed out likewise', async () => {
    const headers = await signIn(one);
    expect(await isSignedIn(other, headers)).toBe(true);
    await fetch(`${other.url}/api/sessions/current`, { method: 'DELETE', headers });
    await eventually(async () => !(await isSignedIn(one, headers)));
  });

  it('an object store that goes away is said, and nothing is acknowledged; it goes on by itself', async () => {
    const [slice] = await collect(phantoms('away', 1));
    if (!slice) throw new Error('no slice');
    stores.objects.cut();
    const refused = await importInto(one, slice);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(
      (
        await other.fetch(
          `/dicom-web/studies/${studyOf(slices)}/series/${slices[0]?.SeriesInstanceUID}/instances/${slices[0]?.SOPInstanceUID}/frames/1`,
        )
      ).status,
    ).toBe(503);
    stores.objects.mend();
    expect(await deliveredBy(one, slice.StudyInstanceUID)).toEqual([]);
    expect((await importInto(one, slice)).ok).toBe(true);
    await eventually(() => delivers(other, [slice]));
  });

  it.skipIf(!hasDcmtk)('a modality is told to try again, by the status of C-STORE (needs DCMTK)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'filmless-scale-'));
    try {
      const [slice] = await collect(phantoms('modality', 1));
      if (!slice) throw new Error('no slice');
      const file = join(folder, 'slice.dcm');
      await writeFile(file, slice.bytes);
      const send = () => dcmtk('storescu', ['-v', '-aec', one.aeTitle, '127.0.0.1', String(one.dicomPort), file]);
      stores.objects.cut();
      const refused = await send();
      stores.objects.mend();
      expect(refused.output).toMatch(/Refused: OutOfResources|0xa700/);
      expect(acknowledgedCount(refused.output)).toBe(0);
      expect(acknowledgedCount((await send()).output)).toBe(1);
      await eventually(() => delivers(other, [slice]));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('a catalogue that goes away is said as well, and what was refused is not there', async () => {
    const [slice] = await collect(phantoms('no catalogue', 1));
    if (!slice) throw new Error('no slice');
    stores.couch.cut();
    const refused = await importInto(one, slice);
    expect(refused.status).toBe(503);
    stores.couch.mend();
    expect((await importInto(one, slice)).ok).toBe(true);
    await eventually(() => delivers(other, [slice]));
  });

  it('has everything again after kill -9 on an empty disk: images, persons, accounts, sessions', async () => {
    const headers = await signIn(one);
    const post = (path: string, body: object) =>
      one.fetch(path, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
    const account = { name: 'wang', displayName: 'Wang', roles: ['radiologist'], password: 'a long enough password' };
    expect((await post('/api/users', account)).status).toBe(201);
    const person = { identifiers: [{ id: 'SCALE-1', issuer: '' }], demographics: { name: 'Zhang^San' } };
    expect((await post('/api/patients', person)).status).toBeLessThan(300);

    await one.kill();
    await one.remove();
    one = await stores.startNode();
    await eventually(() => delivers(one, slices));
    expect(await isSignedIn(one, headers)).toBe(true);
    expect(await (await one.fetch('/api/users')).text()).toContain('wang');
    expect(await (await one.fetch('/api/patients?text=SCALE-1')).json()).toMatchObject({ total: 1 });
    const { total } = (await (await one.fetch('/api/studies?limit=1')).json()) as { total: number };
    expect(total).toBe(hasDcmtk ? 5 : 4);
  });
});

describe('a node whose object store is set wrongly', () => {
  it('ends at once and names the setting', async () => {
    const stores = await SharedStores.start();
    try {
      await expect(stores.startNode({ env: { AWS_ACCESS_KEY_ID: 'NOBODY' } })).rejects.toThrow(
        /storage-s3\.credentials/,
      );
      await expect(stores.startNode({ bucket: 'absent' })).rejects.toThrow(/storage-s3\.bucket/);
      await expect(startNode({ config: { storage: { use: 's3' } } })).rejects.toThrow(/storage-s3\.bucket/);
    } finally {
      await stores.stop();
    }
  });
});
