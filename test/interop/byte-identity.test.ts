import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, demoStudies, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { until } from '@filmless/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes } from '../tools/data-set-bytes.ts';
import { dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import {
  fetchByGet,
  fetchByMove,
  fetchOverWeb,
  notFoundByFind,
  type StoredInstance,
} from '../tools/fetch-every-way.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { metaValue } from '../tools/received-files.ts';
import { type StorageReceiver, startStorageReceiver } from '../tools/storage-receiver.ts';
import { searchInstances } from '../tools/web-retrieve.ts';

/** Forms that DCMTK writes a phantom slice in: transfer syntaxes, and ways to encode lengths. */
const FORMS = [
  { program: 'dcmconv', args: ['+ti'], transferSyntaxUID: '1.2.840.10008.1.2' },
  { program: 'dcmconv', args: ['+tb'], transferSyntaxUID: '1.2.840.10008.1.2.2' },
  { program: 'dcmconv', args: ['+td'], transferSyntaxUID: '1.2.840.10008.1.2.1.99' },
  { program: 'dcmconv', args: ['+te', '-e', '+g'], transferSyntaxUID: '1.2.840.10008.1.2.1' },
  { program: 'dcmcjpeg', args: ['+e1'], transferSyntaxUID: '1.2.840.10008.1.2.4.70' },
  { program: 'dcmcjpls', args: [], transferSyntaxUID: '1.2.840.10008.1.2.4.80' },
  { program: 'dcmcrle', args: [], transferSyntaxUID: '1.2.840.10008.1.2.5' },
] as const;

describe.skipIf(!hasDcmtk)('phantoms come back as they were stored (left out without DCMTK)', () => {
  let node: NodeProcess;
  let receiver: StorageReceiver;
  let work: string;
  /** Sent over STOW-RS. */
  const posted: StoredInstance[] = [];
  /** Sent by DCMTK; their data sets are what its own storescp wrote down. */
  const sent: StoredInstance[] = [];
  const all = () => [...posted, ...sent];

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'filmless-identity-'));
    receiver = await startStorageReceiver({ aeTitle: 'RECEIVER' });
    const device = { aeTitle: 'RECEIVER', address: '127.0.0.1', port: receiver.port };
    node = await startNode({ config: { plugins: { dimse: { devices: [device] } } } });
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await receiver?.stop();
    await rm(work, { recursive: true, force: true });
  });

  const instanceOf = (phantom: PhantomInstance, file: Buffer): StoredInstance => ({
    ...phantom,
    name: `${phantom.Modality} ${phantom.SOPInstanceUID}`,
    transferSyntaxUID: metaValue(file, 0x0010),
    dataSet: dataSetBytes(file),
  });

  it('takes studies of every modality over STOW-RS', async () => {
    const parts: Buffer[] = [];
    for (const { instances } of demoStudies({ today: '20260301', isSmall: true })) {
      for await (const phantom of instances()) {
        const file = Buffer.from(phantom.bytes);
        posted.push(instanceOf(phantom, file));
        parts.push(Buffer.from('--part\r\nContent-Type: application/dicom\r\n\r\n'), file, Buffer.from('\r\n'));
      }
    }
    const response = await node.fetch('/dicom-web/studies', {
      method: 'POST',
      headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=part' },
      body: Buffer.concat([...parts, Buffer.from('--part--\r\n')]),
    });
    expect(response.status).toBe(200);
    const result = (await response.json()) as Record<string, { Value: unknown[] } | undefined>;
    expect(result['00081199']?.Value).toHaveLength(posted.length);
    expect(result['00081198']).toBeUndefined();
  });

  it('takes every form DCMTK sends', async () => {
    const files: string[] = [];
    const slices = new Map<string, PhantomInstance>();
    const folder = join(work, 'forms');
    await mkdir(folder);
    let form = 0;
    for await (const slice of ctSlices({
      study: phantomStudy({ seed: 'identity-forms' }),
      rows: 64,
      count: FORMS.length,
    })) {
      const { program, args, transferSyntaxUID } = FORMS[form++]!;
      const plain = join(work, 'plain.dcm');
      await writeFile(plain, slice.bytes);
      const file = join(folder, `${form}.dcm`);
      expect(await dcmtk(program, [...args, plain, file])).toMatchObject({ code: 0 });
      expect(metaValue(await readFile(file), 0x0010)).toBe(transferSyntaxUID);
      files.push(file);
      slices.set(slice.SOPInstanceUID, slice);
    }
    const send = (port: number) =>
      dcmtk('dcmsend', ['-v', '-dn', '-aec', node.aeTitle, '127.0.0.1', String(port), ...files]);
    expect(await send(receiver.port)).toMatchObject({ code: 0 });
    const reference = await receiver.received();
    expect([...reference.keys()].sort()).toEqual([...slices.keys()].sort());
    for (const [uid, file] of reference) sent.push(instanceOf(slices.get(uid)!, file));
    expect(new Set(sent.map(({ transferSyntaxUID }) => transferSyntaxUID)).size).toBe(FORMS.length);
    expect(await send(node.dicomPort)).toMatchObject({ code: 0 });
    await until(async () => (await searchInstances(node)).length >= all().length);
  });

  it('finds all of them over QIDO-RS and with C-FIND', async () => {
    expect((await searchInstances(node)).map(({ SOPInstanceUID }) => SOPInstanceUID).sort()).toEqual(
      all()
        .map(({ SOPInstanceUID }) => SOPInstanceUID)
        .sort(),
    );
    expect(await notFoundByFind(node, all())).toEqual([]);
  });

  it('gives all of them over WADO-RS, C-MOVE and C-GET, byte for byte', async () => {
    const count = all().length;
    expect(await fetchOverWeb(node, all())).toEqual({ identical: count, padded: 0, wrong: [] });
    expect(await fetchByMove(node, receiver, all())).toEqual({ identical: count, padded: 0, wrong: [] });
    // Implicit and big endian: getscu never proposes them alone.
    expect(await fetchByGet(node, all(), [])).toEqual({
      identical: count,
      padded: 0,
      wrong: [],
      byGetscu: count - 2,
      byExactPeer: 2,
    });
    console.info(
      `phantoms: ${posted.length} over STOW-RS, ${sent.length} over C-STORE in ${FORMS.length} forms; all found, and fetched three ways`,
    );
  });
});
