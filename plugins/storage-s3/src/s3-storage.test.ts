import { randomBytes } from 'node:crypto';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, stage, storageContract, until } from '@filmless/core/testing';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { configSchema } from './config.ts';
import { S3Storage } from './s3-storage.ts';

const KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const server = createServer();
let directory: string;
let answer: RequestListener;
let prefixes = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filmless-s3-'));
  const store = new S3rver({
    directory: join(directory, 'store'),
    silent: true,
    configureBuckets: [{ name: 'images' }],
  });
  await store.configureBuckets();
  answer = store.callback();
  server.on('request', answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

async function open(overrides: { prefix?: string; bucket?: string; credentials?: typeof KEYS } = {}) {
  prefixes += 1;
  const settings = {
    bucket: 'images',
    prefix: `node${prefixes}`,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: KEYS,
    freeSpaceFloorGiB: 0,
    maxAttempts: 2,
    ...overrides,
  };
  return S3Storage.open({
    config: { ...configSchema.parse(settings), bucket: settings.bucket },
    stagingDirectory: join(directory, `staging${prefixes}`),
    onProblem: () => undefined,
  });
}

async function opened(overrides: Parameters<typeof open>[0] = {}) {
  const storage = await open(overrides);
  onTestFinished(() => storage.close());
  return storage;
}

storageContract('S3', () => open());

describe('S3 storage', () => {
  it('keeps an object that goes in parts', async () => {
    const storage = await opened();
    const bytes = randomBytes(20 * 1024 * 1024 + 7);
    const { sha256 } = await storage.adopt(await stage(storage, bytes));
    expect(await storage.verify(sha256)).toBe(true);
    const end = await collect(await storage.stream(sha256, { start: bytes.length - 9, end: bytes.length }));
    expect(end).toEqual(bytes.subarray(-9));
  });

  it.each([1000, 20 * 1024 * 1024])('does not keep %i staged bytes that are not those of their hash', async (size) => {
    const storage = await opened();
    const staged = { ...(await stage(storage, randomBytes(size))), sha256: 'a'.repeat(64) };
    await expect(storage.adopt(staged)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await storage.has(staged.sha256)).toBe(false);
  });

  it('shows two nodes with one prefix the same blobs', async () => {
    const one = await opened({ prefix: 'shared' });
    const other = await opened({ prefix: 'shared' });
    const bytes = randomBytes(3000);
    const { sha256 } = await one.adopt(await stage(one, bytes));
    expect(await collect(await other.stream(sha256))).toEqual(bytes);
  });

  it('can be looked at when there are objects', async () => {
    const storage = await opened();
    for (let count = 0; count < 3; count += 1) await storage.adopt(await stage(storage, randomBytes(100)));
    await storage.check();
  });

  it('opens and reads a slice with one request, and what is longer with few', async () => {
    const storage = await opened();
    const slice = randomBytes(530_000);
    const long = randomBytes(3 * 1024 * 1024);
    const small = (await storage.adopt(await stage(storage, slice))).sha256;
    const large = (await storage.adopt(await stage(storage, long))).sha256;
    let requests = 0;
    // Not those of the count of all blobs after the start.
    const count: RequestListener = ({ url }) => {
      if (url?.includes(small) || url?.includes(large)) requests += 1;
    };
    server.on('request', count);
    onTestFinished(() => void server.off('request', count));

    const opening = await storage.open(small);
    expect(Buffer.from(await opening.read(0, 65_536))).toEqual(slice.subarray(0, 65_536));
    expect(Buffer.from(await opening.read(60_000, 600_000))).toEqual(slice.subarray(60_000));
    expect(requests).toBe(1);

    const further = await storage.open(large);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < long.length; at += 65_536) parts.push(await further.read(at, 65_536));
    expect(Buffer.concat(parts).equals(long)).toBe(true);
    expect(requests).toBe(4);
  });

  it('counts the blobs when the store is back, if it was away at the start', async () => {
    const before = await opened({ prefix: 'away' });
    await before.adopt(await stage(before, randomBytes(700)));
    const away: RequestListener = (request) => request.socket.destroy();
    server.off('request', answer).on('request', away);
    let storage: S3Storage;
    try {
      storage = await opened({ prefix: 'away' });
      expect(await storage.usage()).toMatchObject({ blobCount: 0, counting: true });
    } finally {
      server.off('request', away).on('request', answer);
    }
    await until(async () => (await storage.usage()).counting === false);
    expect(await storage.usage()).toMatchObject({ blobCount: 1, usedByBlobsBytes: 700 });
  });

  it('loses nothing while the store is away, says so, and goes on when it is back', async () => {
    const storage = await opened();
    const staged = await stage(storage, randomBytes(500));
    const away: RequestListener = (request) => request.socket.destroy();
    server.off('request', answer).on('request', away);
    try {
      await expect(storage.adopt(staged)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(storage.has(staged.sha256)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await access(staged.path);
    } finally {
      server.off('request', away).on('request', answer);
    }
    await storage.adopt(staged);
    expect(await storage.verify(staged.sha256)).toBe(true);
  });

  it('names a wrong secret at the start', async () => {
    const wrong: RequestListener = (_request, response) => {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>');
    };
    server.off('request', answer).on('request', wrong);
    try {
      await expect(open()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        detail: expect.stringMatching(/storage-s3\.credentials.*SignatureDoesNotMatch/),
      });
    } finally {
      server.off('request', wrong).on('request', answer);
    }
  });

  it('names wrong credentials and a wrong bucket at the start, without the secret', async () => {
    // s3rver looks at the key id alone: it does not compute signatures of version 4.
    const credentials = { accessKeyId: 'NOBODY', secretAccessKey: 'not-the-secret' };
    const refused = await open({ credentials }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringContaining('storage-s3.credentials'),
    });
    expect(String(refused)).not.toContain('not-the-secret');
    await expect(open({ bucket: 'absent' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringContaining('storage-s3.bucket'),
    });
  });
});
