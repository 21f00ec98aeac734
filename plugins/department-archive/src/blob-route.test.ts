import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { FilmlessError, StagedWriter } from '@filmless/core/plugin';
import { InMemoryStorage } from '@filmless/core/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveBlob } from './blob-route.ts';
import type { Role } from './config.ts';
import type { LinkAnswer } from './link-server.ts';

const bytes = Buffer.from('what was acquired');
const sha256 = createHash('sha256').update(bytes).digest('hex');
let storage: InMemoryStorage;
/** What the department answers the centre. */
let elsewhere: () => Readable | undefined;
let asked: string[];
let here: string[];

beforeEach(() => {
  storage = new InMemoryStorage();
  elsewhere = () => undefined;
  asked = [];
  here = [];
});
afterEach(() => storage.close());

function give(role: Role, range?: string): Promise<LinkAnswer> {
  const parts = {
    storage,
    holdings: { sizeOf: () => bytes.length, setState: (hash: string, state: string) => here.push(`${hash} ${state}`) },
    blobs: {
      open: async (_: string, part: object | undefined, { except = '' }: { except?: string | undefined }) => {
        asked.push(`${part ? 'part' : 'all'} except ${except}`);
        return elsewhere();
      },
    },
  };
  const call = { headers: { ...(range && { range }) }, signal: new AbortController().signal };
  const peer = { name: `a ${role}`, role, address: '', fingerprint: '', joinedAt: '' };
  return giveBlob(parts, call as never, peer, sha256);
}
const bodyOf = async ({ body }: LinkAnswer) => (body instanceof Readable ? String(await buffer(body)) : undefined);

async function keep(): Promise<void> {
  const writer = await StagedWriter.open(storage.stagingDirectory);
  await writer.write(bytes);
  await storage.adopt(await writer.finish());
}

it('gives what is here, whole or in part', async () => {
  await keep();
  const whole = await give('centre');
  expect(whole.headers).toMatchObject({ 'content-length': '17' });
  expect(await bodyOf(whole)).toBe(String(bytes));
  const part = await give('gateway', 'bytes=5-7');
  expect(part).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 5-7/17', 'content-length': '3' } });
  expect(await bodyOf(part)).toBe('was');
  await expect(give('gateway', 'bytes=17-')).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
});

it('asks no other node for the centre, which asks each of them itself', async () => {
  await expect(give('centre')).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  expect(asked).toEqual([]);
});

it('hands through to a gateway what a department has, and keeps it', async () => {
  elsewhere = () => Readable.from([bytes]);
  expect(await bodyOf(await give('gateway'))).toBe(String(bytes));
  expect(asked).toEqual(['all except a gateway']);
  expect(here).toEqual([`${sha256} here`]);
  expect(await storage.verify(sha256)).toBe(true);
});

it('hands a part through and keeps nothing of it', async () => {
  elsewhere = () => Readable.from([bytes.subarray(5)]);
  expect(await bodyOf(await give('gateway', 'bytes=5-'))).toBe('was acquired');
  expect(asked).toEqual(['part except a gateway']);
  expect(await storage.has(sha256)).toBe(false);
});

it('tells what nobody has from what cannot be had now', async () => {
  await expect(give('gateway')).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  const away = async () => {
    throw new FilmlessError('UNAVAILABLE');
  };
  Object.assign(storage, { fetch: away });
  elsewhere = () => {
    throw new FilmlessError('UNAVAILABLE');
  };
  await expect(give('gateway')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
