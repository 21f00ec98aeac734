/**
 * Query index at size: node test/bench/query.ts [--studies 1000,1000000] [--directory DIR] [--keep]
 * Prints p50 and p95 of each kind of query at each size with limit 100, and again with as many rows as the first size has to give, with
 * how much slower than there; then the cost of projecting a CT study and of listing its instances.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { QueryIndex, QueryRequest, StudyListRequest } from '../../core/src/query/contract.ts';
import { SqliteQueryIndex } from '../../core/src/query/sqlite-index.ts';
import { ctStudy, SyntheticHospital } from './synthetic-studies.ts';

const { values: options } = parseArgs({
  options: {
    studies: { type: 'string', default: '1000,1000000' },
    directory: { type: 'string' },
    keep: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '0.7' },
  },
});

const sizes = options.studies.split(',').map(Number);
const secondsPerKind = Number(options.seconds);
const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'filmless-bench-query-'));
mkdirSync(directory, { recursive: true });
const scope = { kind: 'all' } as const;

type Query = (index: QueryIndex, limit: number) => Promise<unknown>;
type Kinds = Record<string, () => Query>;

const search = (keys: QueryRequest['keys'], more: Partial<QueryRequest> = {}): Query => {
  const request: QueryRequest = { level: 'STUDY', keys, include: [], limit: 100, offset: 0, scope, ...more };
  return (index, limit) => index.search({ ...request, limit });
};
const list = (more: Partial<StudyListRequest>): Query => {
  const request: StudyListRequest = { limit: 100, offset: 0, scope, ...more };
  return (index, limit) => index.studies({ ...request, limit });
};
const name = (pattern: string) => ({ '00100010': { vr: 'PN', Value: [{ Alphabetic: pattern }] } });

function kindsOf(hospital: SyntheticHospital): Kinds {
  const known = () => hospital.study(hospital.random.below(hospital.studies));
  const week = () => {
    const start = known().date;
    return `${start}-${hospital.daysAfter(start, 7)}`;
  };
  return {
    PatientID: () => search({ '00100020': { vr: 'LO', Value: [known().patient.id] } }),
    AccessionNumber: () => search({ '00080050': { vr: 'SH', Value: [known().accession] } }),
    StudyInstanceUID: () => search({ '0020000D': { vr: 'UI', Value: [known().uid] } }),
    'StudyDate week + modality CT': () =>
      search({ '00080020': { vr: 'DA', Value: [week()] }, '00080061': { vr: 'CS', Value: ['CT'] } }),
    'StudyDate week + rare modality': () =>
      search({ '00080020': { vr: 'DA', Value: [week()] }, '00080061': { vr: 'CS', Value: ['NM'] } }),
    'StudyDate day': () => search({ '00080020': { vr: 'DA', Value: [known().date] } }),
    'StudyDate open + CT\\MR': () =>
      search({ '00080020': { vr: 'DA', Value: ['20150101-'] }, '00080061': { vr: 'CS', Value: ['CT', 'MR'] } }),
    'newest 100': () => search({}),
    'PatientName 张*': () => search(name('张*')),
    'PatientName wang*': () => search(name('wang*')),
    'PatientName 欧阳*': () => search(name('欧阳*')),
    'PatientName *小明*': () => search(name('*小明*')),
    'PatientName *ming*': () => search(name('*ming*')),
    'PatientName whole': () => search(name(known().patient.name)),
    'PatientName 张* + CT + week': () =>
      search({ ...name('张*'), '00080020': { vr: 'DA', Value: [week()] }, '00080061': { vr: 'CS', Value: ['CT'] } }),
    'fuzzy zs': () => search(name('zs'), { fuzzyMatching: true }),
    'fuzzy zhangxiaoming': () => search(name('zhangxiaoming'), { fuzzyMatching: true }),
    'PATIENT level wang*': () => search(name('wang*'), { level: 'PATIENT' }),
    'list newest': () => list({}),
    'list row 50 000 (or last)': () => list({ offset: Math.min(50_000, hospital.studies - 100) }),
    'list text 张': () => list({ text: '张' }),
    'list text 张小明': () => list({ text: '张小明' }),
    'list text zs': () => list({ text: 'zs' }),
    'list text wang': () => list({ text: 'wang' }),
    'list text zxm': () => list({ text: 'zxm' }),
    'list text zhangxiaoming': () => list({ text: 'zhangxiaoming' }),
    'list text patient ID beginning': () => list({ text: known().patient.id.slice(0, 7) }),
    'list text wang li': () => list({ text: 'wang li' }),
    'list modality + week': () => list({ modalities: ['CT'], studyDate: week() }),
    'list by name': () => list({ orderBy: 'PatientName' }),
    study: () => {
      const { uid } = known();
      return (index) => index.study(uid, scope);
    },
  };
}

interface Timing {
  p50: number;
  p95: number;
  /** p95 of each query's best of three runs: without the machine's other work, and with warm caches. */
  warmP95: number;
  /** Most rows an answer had. */
  rows: number;
}

const LIMIT = 100;

