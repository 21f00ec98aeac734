import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dcmtk } from '../tools/dcmtk.ts';
import type { NodeProcess } from '../tools/node-process.ts';
import type { Orthanc } from '../tools/orthanc.ts';
import { compare, printComparisons } from './measure.ts';
import { type StudyFiles, writeStudy } from './slices.ts';

const RUNS = 3;
const ONE_ASSOCIATION = 500;
const PER_ASSOCIATION = 250;
const ASSOCIATIONS = 4;

interface Receiver {
  aeTitle: string;
  dicomPort: number;
}

async function send(receiver: Receiver, { files }: StudyFiles): Promise<void> {
  const { code, output } = await dcmtk('storescu', [
    '-aec',
    receiver.aeTitle,
    '127.0.0.1',
    String(receiver.dicomPort),
    ...files,
  ]);
  if (code !== 0 || /^[EF]:/m.test(output)) throw new Error(`storescu failed: ${output.slice(0, 500)}`);
}

/** Storing durably over one association and over four at once. Every run sends studies nobody has seen. */
export async function measureStoring(node: NodeProcess, orthanc: Orthanc | undefined, folder: string): Promise<void> {
  const single: StudyFiles[] = [];
  const several: StudyFiles[][] = [];
  for (let run = 0; run < RUNS; run += 1) {
    single.push(await writeStudy(join(folder, `one-${run}`), `bench-one-${run}`, ONE_ASSOCIATION));
    const batch: StudyFiles[] = [];
    for (let i = 0; i < ASSOCIATIONS; i += 1)
      batch.push(await writeStudy(join(folder, `four-${run}-${i}`), `bench-four-${run}-${i}`, PER_ASSOCIATION));
    several.push(batch);
  }
  // What is measured is receiving, not the disk still writing what is to be sent.
  await promisify(execFile)('sync');
  const one = (receiver: Receiver) => async (run: number) =>
    send(receiver, single[run] ?? { StudyInstanceUID: '', files: [] });
  const four = (receiver: Receiver) => async (run: number) =>
    Promise.all((several[run] ?? []).map((study) => send(receiver, study)));
  printComparisons([
    await compare(
      `C-STORE ${ONE_ASSOCIATION} slices of 512 KiB, one association`,
      1.5,
      RUNS,
      one(node),
      orthanc && one(orthanc),
    ),
    await compare(
      `C-STORE ${ASSOCIATIONS * PER_ASSOCIATION} slices of 512 KiB, ${ASSOCIATIONS} associations`,
      2,
      RUNS,
      four(node),
      orthanc && four(orthanc),
    ),
  ]);
}
