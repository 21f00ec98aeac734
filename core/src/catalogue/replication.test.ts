import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeInstanceRecord, until } from '../../testing/index.ts';
import { FilmlessError } from '../errors.ts';
import type { InstanceRecord } from './contract.ts';
import { Following } from './following.ts';
import { PouchCatalogue } from './pouch-catalogue.ts';
import { PouchReplication } from './replication.ts';
import type { ReplicationTarget } from './replication-contract.ts';

let folder: string;
let department: PouchCatalogue;
let centre: PouchCatalogue;
let following: Following;
let stopping: AbortController;
let sending: Promise<void>[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-replication-'));
  department = await PouchCatalogue.open({ location: join(folder, 'department') });
  following = new Following(join(folder, 'following'));
  centre = await PouchCatalogue.open({
    location: join(folder, 'centre'),
    mayWrite: (namespace) => following.mayWrite(namespace),
  });
  stopping = new AbortController();
  sending = [];
});

afterEach(async () => {
  stopping.abort();
  await Promise.all(sending);
  await department.close();
  await centre.close();
  await rm(folder, { recursive: true });
});

const replicationOf = (catalogue: PouchCatalogue) => new PouchReplication(catalogue, following);
const targetOf = (receive: (records: readonly InstanceRecord[]) => Promise<void>): ReplicationTarget =>
  replicationOf(centre).target({ databases: ['instances', 'reports'], receive });

/** The link between the nodes, without a network. */
const linkTo =
  (target: ReplicationTarget) =>
  async (url: string | URL | Request, options: RequestInit = {}) => {
    const path = decodeURIComponent(new URL(String(url)).pathname.replace(/^\/db\//, '').replace(/\/$/, ''));
    const body: unknown = options.body ? JSON.parse(String(options.body)) : undefined;
    const reply = await target.handle(options.method ?? 'GET', path, body);
    return Response.json(reply.body, { status: reply.status });
  };

const send = (database: string, target: ReplicationTarget, fetch = linkTo(target)) => {
  const url = `https://centre.invalid/db/${database}`;
  sending.push(replicationOf(department).send({ database, url, fetch, signal: stopping.signal }));
};

const uidsOf = (records: readonly InstanceRecord[]) => records.map(({ SOPInstanceUID }) => SOPInstanceUID);

it('sends what is there and what comes, and nothing but instances', async () => {
  const came: InstanceRecord[] = [];
  const target = targetOf(async (records) => void came.push(...records));
  const [first, second] = [makeInstanceRecord('1.1'), makeInstanceRecord('1.2')];
  await department.commit(first);
  send('instances', target);
  await until(() => came.length === 1);
  await department.commit(second);
  await until(() => came.length === 2);
  expect(came).toEqual([first, second]);
});

it('goes on by itself after the other side failed, and loses nothing', async () => {
  const came = new Set<string>();
  let failures = 2;
  const target = targetOf(async (records) => {
    if (failures-- > 0) throw new FilmlessError('UNAVAILABLE');
    for (const uid of uidsOf(records)) came.add(uid);
  });
  for (const number of [1, 2, 3]) await department.commit(makeInstanceRecord(`1.${number}`));
  send('instances', target);
  await until(() => came.size === 3);
  expect(failures).toBeLessThan(0);
});

it('keeps revisions of documents, and tells who listens', async () => {
  const reports = centre.documents('reports');
  let told = 0;
  const listening = reports.onChange(() => void told++);
  const { rev } = await department.documents('reports').put('one', { text: 'first' });
  send(
    'reports',
    targetOf(async () => undefined),
  );
  await until(async () => (await reports.get('one')) !== undefined);
  expect(await reports.get('one')).toEqual({ text: 'first', rev });
  await department.documents('reports').put('one', { text: 'second' }, rev);
  await until(async () => (await reports.get<{ text: string }>('one'))?.text === 'second');
  expect(told).toBeGreaterThan(0);
  await listening.dispose();
});

it('refuses databases that are not offered', async () => {
  const target = targetOf(async () => undefined);
  for (const path of ['patients', 'security', 'plugin-retention', '']) {
    await expect(target.handle('GET', path, undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  await expect(target.handle('DELETE', 'instances', undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('gives documents to who keeps copies, and takes them again on another node', async () => {
  const reports = department.documents('reports');
  let told = 0;
  const replication = replicationOf(department);
  const listening = replication.onDocuments('reports', () => void told++);
  const { rev } = await reports.put('one', { text: 'first' });
  await reports.put('one', { text: 'second' }, rev);
  const other = await reports.put('two', { text: 'gone' });
  await reports.remove('two', other.rev);
  await until(() => told > 0);

  const { documents, lastSeq } = await replication.documents('reports', '', 10);
  expect(documents.map(({ document }) => document === null)).toEqual([false, true]);
  expect(await replication.documents('reports', lastSeq, 10)).toEqual({ documents: [], lastSeq });

  const docs = documents.flatMap(({ document }) => (document ? [document] : []));
  const target = targetOf(async () => undefined);
  await target.handle('POST', 'reports/_bulk_docs', { docs, new_edits: false });
  expect(await centre.documents('reports').get('one')).toEqual(await reports.get('one'));
  await expect(replication.documents('security', '', 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(() => replication.onDocuments('security', () => undefined)).toThrow();
  await listening.dispose();
});

it('writes no clinical document of its own while it follows another node, also after a restart', async () => {
  await replicationOf(centre).follow(true);
  const reports = centre.documents('reports');
  await expect(reports.put('one', { text: 'own' })).rejects.toMatchObject({ code: 'KEPT_ELSEWHERE' });
  const { rev } = await department.documents('reports').put('one', { text: 'of the other node' });
  send(
    'reports',
    targetOf(async () => undefined),
  );
  await until(async () => (await reports.get('one')) !== undefined);
  await expect(reports.remove('one', rev)).rejects.toMatchObject({ code: 'KEPT_ELSEWHERE' });
  await centre.documents('security').put('account', { name: 'its own' });

  following = new Following(join(folder, 'following'));
  expect(following.isFollowing).toBe(true);
  await expect(reports.put('two', {})).rejects.toMatchObject({ code: 'KEPT_ELSEWHERE' });
  await replicationOf(centre).follow(false);
  await reports.put('two', {});
  expect(new Following(join(folder, 'following')).isFollowing).toBe(false);
});