const sides = sizes.map((studies) => {
  const hospital = new SyntheticHospital(studies);
  const file = join(directory, `index-${studies}.sqlite`);
  const index = new SqliteQueryIndex({ path: file, fetchRecords: async (uids) => uids.map(() => undefined) });
  fill(index, hospital);
  return { studies, file, index, kinds: kindsOf(hospital) };
});
for (const { studies, file, index } of sides) {
  const sizeMiB = (statSync(file).size / 2 ** 20).toFixed(0);
  console.log(`${studies} studies, ${sizeMiB} MiB, totals ${JSON.stringify(await index.totals())}`);
}
const [smallest] = sides;
for (const kind of Object.keys(smallest?.kinds ?? {})) {
  const streams = sides.map(({ index, kinds }) => ({
    index,
    make: kinds[kind] ?? (() => async () => undefined),
    limit: LIMIT,
  }));
  const [first] = streams;
  if (!first) break;
  const [{ rows } = { rows: 0 }] = await measure([first]);
  // Like with like: as many rows as the first size has to give. Rows cost the same at every size; finding them is what may not.
  const alike = streams.slice(1).map((stream) => ({ ...stream, limit: Math.max(1, rows) }));
  const timings = await measure([...streams, ...alike]);
  console.log(`\n${kind}`);
  for (const [number, timing] of timings.entries()) {
    const { studies } = sides[number < sides.length ? number : number - sides.length + 1] ?? { studies: 0 };
    const ratio = (of: 'p50' | 'p95' | 'warmP95') => (timing[of] / (timings[0]?.[of] ?? 1)).toFixed(2);
    const ratios =
      number < sides.length ? '' : `  ratio of p50 ${ratio('p50')}, p95 ${ratio('p95')}, warm p95 ${ratio('warmP95')}`;
    console.log(`  ${String(studies).padStart(8)} ${describe(timing)}${ratios}`);
  }
}
for (const { file, index } of sides) {
  await index.close();
  if (!options.keep) for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

function describe({ p50, p95, warmP95, rows }: Timing): string {
  return `p50 ${ms(p50)}  p95 ${ms(p95)}  warm p95 ${ms(warmP95)}  rows ${String(rows).padStart(3)}`;
}

await projectionCost();
await retrieveCost();
if (!options.keep && options.directory === undefined) rmSync(directory, { recursive: true, force: true });

function fill(index: SqliteQueryIndex, hospital: SyntheticHospital): void {
  const started = performance.now();
  let batch: Parameters<QueryIndex['apply']>[0][number][] = [];
  // A kept index goes on where it stood.
  const first = Number(index.position());
  if (first >= hospital.studies) return;
  for (let number = first; number < hospital.studies; number++) {
    batch.push({ seq: String(number + 1), record: hospital.record(number) });
    if (batch.length < 5000 && number < hospital.studies - 1) continue;
    index.apply(batch, String(number + 1));
    batch = [];
    if (number % 50_000 === 49_999)
      console.log(`  ${number + 1} studies after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  console.log(
    `${hospital.studies - first} studies projected, ${((performance.now() - started) / (hospital.studies - first)).toFixed(3)} ms each`,
  );
}

interface Stream {
  index: QueryIndex;
  make: () => Query;
  limit: number;
}

/** Turn by turn, so that whatever else the machine does slows all alike. */
async function measure(streams: readonly Stream[]): Promise<Timing[]> {
  const samples = streams.map(() => ({ times: [] as number[], warmTimes: [] as number[], rows: 0 }));
  for (const { index, make, limit } of streams) for (let warm = 0; warm < 20; warm++) await make()(index, limit);
  const until = performance.now() + secondsPerKind * 1000 * streams.length;
  // Enough samples for a p95, whatever a query costs.
  while (performance.now() < until || (samples[0]?.times.length ?? 60) < 60) {
    for (const [number, { index, make, limit }] of streams.entries()) {
      const query = make();
      const runs: number[] = [];
      let answer: unknown;
      for (let run = 0; run < 3; run++) {
        const started = performance.now();
        answer = await query(index, limit);
        runs.push(performance.now() - started);
      }
      const sample = samples[number];
      if (!sample) continue;
      sample.times.push(runs[0] ?? 0);
      sample.warmTimes.push(Math.min(...runs));
      sample.rows = Math.max(sample.rows, rowsOf(answer));
    }
  }
  return samples.map(({ times, warmTimes, rows }) => ({
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    warmP95: quantile(warmTimes, 0.95),
    rows,
  }));
}

function rowsOf(answer: unknown): number {
  if (Array.isArray(answer)) return answer.length;
  return hasItems(answer) ? answer.items.length : 1;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

function hasItems(answer: unknown): answer is { items: unknown[] } {
  return typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items);
}

async function projectionCost(): Promise<void> {
  const index = new SqliteQueryIndex({ path: join(directory, 'ct.sqlite'), fetchRecords: async () => [] });
  const changes = ctStudy(10_000).map((record, number) => ({ seq: String(number), record }));
  const started = performance.now();
  for (let start = 0; start < changes.length; start += 500)
    index.apply(changes.slice(start, start + 500), String(start));
  console.log(
    `\napply, CT instances in batches of 500: ${((performance.now() - started) / changes.length).toFixed(4)} ms each`,
  );
  index.clear();
  const again = performance.now();
  for (let start = 0; start < 2000; start += 20) index.apply(changes.slice(start, start + 20), String(start));
  console.log(`apply, CT instances in batches of 20: ${((performance.now() - again) / 2000).toFixed(4)} ms each`);
  await index.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, `ct.sqlite${suffix}`), { force: true });
}

async function retrieveCost(): Promise<void> {
  for (const count of [500, 5000]) {
    const index = new SqliteQueryIndex({ path: ':memory:', fetchRecords: async () => [] });
    const records = ctStudy(count);
    index.apply(
      records.map((record, number) => ({ seq: String(number), record })),
      '1',
    );
    const StudyInstanceUID = records[0]?.StudyInstanceUID ?? '';
    const make = () => (one: QueryIndex) => one.instances({ StudyInstanceUID, scope });
    for (const { p50, p95 } of await measure([{ index, make, limit: LIMIT }])) {
      console.log(`instances() of a study of ${count}: p50 ${ms(p50)}  p95 ${ms(p95)}`);
    }
    await index.close();
  }
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`.padStart(11);
}
