import { rm } from 'node:fs/promises';
import { dcmtk } from '../tools/dcmtk.ts';
import type { NodeProcess } from '../tools/node-process.ts';
import { residentMiB } from './measure.ts';
import { writeStudy } from './slices.ts';

const BATCHES = 10;
const PER_BATCH = 500;
const LIMIT_MIB = 400;

/** Resident memory while 5,000 slices of 512 KiB flow in. */
export async function measureMemory(node: NodeProcess, folder: string): Promise<void> {
  const readings: number[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const { files } = await writeStudy(folder, `bench-memory-${batch}`, PER_BATCH);
    const sending = dcmtk('storescu', ['-aec', node.aeTitle, '127.0.0.1', String(node.dicomPort), ...files]);
    let sent = false;
    const ended = sending.finally(() => {
      sent = true;
    });
    while (!sent) {
      await Promise.race([ended, new Promise((done) => setTimeout(done, 100))]);
      readings.push(residentMiB(node.pid).now);
    }
    if ((await sending).code !== 0) throw new Error('storescu failed');
    await rm(folder, { recursive: true });
  }
  const peak = residentMiB(node.pid).peak;
  const verdict = peak <= LIMIT_MIB ? 'met' : 'NOT MET';
  const quarter = (from: number) =>
    readings.slice(Math.floor(readings.length * from), Math.floor(readings.length * (from + 0.25)));
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
  console.log(
    `${`memory while ${BATCHES * PER_BATCH} slices flow in`.padEnd(58)} ${peak.toFixed(0)} MiB at most (wanted ${LIMIT_MIB}: ${verdict}); mean of first quarter ${mean(quarter(0)).toFixed(0)}, of last ${mean(quarter(0.75)).toFixed(0)}`,
  );
}
