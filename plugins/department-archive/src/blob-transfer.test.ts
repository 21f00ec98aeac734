import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { FilmlessError } from '@filmless/core/plugin';
import { InMemoryStorage } from '@filmless/core/testing';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Bandwidth } from './bandwidth.ts';
import { NodeBlobs } from './blob-transfer.ts';
import type { LinkReply, LinkRequest } from './link-client.ts';
import { PartialFiles } from './partial-files.ts';
import type { Peer } from './peers.ts';
import { streamThrough } from './stream-through.ts';

const small = Buffer.from('what was acquired');
const large = Buffer.alloc(9 * 1024 * 1024, small);
const nameOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const viewing = { priority: 'viewing' } as const;

/** A node that breaks off after so many bytes, as often as it is told. */
class OtherNode {
  readonly asked: string[] = [];
  readonly blobs: Buffer[] = [];
  breakOffAfter: number[] = [];
  isAway = false;
  isResetAtTheEnd = false;

  async request({ path, headers }: LinkRequest): Promise<LinkReply> {
    if (this.isAway) throw new FilmlessError('UNAVAILABLE');
    const range = headers?.['range'];
    this.asked.push(range ?? 'all');
    const blob = this.blobs.find((each) => path === `/blobs/${nameOf(each)}`);
    if (!blob) return { status: 404, headers: {}, body: Readable.from([]) };
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(range ?? '') ?? [];
    const bytes = blob.subarray(Number(from), to ? Number(to) + 1 : undefined);
    const given = this.breakOffAfter.shift();
    const whole = [bytes.subarray(0, given)].filter(({ length }) => length > 0);
    const body = Readable.from(this.isResetAtTheEnd ? thenReset(whole) : whole);
    return { status: range ? 206 : 200, headers: { 'content-length': `${bytes.length}` }, body };
  }
}

let folder: string;
let nodes: Record<string, OtherNode>;
let knownAt: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filmless-partial-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  nodes = { radiology: new OtherNode(), ultrasound: new OtherNode() };
  knownAt = ['radiology', 'ultrasound'];
});

async function blobs(): Promise<NodeBlobs> {
  return new NodeBlobs({
    holdings: {
      nodesWith: () => knownAt,
      sizeOf: (sha256) => (sha256 === nameOf(large) ? large.length : small.length),
    },
    bandwidth: new Bandwidth([]),
    partials: await PartialFiles.open(folder),
    peers: () =>
      Object.keys(nodes).map(
        (name): Peer => ({ name, role: 'department', address: '', fingerprint: '', joinedAt: '' }),
      ),
    linkTo: ({ name }) => nodes[name] ?? new OtherNode(),
  });
}
const node = (name: string) => nodes[name] ?? new OtherNode();

it('asks whoever has it, in turn', async () => {
  node('ultrasound').blobs.push(small);
  const stream = await (await blobs()).open(nameOf(small), undefined, viewing);
  expect(stream && (await buffer(stream))).toEqual(small);
  node('radiology').isAway = true;
  expect(
    await (await blobs()).open(nameOf(small), { start: 5, end: 8 }, viewing).then((each) => each && buffer(each)),
  ).toEqual(small.subarray(5, 8));
});

it('tells a blob that nobody has from one that cannot be had now, and does not ask who asks', async () => {
  expect(await (await blobs()).open(nameOf(small), undefined, viewing)).toBeUndefined();
  node('radiology').isAway = true;
  await expect((await blobs()).open(nameOf(small), undefined, viewing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const asking = { ...viewing, except: 'radiology' };
  expect(await (await blobs()).open(nameOf(small), undefined, asking)).toBeUndefined();
});

it('goes on where it stood when a transfer ends too early, at another node if need be', async () => {
  node('radiology').blobs.push(small);
  node('ultrasound').blobs.push(small);
  node('radiology').breakOffAfter = [4, 0, 6];
  const stream = await (await blobs()).open(nameOf(small), undefined, viewing);
  expect(stream && (await buffer(stream))).toEqual(small);
  expect(node('radiology').asked).toEqual(['all', 'bytes=4-', 'bytes=4-', 'bytes=10-']);
});

it('takes a stream that is reset after its last byte for what it is: whole', async () => {
  node('radiology').blobs.push(small);
  node('radiology').isResetAtTheEnd = true;
  const stream = await (await blobs()).open(nameOf(small), undefined, viewing);
  expect(stream && (await buffer(stream))).toEqual(small);
  expect(node('radiology').asked).toEqual(['all']);
});

it('gives up a transfer from which nothing comes any more', async () => {
  node('radiology').blobs.push(small);
  node('radiology').breakOffAfter = [4, 0, 0, 0, 0];
  knownAt = ['radiology'];
  const stream = await (await blobs()).open(nameOf(small), undefined, viewing);
  await expect(stream && buffer(stream)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('keeps what has come of a large blob over a restart, and nothing once it is whole', async () => {
  knownAt = ['radiology'];
  node('radiology').blobs.push(large);
  node('radiology').breakOffAfter = [5_000_000, 0, 0, 0, 0];
  const first = await (await blobs()).open(nameOf(large), undefined, viewing);
  await expect(first && buffer(first)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await readdir(folder)).toHaveLength(1);
  const before = node('radiology').asked.length;
  const second = await (await blobs()).open(nameOf(large), undefined, viewing);
  expect(second && nameOf(await buffer(second))).toBe(nameOf(large));
  expect(node('radiology').asked.slice(before)).toEqual(['bytes=5000000-']);
  expect(await readdir(folder)).toEqual([]);
});

it('hands bytes on and keeps them on the way; a full disk keeps nobody from seeing them', async () => {
  const kept: string[] = [];
  const through = (storage: InMemoryStorage, bytes: Buffer) =>
    buffer(
      streamThrough(Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]), {
        sha256: nameOf(small),
        storage,
        onKept: () => kept.push('kept'),
      }),
    );
  const storage = new InMemoryStorage();
  const full = new InMemoryStorage({ capacityBytes: 0 });
  onTestFinished(() => Promise.all([storage.close(), full.close()]).then(() => undefined));
  expect(await through(full, small)).toEqual(small);
  expect(kept).toEqual([]);
  await expect(through(storage, Buffer.from('something else'))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  expect(await storage.has(nameOf(small))).toBe(false);
  expect(await through(storage, small)).toEqual(small);
  expect(kept).toEqual(['kept']);
  expect(await storage.verify(nameOf(small))).toBe(true);
  for (const { stagingDirectory } of [storage, full]) expect(await readdir(stagingDirectory)).toEqual([]);
});

async function* thenReset(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
  throw new Error('Premature close');
}
