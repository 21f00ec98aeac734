import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ctSlices, dxChest, endoscopyStills, mrBrain, xaRun } from '@filmless/core/phantoms';
import { type InstanceRecord, readInstanceHeader, sourceOfBytes } from '@filmless/core/plugin';
import { expect, it, onTestFinished } from 'vitest';
import { CodecThread } from '../plugins/retention/src/compact/codec-thread.ts';
import { compressible } from '../plugins/retention/src/compact/compact-file.ts';
import { Shelf } from '../plugins/retention/src/shelf.ts';

async function openShelf() {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-shelf-'));
  const codec = new CodecThread();
  onTestFinished(async () => {
    await codec.close();
    await rm(directory, { recursive: true });
  });
  return { shelf: new Shelf(directory, codec), directory };
}

type Kept = Pick<InstanceRecord, 'sha256' | 'dataset' | 'bulkData' | 'transferSyntaxUID' | 'sizeBytes'>;

async function recordOf(bytes: Uint8Array): Promise<Kept> {
  const header = await readInstanceHeader(sourceOfBytes(bytes));
  return { ...header, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const all = (stream: Readable | undefined): Promise<Buffer> => buffer(stream ?? Readable.from([]));

async function first(instances: AsyncIterable<{ bytes: Uint8Array }>): Promise<Uint8Array> {
  for await (const { bytes } of instances) return bytes;
  throw new Error('no instance');
}

it.each([
  ['CT', () => ctSlices({ count: 1 })],
  ['MR', () => mrBrain()],
  ['DX', () => dxChest({ rows: 480, columns: 400 })],
  ['XA, many frames', () => xaRun()],
  ['endoscopy', () => endoscopyStills()],
])('gives the original back bit for bit: %s', async (_, make) => {
  const bytes = await first(make());
  const record = await recordOf(bytes);
  const { shelf } = await openShelf();
  const taken = await shelf.put(sourceOfBytes(bytes), record, { compact: 'if-smaller' });
  if (compressible(record)) expect(taken).toBeLessThan(bytes.length * 0.95);
  const whole = await shelf.stream(record.sha256);
  expect(Buffer.compare(await all(whole), bytes)).toBe(0);
  const ranges = [
    [0, 10],
    [bytes.length - 3, bytes.length],
    [bytes.length >> 2, bytes.length >> 1],
  ] as const;
  for (const [start, end] of ranges) {
    const part = await shelf.stream(record.sha256, { start, end });
    expect(Buffer.compare(await all(part), bytes.subarray(start, end))).toBe(0);
  }
  expect(await shelf.verify(record.sha256)).toBe(true);
});

it('keeps bits that the data set does not speak of, and what follows the pixels', async () => {
  const bytes = Buffer.concat([await first(ctSlices({ count: 1 })), Buffer.from('behind the data set')]);
  const record = await recordOf(bytes);
  const at = record.bulkData.find(({ path }) => path === '7FE00010')?.offsetBytes ?? 0;
  for (let sample = 0; sample < 4000; sample += 1) bytes.writeUInt16LE((sample * 40_503) & 0xffff, at + sample * 2);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { shelf } = await openShelf();
  expect(await shelf.put(sourceOfBytes(bytes), { ...record, sha256 }, { compact: 'only' })).toBeLessThan(bytes.length);
  expect(Buffer.compare(await all(await shelf.stream(sha256)), bytes)).toBe(0);
});

it('finds a damaged copy, writes it again, and takes no other bytes than those named', async () => {
  const bytes = await first(ctSlices({ count: 1 }));
  const record = await recordOf(bytes);
  const { shelf, directory } = await openShelf();
  await shelf.put(sourceOfBytes(bytes), record, { compact: 'only' });
  const path = join(directory, record.sha256.slice(0, 3), `${record.sha256}.compact`);
  await truncate(path, (await stat(path)).size - 100);
  expect(await shelf.verify(record.sha256)).toBe(false);
  await shelf.put(sourceOfBytes(bytes), record, { compact: 'only' });
  expect(await shelf.verify(record.sha256)).toBe(true);
  const other = { ...record, sha256: 'ab'.repeat(32) };
  await expect(shelf.put(sourceOfBytes(bytes), other, { compact: 'if-smaller' })).rejects.toMatchObject({
    code: 'BLOB_CORRUPT',
  });
  expect(await readdir(join(directory, 'aba'))).toEqual([]);
  expect(await shelf.has(other.sha256)).toBe(false);
});
