import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes, sha256 } from '../tools/data-set-bytes.ts';
import { dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { multipartBodies } from '../tools/multipart.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { seededRandom } from '../tools/seeded-random.ts';

const KILLS = 25;
const SENDERS = 4;
const SLICES_PER_SENDER = 16;

interface Slice {
  path: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  /** Of the data set as sent. */
  sha256: string;
}

/** One study for a sender, in a folder of its own. */
async function makeStudy(folder: string, seed: string): Promise<Slice[]> {
  await mkdir(folder, { recursive: true });
  const slices: Slice[] = [];
  for await (const { bytes, SOPInstanceUID, StudyInstanceUID } of ctSlices({
    count: SLICES_PER_SENDER,
    rows: 64,
    study: phantomStudy({ seed }),
  })) {
    const path = join(folder, `${String(slices.length).padStart(3, '0')}.dcm`);
    await writeFile(path, bytes);
    slices.push({ path, SOPInstanceUID, StudyInstanceUID, sha256: sha256(dataSetBytes(bytes)) });
  }
  return slices;
}

/** Sends in order and gives the slices whose success the peer saw. A node that dies ends it early. */
async function send(node: NodeProcess, slices: readonly Slice[]): Promise<Slice[]> {
  const { output } = await dcmtk('storescu', [
    '-v',
    '-aec',
    node.aeTitle,
    '127.0.0.1',
    String(node.dicomPort),
    ...slices.map(({ path }) => path),
  ]);
  const acknowledged = [...output.matchAll(/Received Store Response \(Success\)/g)].length;
  return slices.slice(0, acknowledged);
}

/** What the node has of a study: hash of each data set by SOP Instance UID, fetched over WADO-RS. */
async function fetchStudy(node: NodeProcess, StudyInstanceUID: string): Promise<Map<string, string>> {
  const found = await node.fetch(`/dicom-web/studies/${StudyInstanceUID}/instances?limit=1000`);
  expect(found.status).toBe(200);
  const instances = (await found.json()) as { '00080018': { Value: [string] } }[];
  if (instances.length === 0) return new Map();
  const response = await node.fetch(`/dicom-web/studies/${StudyInstanceUID}`, {
    headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
  });
  expect(response.status).toBe(200);
  const files = multipartBodies(response.headers.get('content-type') ?? '', Buffer.from(await response.arrayBuffer()));
  const byUid = new Map<string, string>();
  for (const file of files) {
    const text = file.toString('latin1');
    // Found in the header of the file itself: which file is whose is what is tested.
    const uid = instances
      .map((instance) => instance['00080018'].Value[0])
      .find((candidate) => text.includes(candidate));
    if (uid) byUid.set(uid, sha256(dataSetBytes(file)));
  }
  return byUid;
}

describe.skipIf(!hasDcmtk)('kill -9 while four senders store (needs DCMTK)', () => {
  let work: string;
  let dataDirectory: string;
  let ports: { httpPort: number; dicomPort: number };

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'filmless-kill-'));
    dataDirectory = join(work, 'data');
    await mkdir(dataDirectory);
    ports = { httpPort: await freePort(), dicomPort: await freePort() };
  });
  afterAll(() => rm(work, { recursive: true, force: true, maxRetries: 5 }));

  it(
    `loses nothing that was acknowledged, at ${KILLS} random moments`,
    async () => {
      const seed = Number(process.env['FILMLESS_TEST_SEED'] ?? Date.now() % 1_000_000);
      const random = seededRandom(seed);
      const start = () => startNode({ dataDirectory, ...ports });
      const acknowledged: Slice[] = [];
      const lost: string[] = [];
      const changed: string[] = [];
      let node = await start();
      // How long a whole round takes undisturbed, so that the moments fall inside one.
      const rehearsal = await Promise.all(
        range(SENDERS).map((i) => makeStudy(join(work, `rehearsal-${i}`), `rehearsal-${seed}-${i}`)),
      );
      const began = performance.now();
      const rehearsed = await Promise.all(rehearsal.map((slices) => send(node, slices)));
      const roundMs = performance.now() - began;
      expect(rehearsed.flat()).toHaveLength(SENDERS * SLICES_PER_SENDER);
      let interrupted = 0;

      for (const kill of range(KILLS)) {
        const studies = await Promise.all(
          range(SENDERS).map((i) => makeStudy(join(work, `${kill}-${i}`), `kill-${seed}-${kill}-${i}`)),
        );
        const sending = studies.map((slices) => send(node, slices));
        await new Promise((done) => setTimeout(done, random() * roundMs));
        await node.kill();
        const seen = (await Promise.all(sending)).flat();
        if (seen.length < SENDERS * SLICES_PER_SENDER) interrupted += 1;
        acknowledged.push(...seen);
        node = await start();
        for (const study of studies) {
          const kept = await fetchStudy(node, study[0]?.StudyInstanceUID ?? '');
          for (const slice of study) {
            const isAcknowledged = seen.includes(slice);
            const hash = kept.get(slice.SOPInstanceUID);
            if (isAcknowledged && hash === undefined) lost.push(`kill ${kill}: ${slice.SOPInstanceUID}`);
            // What was not acknowledged may be there or not, but never in part.
            if (hash !== undefined && hash !== slice.sha256) changed.push(`kill ${kill}: ${slice.SOPInstanceUID}`);
          }
        }
        await Promise.all(studies.map((_, i) => rm(join(work, `${kill}-${i}`), { recursive: true })));
      }

      expect({ seed, lost, changed }).toEqual({ seed, lost: [], changed: [] });
      // Otherwise the moments all fell after the last acknowledgement, and nothing was tried.
      expect(interrupted).toBeGreaterThan(KILLS / 5);
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(await node.stop()).toBe(0);

      // What the earlier rounds acknowledged has outlived the later kills too.
      node = await start();
      const verified = await node.fetch('/api/storage');
      expect(verified.status).toBe(200);
      const { totals } = (await verified.json()) as { totals: { instances: number } };
      expect(totals.instances).toBeGreaterThanOrEqual(acknowledged.length + rehearsed.flat().length);
      await node.stop();
    },
    20 * 60_000,
  );
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
