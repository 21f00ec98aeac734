import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { makeInstanceRecord } from '@filmless/core/testing';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CatalogueEntry,
  cataloguePath,
  DiskReader,
  decodeEntry,
  decodeManifestLine,
  decrypted,
  encodeEntry,
  encodeManifestLine,
  encrypted,
  type Marker,
  manifestPath,
  objectFolder,
  objectPath,
} from './index.ts';

const marker: Marker = {
  version: 1,
  id: '8d8b8f2e-6b0e-4c54-9d0e-6f2f0f0a7f11',
  label: '备份 A1',
  set: 'A',
  node: { id: 'node', name: 'Centre' },
  createdAt: '2026-11-24T08:00:00.000Z',
  encryption: 'none',
};
const record = makeInstanceRecord('1.2.3', '', {
  dataset: { '30060010': { vr: 'SQ', Value: [] }, '00100010': { vr: 'PN', Value: [{ Ideographic: '\u5f20^\u4e09' }] } },
});
const entry: CatalogueEntry = {
  kind: 'instance',
  path: 'DICOM/2026/0101/PAAAAAAA/SAAAAAAA/RAAAAAAA/IAAAAAAA',
  storedSha256: 'a'.repeat(64),
  storedBytes: 1000,
  copiedAt: '2026-11-24T08:00:00.000Z',
  record,
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'filmless-disk-'));
});
afterEach(() => rm(root, { recursive: true }));

async function writeDisk(catalogue: string, manifest = ''): Promise<void> {
  await writeFile(join(root, 'FILMLESS.json'), JSON.stringify(marker));
  for (const folder of ['CATALOG', 'MANIFEST']) await mkdir(join(root, folder));
  await writeFile(join(root, cataloguePath('2026-11-24')), catalogue);
  await writeFile(join(root, manifestPath('2026-11-24')), manifest);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('paths', () => {
  it('are File IDs', () => {
    const path = objectPath(objectFolder(record, 'secret'), record.sha256);
    const parts = path.split('/');
    expect(parts.length).toBeLessThanOrEqual(8);
    for (const part of parts) expect(part).toMatch(/^[A-Z0-9_]{1,8}$/);
  });

  it('keep a study together, by its own day or that of its arrival', () => {
    const dated = { ...record, dataset: { ...record.dataset, '00080020': { vr: 'DA', Value: ['20251231'] } } };
    expect(objectFolder(dated, 'secret').day).toBe('20251231');
    expect(objectFolder(record, 'secret').day).toBe('20260101');
    expect(objectFolder({ ...dated, SeriesInstanceUID: '9' }, 'secret').study).toBe(
      objectFolder(dated, 'secret').study,
    );
  });

  it('do not tell a Patient ID to who tries them', () => {
    expect(objectFolder(record, 'one').patient).not.toBe(objectFolder(record, 'another').patient);
  });

  it('give another name when one is taken', () => {
    const folder = objectFolder(record, 'secret');
    expect(objectPath(folder, record.sha256, { attempt: 1 })).not.toBe(objectPath(folder, record.sha256));
  });
});

describe('lines', () => {
  it('come back as they were', () => {
    expect(decodeEntry(encodeEntry(entry).trimEnd())).toEqual(entry);
    const line = { sha256: 'b'.repeat(64), path: entry.path };
    expect(decodeManifestLine(encodeManifestLine(line).trimEnd())).toEqual(line);
  });

  it('tell a changed or cut one', () => {
    const line = encodeEntry(entry).trimEnd();
    expect(decodeEntry(line.replace('"1.2.3"', '"1.2.4"'))).toBeUndefined();
    expect(decodeEntry(line.slice(0, -10))).toBeUndefined();
    expect(decodeManifestLine('abc  DICOM/X')).toBeUndefined();
  });
});

describe('a disk', () => {
  it('gives its entries and says where one is damaged', async () => {
    const line = encodeEntry(entry);
    await writeDisk(line + line.replace('1.2.3', '1.2.4') + line.slice(0, 40));
    const disk = await DiskReader.open(root);
    expect(await all(disk.entries())).toEqual([
      entry,
      { damaged: { file: 'CATALOG/2026-11-24.ndjson', line: 2 } },
      { damaged: { file: 'CATALOG/2026-11-24.ndjson', line: 3 } },
    ]);
  });

  it('is none without its marker', async () => {
    await expect(DiskReader.open(root)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await writeFile(join(root, 'FILMLESS.json'), '{');
    await expect(DiskReader.open(root)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not lead out of itself', async () => {
    await writeDisk('');
    const disk = await DiskReader.open(root);
    expect(() => disk.stored('../secret')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => disk.stored('DICOM/../../secret')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});

describe('encryption', () => {
  it('is read with the key of the hospital and with no other', async () => {
    const identity = await generateX25519Identity();
    const content = Buffer.alloc(300_000, 'pixels');
    const stored = await buffer(await encrypted(Readable.from([content]), await identityToRecipient(identity)));
    expect(stored.includes('pixels')).toBe(false);
    expect(await buffer(await decrypted(Readable.from([stored]), [identity]))).toEqual(content);
    const another = await generateX25519Identity();
    await expect(decrypted(Readable.from([stored]), [another])).rejects.toMatchObject({ code: 'KEY_DOES_NOT_FIT' });
  });
});
