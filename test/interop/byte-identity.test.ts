import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, demoStudies, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes } from '../tools/data-set-bytes.ts';
import { dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { eventually } from '../tools/eventually.ts';
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

/**
 * Forms that DCMTK writes a phantom slice in, and how they reach the node. dcmsend and storescu turn big endian into little endian on the way;
 * storescu keeps Implicit VR when it proposes nothing else.
 */
const FORMS = [
  { program: 'dcmconv', args: ['+tb'], transferSyntaxUID: '1.2.840.10008.1.2.2', by: 'STOW-RS' },
  { program: 'dcmconv', args: ['+ti'], transferSyntaxUID: '1.2.840.10008.1.2', by: 'storescu' },
  { program: 'dcmconv', args: ['+td'], transferSyntaxUID: '1.2.840.10008.1.2.1.99', by: 'dcmsend' },
  { program: 'dcmconv', args: ['+te', '-e', '+g'], transferSyntaxUID: '1.2.840.10008.1.2.1', by: 'dcmsend' },
  { program: 'dcmcjpeg', args: ['+e1'], transferSyntaxUID: '1.2.840.10008.1.2.4.70', by: 'dcmsend' },
  { program: 'dcmcjpls', args: [], transferSyntaxUID: '1.2.840.10008.1.2.4.80', by: 'dcmsend' },
  { program: 'dcmcrle', args: [], transferSyntaxUID: '1.2.840.10008.1.2.5', by: 'dcmsend' },
] as const;

describe.skipIf(!hasDcmtk)(
  'phantoms come back as they were stored (left out without DCMTK)',
  { timeout: 180_000 },
  () => {
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
    }, 180_000);
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

    /** One STOW-RS request. */
    async function post(files: readonly Buffer[]): Promise<void> {
      const head = Buffer.from('--part\r\nContent-Type: application/dicom\r\n\r\n');
      const parts = files.flatMap((file) => [head, file, Buffer.from('\r\n')]);
      const response = await node.fetch('/dicom-web/studies', {
        method: 'POST',
        headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=part' },
        body: Buffer.concat([...parts, Buffer.from('--part--\r\n')]),
      });
      expect(response.status).toBe(200);
      const result = (await response.json()) as Record<string, { Value: unknown[] } | undefined>;
      expect(result['00081199']?.Value).toHaveLength(files.length);
      expect(result['00081198']).toBeUndefined();
    }

    it('takes studies of every modality over STOW-RS', async () => {
      const files: Buffer[] = [];
      for (const { instances } of demoStudies({ today: '20260301', isSmall: true })) {
        for await (const phantom of instances()) {
          const file = Buffer.from(phantom.bytes);
          posted.push(instanceOf(phantom, file));
          files.push(file);
        }
      }
      await post(files);
    });

    it('takes every form DCMTK writes and sends', async () => {
      const slices = new Map<string, PhantomInstance>();
      const files: Record<(typeof FORMS)[number]['by'], string[]> = { 'STOW-RS': [], storescu: [], dcmsend: [] };
      let index = 0;
      const study = phantomStudy({ seed: 'identity-forms' });
      for await (const slice of ctSlices({ study, rows: 64, count: FORMS.length })) {
        const { program, args, transferSyntaxUID, by } = FORMS[index++]!;
        const plain = join(work, 'plain.dcm');
        await writeFile(plain, slice.bytes);
        const file = join(work, `form-${index}.dcm`);
        expect(await dcmtk(program, [...args, plain, file])).toMatchObject({ code: 0 });
        const written = await readFile(file);
        expect(metaValue(written, 0x0010)).toBe(transferSyntaxUID);
        files[by].push(file);
        slices.set(slice.SOPInstanceUID, slice);
        if (by !== 'STOW-RS') continue;
        await post([written]);
        posted.push(instanceOf(slice, written));
      }
      const send = async (port: number) => {
        const to = ['-aec', node.aeTitle, '127.0.0.1', String(port)];
        expect(await dcmtk('dcmsend', ['-v', '-dn', ...to, ...files.dcmsend])).toMatchObject({ code: 0 });
        expect(await dcmtk('storescu', ['-v', '-xi', ...to, ...files.storescu])).toMatchObject({ code: 0 });
      };
      await send(receiver.port);
      for (const [uid, file] of await receiver.received()) sent.push(instanceOf(slices.get(uid)!, file));
      expect(sent.map(({ transferSyntaxUID }) => transferSyntaxUID).sort()).toEqual(
        FORMS.filter(({ by }) => by !== 'STOW-RS')
          .map(({ transferSyntaxUID }) => transferSyntaxUID)
          .sort(),
      );
      await send(node.dicomPort);
      await eventually(async () => (await searchInstances(node)).length >= all().length);
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
      // getscu never proposes these two alone.
      const byExactPeer = all().filter(({ transferSyntaxUID }) =>
        ['1.2.840.10008.1.2', '1.2.840.10008.1.2.2'].includes(transferSyntaxUID),
      ).length;
      expect(byExactPeer).toBeGreaterThan(1);
      expect(await fetchByGet(node, all(), [])).toEqual({
        identical: count,
        padded: 0,
        wrong: [],
        byGetscu: count - byExactPeer,
        byExactPeer,
      });
      console.info(
        `phantoms: ${posted.length} over STOW-RS, ${sent.length} over C-STORE, ${FORMS.length} forms; all found, and fetched three ways`,
      );
    });
  },
);
