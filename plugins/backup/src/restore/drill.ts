import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Catalogue, InstanceRecord } from '@filmless/core/plugin';
import { z } from 'zod';
import type { Attached } from '../disks/attached-disks.ts';
import { DiskReader } from '../format/index.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Copy } from '../ledger/object-table.ts';

export const drillSchema = z.object({
  at: z.string(),
  finishedAt: z.string(),
  /** Labels of the disks that were tried. */
  disks: z.array(z.string()),
  studies: z.number(),
  instances: z.number(),
  bytes: z.number(),
  /** Of an encrypted disk only what lies there was compared: the node has no key to open it. */
  unopened: z.number(),
  damaged: z.array(
    z.object({
      disk: z.string(),
      file: z.string(),
      StudyInstanceUID: z.string(),
      why: z.enum(['unreadable', 'manifest', 'catalogue']),
    }),
  ),
});
export type DrillReport = z.infer<typeof drillSchema>;

interface Options {
  ledger: Ledger;
  disks: readonly Attached[];
  catalogue: Pick<Catalogue, 'get'>;
  /** Studies of each disk. */
  studies: number;
  /** A folder that is made and removed. */
  scratch: string;
  now(): number;
  random(): number;
  signal: AbortSignal;
  progress?(done: number, total: number): void;
}

/** Restores a random sample of each attached disk into a scratch folder and compares it with the disk's manifest and the node's catalogue. */
export async function runDrill(options: Options): Promise<DrillReport> {
  const { ledger, disks, scratch, now, signal, progress } = options;
  const report: DrillReport = {
    at: new Date(now()).toISOString(),
    finishedAt: '',
    disks: disks.map(({ entry }) => entry.label),
    ...{ studies: 0, instances: 0, bytes: 0, unopened: 0, damaged: [] },
  };
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    const samples = disks.map((disk) => ({ disk, copies: sample(ledger, disk.entry.id, options) }));
    const total = samples.reduce((sum, { copies }) => sum + copies.length, 0);
    for (const { disk, copies } of samples) {
      report.studies += new Set(copies.map(({ study }) => study)).size;
      const listed = await manifestOf(disk, new Set(copies.map(({ path }) => path)));
      for (const copy of copies) {
        signal.throwIfAborted();
        await restoreOne(options, disk, copy, listed.get(copy.path), report);
        progress?.(report.instances, total);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { ...report, finishedAt: new Date(now()).toISOString() };
}

type Sampled = Copy & { study: string; instance: string };

/** Whole studies: a random instance of the disk, and all that lies there of its study. */
function sample(ledger: Ledger, disk: string, { studies, random }: Options): Sampled[] {
  const chosen = new Set<string>();
  // The same study may come again, above all where there are few.
  for (let attempt = 0; chosen.size < studies && attempt < studies * 4; attempt += 1) {
    const study = ledger.objects.studyNear(disk, random());
    if (study === undefined) break;
    chosen.add(study);
  }
  return [...chosen].flatMap((study) =>
    ledger.objects.ofStudy(study).flatMap(({ sha256, instance, conflict }) => {
      const copy = ledger.objects.copiesOf(sha256).find((each) => each.disk === disk);
      return copy ? [{ ...copy, study, instance: conflict === '' ? instance : '' }] : [];
    }),
  );
}

async function manifestOf({ root }: Attached, paths: ReadonlySet<string>): Promise<Map<string, string>> {
  const listed = new Map<string, string>();
  for await (const line of (await DiskReader.open(root)).manifest())
    if (!('damaged' in line) && paths.has(line.path)) listed.set(line.path, line.sha256);
  return listed;
}

async function restoreOne(
  { ledger, catalogue, scratch, now }: Options,
  { entry, root }: Attached,
  copy: Sampled,
  listed: string | undefined,
  report: DrillReport,
): Promise<void> {
  const target = join(scratch, 'restored');
  report.instances += 1;
  const stored = createHash('sha256');
  let why: DrillReport['damaged'][number]['why'] | undefined;
  try {
    const hashing = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        stored.update(chunk);
        report.bytes += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline(createReadStream(join(root, copy.path)), hashing, createWriteStream(target, { mode: 0o600 }));
    if (listed === undefined || stored.digest('hex') !== listed) why = 'manifest';
    else if (entry.recipient !== '') report.unopened += 1;
    else {
      const restored = await hashOf(target);
      const record = copy.instance === '' ? undefined : await catalogue.get(copy.instance);
      if (restored !== copy.sha256 || (record !== undefined && !knows(record, copy))) why = 'catalogue';
    }
  } catch {
    why = 'unreadable';
  }
  if (why === undefined) return;
  report.damaged.push({ disk: entry.label, file: copy.path, StudyInstanceUID: copy.study, why });
  // The set is owed another copy.
  ledger.objects.damaged({ disk: entry.id, sha256: copy.sha256 }, new Date(now()).toISOString());
}

/** A person may have taken another image for this one since: then the ledger alone names these bytes. */
const knows = (record: InstanceRecord, { sha256, study }: Sampled): boolean =>
  record.sha256 !== sha256 || record.StudyInstanceUID === study;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
