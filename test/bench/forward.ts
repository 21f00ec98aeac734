import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeInstanceFile } from '@filmless/core/testing';
import { dcmtk } from '../tools/dcmtk.ts';
import { forwardingOf } from '../tools/forwarding-client.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { type Orthanc, startOrthanc } from '../tools/orthanc.ts';
import { elapsedMs, median, residentMiB } from './measure.ts';

const RUNS = 3;
const SLICES = 400;
const SLICE_BYTES = 512 * 1024;
const SINGLES = 15;
const SMALL = 20_000;
const SMALL_BYTES = 64 * 1024;
const PER_BATCH = 1000;
/** What memory may differ between the first and the last quarter of the run and still be called flat. */
const FLAT_MIB = 40;
/** Orthanc forwards every instance as it comes, by its own words for that. */
const FORWARD_ALL = `function OnStoredInstance(instanceId, tags, metadata, origin)
  SendToModality(instanceId, 'sink')
end`;

interface Receiver {
  aeTitle: string;
  dicomPort: number;
}
interface Chain {
  forwarder: Receiver;
  sink: Orthanc;
}

/** Files are not synced at the sinks: what is measured is what stands before them. */
const startSink = () => startOrthanc(undefined, { config: { SyncStorageArea: false } });

async function startFilmlessBefore(sink: Orthanc): Promise<NodeProcess> {
  const device = { aeTitle: 'SINK', address: '127.0.0.1', port: sink.dicomPort };
  const node = await startNode({ config: { plugins: { dimse: { devices: [device] } } } });
  await forwardingOf(node).save([{ id: 'all', destination: 'dimse:SINK' }]);
  return node;
}

/** Filmless and Orthanc, each forwarding all it gets by C-STORE to an Orthanc of its own: throughput and lag, alternately on the same files. */
export async function measureForwarding(folder: string, withOrthanc: boolean): Promise<void> {
  const sink = await startSink();
  const node = await startFilmlessBefore(sink);
  const otherSink = withOrthanc ? await startSink() : undefined;
  const port = await freePort();
  const orthanc =
    otherSink &&
    (await startOrthanc(undefined, {
      dicomPort: port,
      lua: FORWARD_ALL,
      config: { DicomModalities: { sink: ['ORTHANC', '127.0.0.1', otherSink.dicomPort] } },
    }));
  try {
    const ours: Chain = { forwarder: node, sink };
    const theirs: Chain | undefined = orthanc && otherSink && { forwarder: orthanc, sink: otherSink };
    const stores: Record<'ours' | 'theirs', { allMs: number[]; tailMs: number[]; singleMs: number[] }> = {
      ours: { allMs: [], tailMs: [], singleMs: [] },
      theirs: { allMs: [], tailMs: [], singleMs: [] },
    };
    for (let run = 0; run < RUNS; run += 1) {
      const files = await writeFiles(join(folder, 'slices'), `2.25.7${run}`, SLICES, SLICE_BYTES);
      for (const [name, chain] of Object.entries({ ours, theirs }) as ['ours' | 'theirs', Chain | undefined][]) {
        if (!chain) continue;
        const { allMs, tailMs } = await through(chain, files);
        stores[name].allMs.push(allMs);
        stores[name].tailMs.push(tailMs);
      }
    }
    for (let single = 0; single < SINGLES; single += 1) {
      const files = await writeFiles(join(folder, 'single'), `2.25.8${single}`, 1, SLICE_BYTES);
      for (const [name, chain] of Object.entries({ ours, theirs }) as ['ours' | 'theirs', Chain | undefined][])
        if (chain) stores[name].singleMs.push((await through(chain, files)).tailMs);
    }
    report(`forwarding ${SLICES} slices of 512 KiB, sent to at the sink`, stores.ours.allMs, stores.theirs.allMs);
    report('  lag: the last acknowledged, to at the sink', stores.ours.tailMs, stores.theirs.tailMs);
    report('  lag of a single slice after a quiet moment', stores.ours.singleMs, stores.theirs.singleMs);
  } finally {
    await orthanc?.stop();
    await otherSink?.stop();
    await node.stop();
    await node.remove();
    await sink.stop();
  }
}

