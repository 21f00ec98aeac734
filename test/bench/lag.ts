import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { HospitalNode, isComplete } from '../tools/hospital.ts';
import type { NodeProcess } from '../tools/node-process.ts';
import { median } from './measure.ts';
import { type StudyFiles, writeStudy } from './slices.ts';

const RUNS = 3;
const SLICES = 300;
const ASK_EVERY_MS = 10;
const WANTED_MS = 3_000;

/** From a modality's first acknowledgement at a department to the first image at the gateway, and to all of them there and at the centre. */
export async function measureLag(folder: string): Promise<void> {
  const centre = await HospitalNode.start('centre');
  const radiology = await HospitalNode.start('radiology');
  const gateway = await HospitalNode.start('gateway');
  const nodes = [gateway, radiology, centre];
  try {
    await radiology.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
    const runs: Lag[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const study = await writeStudy(`${folder}-${run}`, `lag-${run}`, SLICES);
      runs.push(await measureOne(study, { centre, radiology, gateway }, SLICES * (run + 1)));
    }
    const of = (which: keyof Lag) => median(runs.map((each) => each[which]));
    const verdict = of('firstMs') <= WANTED_MS ? 'met' : 'NOT MET';
    const print = (what: string, ms: number, more = '') =>
      console.log(`${what.padEnd(58)} ${`${ms.toFixed(0)} ms`.padStart(9)}   ${more}`);
    print(
      `storescu's first acknowledgement to first image at gateway`,
      of('firstMs'),
      `(wanted ${WANTED_MS} ms: ${verdict})`,
    );
    print(`to storescu's last acknowledgement, ${SLICES} slices`, of('sentMs'));
    print('to all of them found at the gateway', of('foundMs'));
    print('to all of them complete at the centre, hashes compared', of('completeMs'), `(median of ${RUNS})`);
  } finally {
    for (const node of nodes) await node.end();
  }
}

interface Lag {
  firstMs: number;
  sentMs: number;
  foundMs: number;
  completeMs: number;
}

interface Nodes {
  centre: HospitalNode;
  radiology: HospitalNode;
  gateway: HospitalNode;
}

async function measureOne(study: StudyFiles, { centre, radiology, gateway }: Nodes, sent: number): Promise<Lag> {
  const { acknowledged, ended } = send(radiology.process, study.files);
  const start = await acknowledged;
  const since = () => performance.now() - start;
  const sentMs = ended.then(since);
  const firstMs = firstImage(gateway, study.StudyInstanceUID).then(since);
  const foundMs = until(async () => (await gateway.count(study.StudyInstanceUID)) === study.files.length).then(since);
  const completeMs = until(() => isComplete(centre, sent), 200).then(since);
  return { firstMs: await firstMs, sentMs: await sentMs, foundMs: await foundMs, completeMs: await completeMs };
}

/** `acknowledged` resolves to when the first instance was. */
function send({ aeTitle, dicomPort }: NodeProcess, files: readonly string[]) {
  const args = ['-v', '-aec', aeTitle, '127.0.0.1', String(dicomPort), ...files];
  const child = spawn('storescu', args, {
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`storescu ended with ${code}`))));
  });
  const acknowledged = new Promise<number>((done, fail) => {
    const look = (chunk: Buffer) => {
      if (chunk.includes('Received Store Response')) done(performance.now());
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    ended.catch(fail);
  });
  return { acknowledged, ended };
}

/** Waits until an image of the study is found at the gateway, and reads it there as a viewer does. */
async function firstImage({ process: gateway }: HospitalNode, StudyInstanceUID: string): Promise<void> {
  const firstOf = (found: Record<string, { Value?: string[] }>, tag: string) => found[tag]?.Value?.[0] ?? '';
  await until(async () => {
    const answer = await gateway.fetch(`/dicom-web/instances?StudyInstanceUID=${StudyInstanceUID}&limit=1`);
    const [found] = answer.status === 200 ? ((await answer.json()) as Record<string, { Value?: string[] }>[]) : [];
    if (!found) return false;
    const series = `/dicom-web/studies/${StudyInstanceUID}/series/${firstOf(found, '0020000E')}`;
    const frame = await gateway.fetch(`${series}/instances/${firstOf(found, '00080018')}/frames/1`);
    await frame.arrayBuffer();
    return frame.ok;
  });
}

async function until(condition: () => Promise<boolean>, everyMs = ASK_EVERY_MS): Promise<void> {
  while (!(await condition())) await sleep(everyMs);
}
