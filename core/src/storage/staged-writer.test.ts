import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEAD_BYTES, StagedWriter } from './staged-writer.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filmless-staged-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.each([{ sync: true }, { sync: false }])('StagedWriter, sync: $sync', ({ sync }) => {
  it('writes prefix and chunks in order, with hash, size and head of the whole', async () => {
    const prefix = randomBytes(300);
    const chunks = [randomBytes(10), randomBytes(HEAD_BYTES), randomBytes(100_000), randomBytes(1)];
    const writer = await StagedWriter.open(directory, { prefix, sync });
    for (const chunk of chunks) await writer.write(chunk);
    const staged = await writer.finish();
    const whole = Buffer.concat([prefix, ...chunks]);
    expect(Buffer.compare(await readFile(staged.path), whole)).toBe(0);
    expect(staged.sha256).toBe(sha256(whole));
    expect(staged.sizeBytes).toBe(whole.length);
    expect(Buffer.compare(writer.head, whole.subarray(0, HEAD_BYTES))).toBe(0);
  });

  it('lets the caller reuse its buffer once the write has ended', async () => {
    const writer = await StagedWriter.open(directory, { sync });
    const buffer = Buffer.alloc(50_000);
    const expected: Buffer[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      randomBytes(buffer.length).copy(buffer);
      expected.push(Buffer.from(buffer));
      await writer.write(buffer);
      buffer.fill(0);
    }
    const staged = await writer.finish();
    expect(staged.sha256).toBe(sha256(Buffer.concat(expected)));
    expect(Buffer.compare(await readFile(staged.path), Buffer.concat(expected))).toBe(0);
    expect(Buffer.compare(writer.head, Buffer.concat(expected).subarray(0, HEAD_BYTES))).toBe(0);
  });

  it('keeps the order of writes that were not awaited', async () => {
    const chunks = Array.from({ length: 20 }, () => randomBytes(3000));
    const writer = await StagedWriter.open(directory, { sync });
    const writes = chunks.map((chunk) => writer.write(chunk));
    await Promise.all(writes);
    const staged = await writer.finish();
    expect(staged.sha256).toBe(sha256(Buffer.concat(chunks)));
    expect(Buffer.compare(await readFile(staged.path), Buffer.concat(chunks))).toBe(0);
  });

  it('leaves nothing behind when aborted, even twice or with a write under way', async () => {
    const writer = await StagedWriter.open(directory, { sync });
    const write = Promise.resolve(writer.write(randomBytes(500_000)));
    await writer.abort();
    await writer.abort();
    await write;
    expect(await readdir(directory)).toEqual([]);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('keeps the file when aborted after finish', async () => {
    const writer = await StagedWriter.open(directory, { sync });
    await writer.write(Buffer.from('whole'));
    const staged = await writer.finish();
    await writer.abort();
    expect(await readFile(staged.path, 'utf8')).toBe('whole');
  });

  it('stages an empty object', async () => {
    const staged = await (await StagedWriter.open(directory, { sync })).finish();
    expect(staged).toMatchObject({ sizeBytes: 0, sha256: sha256(Buffer.alloc(0)) });
  });

  it('says STORAGE_FAILED when the staging folder is gone', async () => {
    await expect(StagedWriter.open(join(directory, 'absent'), { sync })).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
  });
});
