/**
 * What a record costs: node test/bench/scale.ts [--instances 20000]
 * Prints bytes of catalogue and index an instance and a study, and the rates of committing, indexing again from the start, replicating and hashing: the
 * figures from which docs/scale.md computes. The CouchDB is express-pouchdb on LevelDB in this process, slower than a real one.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import express from 'express';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb/lib/index.js';
import type { Catalogue, InstanceRecord } from '../../core/src/catalogue/contract.ts';
import { PouchCatalogue } from '../../core/src/catalogue/pouch-catalogue.ts';
import { Projector } from '../../core/src/query/projector.ts';
import { SqliteQueryIndex } from '../../core/src/query/sqlite-index.ts';
import { FileSystemStorage } from '../../core/src/storage/file-system-storage.ts';
import { ctStudy, SyntheticHospital } from './synthetic-studies.ts';

const { values: options } = parseArgs({ options: { instances: { type: 'string', default: '20000' } } });
const INSTANCES = Number(options.instances);
const SLICES = 400;
/** As many as DIMSE and STOW commit at a time under load. */
const AT_ONCE = 64;
const BLOBS = 500;
const BLOB_BYTES = 525_000;

const work = await mkdtemp(join(tmpdir(), 'filmless-bench-scale-'));
const couch = await startCouch(join(work, 'couch'));
try {
  const slices = [...ctStudies(Math.ceil(INSTANCES / SLICES))];
  const single = singleStudies(INSTANCES);
  await measureCatalogue(`embedded, CT of ${SLICES} slices`, join(work, 'ct'), slices, SLICES);
  await measureCatalogue('embedded, studies of one image', join(work, 'single'), single, 1);
  await measureCatalogue('CouchDB by HTTP, CT', `${couch.url}/ct`, slices.slice(0, INSTANCES / 4), SLICES);
  await measureReplication(join(work, 'ct'), `${couch.url}/copy`, slices.length);
  await measureHashing(join(work, 'blobs'));
} finally {
  await couch.stop();
  await rm(work, { recursive: true, force: true });
}

/** Scanner headers; every study and instance with a UID of its own. */
function* ctStudies(count: number): Iterable<InstanceRecord> {
  for (let number = 0; number < count; number += 1) {
    const uid = `1.2.840.99999.8.${number}`;
    for (const record of ctStudy(SLICES)) {
      const own = (of: string) => of.replace(record.StudyInstanceUID, uid);
      yield {
        ...record,
        StudyInstanceUID: uid,
        SeriesInstanceUID: own(record.SeriesInstanceUID),
        SOPInstanceUID: own(record.SOPInstanceUID),
        sha256: createHash('sha256').update(own(record.SOPInstanceUID)).digest('hex'),
      };
    }
  }
}

function singleStudies(count: number): InstanceRecord[] {
  const hospital = new SyntheticHospital(count);
  return Array.from({ length: count }, (_, number) => hospital.record(number));
}

async function measureCatalogue(
  title: string,
  location: string,
  records: readonly InstanceRecord[],
  perStudy: number,
): Promise<void> {
  const catalogue = await PouchCatalogue.open({ location });
  const commitMs = await timed(async () => {
    let next = 0;
    const sender = async () => {
      for (let record = records[next++]; record; record = records[next++]) await catalogue.commit(record);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  });
  console.log(`\n${title}: ${records.length} instances`);
  line('committed', `${rate(records.length, commitMs)} instances/s`);
  await measureIndexing(catalogue, records.length, perStudy);
  await catalogue.close();
  if (!location.startsWith('http'))
    line('catalogue', `${bytesEach(await folderBytes(location), records.length)} an instance`);
}

async function measureIndexing(catalogue: Catalogue, instances: number, perStudy: number): Promise<void> {
  const file = join(work, `index-${instances}-${perStudy}-${Math.random()}.sqlite`);
  const index = new SqliteQueryIndex({ path: file, fetchRecords: async (uids) => uids.map(() => undefined) });
  const projector = new Projector({ feed: catalogue, index });
  const indexMs = await timed(async () => {
    projector.start();
    await index.settled();
  });
  line('indexed again', `${rate(instances, indexMs)} instances/s`);
  await projector.stop();
  await index.close();
  const { size } = await stat(file);
  line('index', `${bytesEach(size, instances)} an instance, ${bytesEach(size, instances / perStudy)} a study`);
}

async function measureReplication(location: string, target: string, instances: number): Promise<void> {
  const catalogue = await PouchCatalogue.open({ location });
  const database = await catalogue.databaseOf('instances');
  const ms = await timed(() =>
    database.read(async (db) => {
      await db.replicate.to(new PouchDB(target), { checkpoint: 'target', batch_size: 50 });
    }),
  );
  console.log('\nreplication');
  line('embedded to CouchDB by HTTP', `${rate(instances, ms)} records/s`);
  await catalogue.close();
}

async function measureHashing(directory: string): Promise<void> {
  const storage = await FileSystemStorage.open({ directory, floorBytes: 0 });
  const names: string[] = [];
  const writeMs = await timed(async () => {
    for (let number = 0; number < BLOBS; number += 1) {
      const bytes = randomBytes(BLOB_BYTES);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const path = join(storage.stagingDirectory, `${number}.part`);
      await writeFile(path, bytes);
      await storage.adopt({ path, sha256, sizeBytes: bytes.length });
      names.push(sha256);
    }
  });
  const verifyMs = await timed(async () => {
    for (const name of names) if (!(await storage.verify(name))) throw new Error('a blob is damaged');
  });
  console.log(`\nblobs of ${BLOB_BYTES} bytes in files, one after another`);
  line('written and synced', `${rate(BLOBS, writeMs)} blobs/s`);
  line('verified', `${((BLOBS * BLOB_BYTES) / 1e6 / (verifyMs / 1000)).toFixed(0)} MB/s`);
  await storage.close();
}

async function startCouch(directory: string): Promise<{ url: string; stop(): Promise<void> }> {
  await mkdir(directory, { recursive: true });
  const app = express();
  const OnDisk = PouchDB.defaults({ prefix: `${directory}/` });
  app.use(expressPouchdb(OnDisk, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: '/dev/null' }));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function folderBytes(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function rate(count: number, ms: number): string {
  return (count / (ms / 1000)).toFixed(0);
}

function bytesEach(bytes: number, count: number): string {
  return `${(bytes / count).toFixed(0)} bytes`;
}

function line(what: string, value: string): void {
  console.log(`  ${what.padEnd(30)} ${value}`);
}
