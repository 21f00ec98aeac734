import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './tools/eventually.ts';
import { HospitalNode } from './tools/hospital.ts';
import { codeOf, MllpClient } from './tools/mllp-client.ts';
import { runJob } from './tools/node-jobs.ts';
import { freePort } from './tools/node-process.ts';
import { jsonOf, runFilmless } from './tools/run-filmless.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const TIMEOUT = 300_000;
const WAIT = { timeout: 60_000, interval: 100 };
const SLICES = 6;
const STUDIES = [
  { seed: 'parts-a', StudyDate: '20260105', AccessionNumber: 'PARTSA' },
  { seed: 'parts-b', StudyDate: '20260105', AccessionNumber: 'PARTSB' },
  { seed: 'parts-c', StudyDate: '20260106', AccessionNumber: 'PARTSC' },
] as const;

interface Summary {
  summary: { restored: number; present: number; missing: number; damaged: number; documents: number };
  locked: string[];
}
interface Reports {
  reports: { versions: { text: string }[] }[];
}

/** A node with a plain disk and an encrypted one, and other machines that parts of it are restored to. */
describe('restoring', () => {
  let folder: string;
  let node: HospitalNode;
  let identity: string;
  const studies: PhantomInstance[][] = [];
  const shelf = (label: string) => join(folder, 'shelf', label);
  const keyFile = (name: string) => join(folder, name);
  const study = (index: number): string => studies[index]?.[0]?.StudyInstanceUID ?? '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-parts-'));
    for (const name of ['mount', 'shelf']) await mkdir(join(folder, name));
    identity = await generateX25519Identity();
    await writeFile(keyFile('key.txt'), `# the hospital's\n${identity}\n`);
    await writeFile(keyFile('another.txt'), `${await generateX25519Identity()}\n`);
    const port = await freePort();
    const backup = { mounts: [join(folder, 'mount')], allowSameDevice: true, scanSeconds: 0.1, keepFreeMiB: 0 };
    const his = { hl7: { port, connections: [{ name: 'HIS', address: '127.0.0.1' }] } };
    node = await HospitalNode.start(
      'hospital',
      {},
      { config: { disabledPlugins: [], plugins: { backup, 'his-bridge': his } } },
    );
    for (const [label, recipient] of [
      ['P1', undefined],
      ['E1', await identityToRecipient(identity)],
    ] as const) {
      const root = join(folder, 'mount', label);
      await mkdir(root);
      await node.json('POST', '/api/backup/disks', { root, label, set: label, recipient: recipient ?? null });
    }
    for (const [index, values] of STUDIES.entries()) {
      const made = phantomStudy(values);
      // Each a person of his own, as in the reports and orders below.
      const own = { ...made, patient: { ...made.patient, PatientID: `PARTS${index}` } };
      await placeOrder(port, own.patient.PatientID, values.AccessionNumber);
      studies.push(await storePhantoms(node.process, ctSlices({ study: own, count: SLICES, rows: 64 })));
      await node.json('POST', '/api/reports', {
        patient: { id: own.patient.PatientID },
        StudyInstanceUID: study(index),
        status: 'reviewed',
        text: `两肺未见异常 ${index}`,
        externalId: `R${index}`,
      });
    }
    for (const index of STUDIES.keys()) await eventually(async () => (await statusOf(node, index)) === 'completed');
    interface Overview {
      disks: { id: string; label: string; state: string }[];
      sets: { owed: { objects: number } }[];
    }
    const overview = () => node.json<Overview>('GET', '/api/backup/overview');
    await eventually(async () => (await overview()).sets.every(({ owed }) => owed.objects === 0));
    for (const { id, label } of (await overview()).disks) {
      await runJob(node.process, `/api/backup/disks/${id}/release`, {});
      await rename(join(folder, 'mount', label), shelf(label));
    }
    await node.process.stop();
  }, TIMEOUT);
  afterAll(async () => {
    await node?.end();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const restore = async (name: string, ...args: string[]) => {
    // A part comes to a node that is there already; a whole one to an empty machine.
    if (!args.includes('--all') && !existsSync(join(folder, name))) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, `${name}.yaml`), 'name: another\n');
      await inNode(name, async () => undefined);
    }
    const result = await runFilmless(join(folder, name), ['--json', 'restore', ...args]);
    return { code: result.code, ...jsonOf<Summary>(result) };
  };

  /** Looks at a node that was restored to the folder `name`. */
  async function inNode(name: string, look: (restored: HospitalNode) => Promise<void>): Promise<void> {
    const restored = await HospitalNode.at(join(folder, name), 'hospital');
    try {
      await look(restored);
    } finally {
      await restored.process.stop();
    }
  }
  const reportsOf = async (restored: HospitalNode, index: number) =>
    (await restored.json<Reports>('GET', `/api/reports?study=${study(index)}`)).reports.map(
      ({ versions }) => versions[0]?.text,
    );

  it('one study brings its images, its report and its order, and nothing of another', {
    timeout: TIMEOUT,
  }, async () => {
    const found = await restore('one-study', '--study', study(0), '--from', shelf('P1'));
    expect(found).toMatchObject({ code: 0, summary: { restored: SLICES, missing: 0, damaged: 0 } });
    await inNode('one-study', async (restored) => {
      await expect.poll(() => restored.count(study(0)), WAIT).toBe(SLICES);
      expect(await restored.differing(studies[0] ?? [])).toEqual([]);
      expect(await reportsOf(restored, 0)).toEqual(['两肺未见异常 0']);
      expect(await statusOf(restored, 0)).toBe('completed');
      expect([await restored.count(study(1)), await restored.count(study(2))]).toEqual([0, 0]);
      expect([await statusOf(restored, 1), await statusOf(restored, 2)]).toEqual([undefined, undefined]);
    });
    // Again, it changes nothing.
    const again = await restore('one-study', '--study', study(0), '--from', shelf('P1'));
    expect(again).toMatchObject({ code: 0, summary: { restored: 0, present: SLICES, missing: 0 } });
    await inNode('one-study', async (restored) => {
      expect(await restored.count(study(0))).toBe(SLICES);
      expect(await reportsOf(restored, 0)).toEqual(['两肺未见异常 0']);
    });
  });

  it('one day brings all studies of it from an encrypted disk', { timeout: TIMEOUT }, async () => {
    const key = ['--identity', keyFile('key.txt')];
    const found = await restore('one-day', '--day', '2026-01-05', '--from', shelf('E1'), ...key);
    expect(found).toMatchObject({ code: 0, summary: { restored: 2 * SLICES, missing: 0, damaged: 0 }, locked: [] });
    await inNode('one-day', async (restored) => {
      await expect.poll(() => restored.count(study(1)), WAIT).toBe(SLICES);
      expect(await restored.differing([...(studies[0] ?? []), ...(studies[1] ?? [])])).toEqual([]);
      expect([await reportsOf(restored, 0), await reportsOf(restored, 1)]).toEqual([
        ['两肺未见异常 0'],
        ['两肺未见异常 1'],
      ]);
      expect(await restored.count(study(2))).toBe(0);
      expect(await statusOf(restored, 2)).toBeUndefined();
    });
  });

  it('from an encrypted disk with another key says so, and takes nothing', { timeout: TIMEOUT }, async () => {
    const wrong = ['--from', shelf('E1'), '--identity', keyFile('another.txt')];
    const part = await restore('locked', '--study', study(0), ...wrong);
    expect(part).toMatchObject({ code: 3, locked: ['E1'], summary: { restored: 0, damaged: 0 } });
    const whole = await runFilmless(join(folder, 'locked-whole'), ['restore', '--all', ...wrong]);
    expect(whole.code).toBe(1);
    expect(whole.output + whole.errors).toContain('disk E1 is encrypted for another key');
  });

  it('a whole node from an encrypted disk is the node as it was', { timeout: TIMEOUT }, async () => {
    const key = ['--identity', keyFile('key.txt')];
    const found = await restore('whole', '--all', '--from', shelf('E1'), ...key);
    expect(found).toMatchObject({ code: 0, summary: { restored: 3 * SLICES, missing: 0, damaged: 0 } });
    const audit = await runFilmless(join(folder, 'whole'), ['--json', 'audit', 'verify']);
    expect(jsonOf(audit)).toMatchObject({ findings: [], restored: [] });
    await inNode('whole', async (restored) => {
      await expect.poll(() => restored.count(study(2)), WAIT).toBe(SLICES);
      expect(await restored.differing(studies.flat())).toEqual([]);
      expect([await statusOf(restored, 0), await statusOf(restored, 2)]).toEqual(['completed', 'completed']);
    });
  });

  it('a whole node from a disk without secrets has an audit log that is verified up to there', {
    timeout: TIMEOUT,
  }, async () => {
    const data = join(folder, 'without-secrets');
    const result = await runFilmless(data, ['restore', '--all', '--from', shelf('P1')]);
    expect([result.code, result.output]).toEqual([
      0,
      expect.stringMatching(/audit log is whole up to entry \d+ by its own hashes/),
    ]);
    const verify = () => runFilmless(data, ['audit', 'verify']);
    const before = await verify();
    // It runs for a while, and writes on.
    await inNode('without-secrets', async () => undefined);
    const after = await verify();
    for (const verdict of [before, after])
      expect([verdict.code, verdict.output]).toEqual([
        0,
        expect.stringContaining('the signature of the former key cannot be checked'),
      ]);
    const entries = ({ output }: typeof after) => Number(/(\d+) entries, whole/.exec(output)?.[1]);
    expect(entries(after)).toBeGreaterThan(entries(before));
  });
});

async function statusOf(node: HospitalNode, index: number): Promise<string | undefined> {
  const answer = await node.process.fetch(`/api/orders/HIS/PL-PARTS${index}`);
  return answer.status === 404 ? undefined : ((await answer.json()) as { status: string }).status;
}

/** As the HIS does, over MLLP. */
async function placeOrder(port: number, PatientID: string, accession: string): Promise<void> {
  const field = (name: string, values: Record<number, string>) =>
    `${name}|${Array.from({ length: 30 }, (_, index) => values[index + 1] ?? '').join('|')}`;
  const message = [
    `MSH|^~\\&|HIS|A|PACS|B|20260105093000+0800||ORM^O01|M${accession}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||${PatientID}`,
    `ORC|NW|PL-${PatientID}`,
    field('OBR', { 2: `PL-${PatientID}`, 4: 'CT01^CT^L', 18: accession, 24: 'CT' }),
  ].join('\r');
  const answer = await MllpClient.ask(port, Buffer.from(message));
  if (codeOf(answer) !== 'AA') throw new Error(`the order was refused: ${answer}`);
}