/** Resident memory of a node while 20,000 small instances go through it to an Orthanc. */
export async function measureForwardingMemory(folder: string): Promise<void> {
  const sink = await startSink();
  const node = await startFilmlessBefore(sink);
  const readings: number[] = [];
  const sampling = setInterval(() => readings.push(residentMiB(node.pid).now), 250);
  try {
    const before = await countAt(sink);
    let sendingMs = 0;
    for (let batch = 0; batch * PER_BATCH < SMALL; batch += 1) {
      const files = await writeFiles(join(folder, 'small'), `2.25.9${batch}`, PER_BATCH, SMALL_BYTES);
      sendingMs += await elapsedMs(() => send(node, files));
    }
    const tailMs = await elapsedMs(() => reached(sink, before + SMALL));
    const quarter = (from: number) =>
      readings.slice(Math.floor(readings.length * from), Math.floor(readings.length * (from + 0.25)));
    const mean = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
    const means = [0, 0.25, 0.5, 0.75].map((from) => mean(quarter(from)));
    const grows = (means[3] ?? 0) - (means[1] ?? 0);
    console.log(
      `${`memory while ${SMALL} instances of 64 KiB are forwarded`.padEnd(58)} ${residentMiB(node.pid).peak.toFixed(0)} MiB at most; means of quarters ${means.map((value) => value.toFixed(0)).join(', ')} (flat: ${grows <= FLAT_MIB ? 'met' : 'NOT MET'}); ${(SMALL / ((sendingMs + tailMs) / 1000)).toFixed(0)} instances/s while sent, ${tailMs.toFixed(0)} ms until the last was there`,
    );
  } finally {
    clearInterval(sampling);
    await node.stop();
    await node.remove();
    await sink.stop();
  }
}

async function through(
  { forwarder, sink }: Chain,
  files: readonly string[],
): Promise<{ allMs: number; tailMs: number }> {
  const wanted = (await countAt(sink)) + files.length;
  const sendMs = await elapsedMs(() => send(forwarder, files));
  const tailMs = await elapsedMs(() => reached(sink, wanted));
  return { allMs: sendMs + tailMs, tailMs };
}

async function countAt(sink: Orthanc): Promise<number> {
  return (await sink.rest<{ CountInstances: number }>('GET', '/statistics')).CountInstances;
}

async function reached(sink: Orthanc, count: number): Promise<void> {
  while ((await countAt(sink)) < count) await delay(2);
}

async function send({ aeTitle, dicomPort }: Receiver, files: readonly string[]): Promise<void> {
  const { code, output } = await dcmtk('storescu', ['-aec', aeTitle, '127.0.0.1', String(dicomPort), ...files]);
  if (code !== 0 || /^[EF]:/m.test(output)) throw new Error(`storescu failed: ${output.slice(0, 500)}`);
}

/** A study of its own, in a folder that held the one before. */
async function writeFiles(
  folder: string,
  StudyInstanceUID: string,
  count: number,
  pixelBytes: number,
): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const path = join(folder, `${String(i).padStart(5, '0')}.dcm`);
    await writeFile(
      path,
      makeInstanceFile({ SOPInstanceUID: `${StudyInstanceUID}.${i}`, StudyInstanceUID, pixelBytes }),
    );
    paths.push(path);
  }
  return paths;
}

function report(what: string, ours: readonly number[], theirs: readonly number[]): void {
  const range = (values: readonly number[]) =>
    `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  const beside =
    theirs.length > 0
      ? `   Orthanc ${range(theirs)}   ${(median(theirs) / median(ours)).toFixed(2)} x`
      : '   (Orthanc is not installed)';
  console.log(`${what.padEnd(58)} ${range(ours)}${beside}`);
}
