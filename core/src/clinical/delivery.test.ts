import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { InMemoryStorage } from '../../testing/in-memory-storage.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { systemClock } from '../clock.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, readInstanceHeader } from '../dicom/index.ts';
import type { ByteSource } from '../dicom/types.ts';
import { makeRecord } from '../ingest/make-record.ts';
import { ObjectDelivery } from './delivery.ts';
import { PatientOverlays } from './identity-overlays.ts';
import { PatientStore } from './patient-store.ts';

const BIG_ENDIAN = '1.2.840.10008.1.2.2';

async function readWhole(source: ByteSource, pieceBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < source.sizeBytes; at += pieceBytes)
    pieces.push(await source.read(at, Math.min(pieceBytes, source.sizeBytes - at)));
  return Buffer.concat(pieces);
}

async function setUp(transferSyntaxUID: string) {
  const [storage, catalogue] = [new InMemoryStorage(), new InMemoryCatalogue()];
  const patients = new PatientStore(catalogue.documents('patients'), systemClock);
  const identities = new PatientOverlays(patients);
  const delivery = new ObjectDelivery({ storage: () => storage, catalogue: () => catalogue, identities });
  const file = makeInstanceFile({ SOPInstanceUID: '2.25.11', PatientID: 'P2', transferSyntaxUID, pixelBytes: 70_000 });
  const directory = await mkdtemp(join(tmpdir(), 'filmless-delivery-'));
  const path = join(directory, 'file');
  await writeFile(path, file);
  const sha256 = createHash('sha256').update(file).digest('hex');
  const blob = await storage.adopt({ path, sha256, sizeBytes: file.length });
  await rm(directory, { recursive: true });
  const header = await readInstanceHeader(await storage.open(sha256));
  const record = makeRecord(header, blob, { via: 'dimse', name: 'CT' }, '2026-11-24T00:00:00.000Z');
  await catalogue.commit(record);
  return { file, patients, identities, delivery, record, storage };
}

describe.each([EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, BIG_ENDIAN])('an object in %s', (syntax) => {
  it('goes out as it came while nobody knows better', async () => {
    const { file, delivery, record } = await setUp(syntax);
    const object = await delivery.open(record);
    expect(object.overlaid).toBe(false);
    expect(Buffer.compare(await readWhole(object, 1000), file)).toBe(0);
    await object.close();
  });

  it('goes out under the identity that holds now, with all else and every pixel as it came', async () => {
    const { file, patients, identities, delivery, record, storage } = await setUp(syntax);
    await patients.register([{ id: 'P1', issuer: '' }], { name: 'ZHANG^SAN=张^三', birthDate: '19560914' }, 'his');
    await patients.merge({ id: 'P2', issuer: '' }, { id: 'P1', issuer: '' }, 'his');
    identities.changed({ patients: [], studies: [] });
    const object = await delivery.open(record);
    expect(object.overlaid).toBe(true);
    const whole = await readWhole(object, 777);
    expect(whole.length).toBe(object.sizeBytes);
    expect(Buffer.compare(whole, await readWhole(object, whole.length))).toBe(0);
    const read = await readInstanceHeader({
      sizeBytes: whole.length,
      read: async (offsetBytes, lengthBytes) => whole.subarray(offsetBytes, offsetBytes + lengthBytes),
    });
    expect(read.transferSyntaxUID).toBe(syntax);
    const {
      '00100010': name,
      '00100020': id,
      '00100030': birth,
      '00101002': others,
      '00080005': _,
      ...rest
    } = read.dataset;
    expect([name?.Value, id?.Value, birth?.Value]).toEqual([
      [{ Alphabetic: 'ZHANG^SAN', Ideographic: '张^三' }],
      ['P1'],
      ['19560914'],
    ]);
    expect(others?.Value).toMatchObject([{ '00100020': { Value: ['P2'] } }]);
    const { '00100010': _1, '00100020': _2, '00100030': _3, '00080005': _4, ...before } = record.dataset;
    expect(rest).toEqual(before);
    const pixels = (dataset: typeof read) => dataset.bulkData.find(({ path }) => path === '7FE00010');
    const [stored, delivered] = [pixels(record as unknown as typeof read), pixels(read)];
    const at = (bytes: Buffer, item: typeof stored) =>
      bytes.subarray(item?.offsetBytes ?? 0, (item?.offsetBytes ?? 0) + (item?.lengthBytes ?? 0));
    expect(stored?.lengthBytes).toBe(70_000);
    expect(Buffer.compare(at(whole, delivered), at(file, stored))).toBe(0);
    await object.close();
    // What came can still be had.
    expect(Buffer.compare(await readWhole(await storage.open(record.sha256), 4096), file)).toBe(0);
  });
});
