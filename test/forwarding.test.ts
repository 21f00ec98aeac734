import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, mrBrain, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes, sha256 } from './tools/data-set-bytes.ts';
import { dcmtk, hasDcmtk } from './tools/dcmtk.ts';
import { eventually } from './tools/eventually.ts';
import { forwardingOf } from './tools/forwarding-client.ts';
import { freePort, type NodeProcess, startNode } from './tools/node-process.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from './tools/orthanc.ts';
import { metaValue } from './tools/received-files.ts';
import { type StorageReceiver, startStorageReceiver } from './tools/storage-receiver.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const CT_CLASS = '1.2.840.10008.5.1.4.1.1.2';
const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';
const EXPLICIT = '1.2.840.10008.1.2.1';

const ct = (seed: string, count: number) => ctSlices({ study: phantomStudy({ seed }), count, rows: 64 });
const bytesOf = (instances: readonly PhantomInstance[]) =>
  new Map(instances.map(({ SOPInstanceUID, bytes }) => [SOPInstanceUID, sha256(dataSetBytes(bytes))]));
const studyOf = ([first]: readonly PhantomInstance[]) => first?.StudyInstanceUID ?? '';

async function hashesAt(receiver: StorageReceiver): Promise<Map<string, string>> {
  return new Map([...(await receiver.received())].map(([uid, file]) => [uid, sha256(dataSetBytes(file))]));
}

/** A port on which no other test begins to listen meanwhile. */
const NOBODY = 1;

describe.skipIf(!hasDcmtk)('forwarding by C-STORE to storescp (needs DCMTK)', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let receiver: StorageReceiver;
  let onlyPlain: StorageReceiver;
  const device = (aeTitle: string, port: number) => ({ aeTitle, address: '127.0.0.1', port });

  beforeAll(async () => {
    receiver = await startStorageReceiver({ aeTitle: 'PACS2' });
    onlyPlain = await startStorageReceiver({
      aeTitle: 'PLAIN',
      sopClassUIDs: [CT_CLASS],
      transferSyntaxUIDs: [EXPLICIT],
    });
    const devices = [device('PACS2', receiver.port), device('PLAIN', onlyPlain.port), device('GONE', NOBODY)];
    node = await startNode({ config: { plugins: { dimse: { devices } } } });
  }, 180_000);
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await receiver?.stop();
    await onlyPlain?.stop();
  });
  afterEach(() => forwardingOf(node).save([]));

  it('refuses who may not decide', async () => {
    expect((await fetch(`${node.url}/api/forwarding/rules`)).status).toBe(401);
  });

  it('sends what a rule wants, byte for byte, and nothing else', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.save([{ id: 'ct', destination: 'dimse:PACS2', when: { modalities: ['CT'] } }]);
    const sent = await storePhantoms(node, ct('forward-ct', 5));
    await storePhantoms(node, mrBrain({ study: phantomStudy({ seed: 'forward-mr' }), count: 1 }));
    await forwarding.complete(studyOf(sent), 'dimse:PACS2', 5);
    expect(await hashesAt(receiver)).toEqual(bytesOf(sent));
    await receiver.clear();
  });

  it('says which of the last instances a rule would match', async () => {
    const forwarding = forwardingOf(node);
    const tried = await forwarding.dryRun({ destination: 'dimse:PACS2', when: { modalities: ['CT'] } });
    expect(tried).toMatchObject({ matched: 5, studies: 1 });
    expect(tried.looked).toBeGreaterThan(5);
    const named = { attribute: 'SliceThickness', from: 1000 };
    expect(await forwarding.dryRun({ destination: 'dimse:PACS2', when: { attributes: [named] } })).toMatchObject({
      matched: 0,
    });
  });

  it('does not send back to where it came from', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.save([{ id: 'all', destination: 'dimse:PACS2' }]);
    const work = await mkdtemp(join(tmpdir(), 'filmless-forward-'));
    const sendAs = async (aeTitle: string, seed: string) => {
      let study = '';
      for await (const { bytes, StudyInstanceUID } of ct(seed, 1)) {
        study = StudyInstanceUID;
        await writeFile(join(work, 'one.dcm'), bytes);
      }
      const to = ['-aet', aeTitle, '-aec', node.aeTitle, '127.0.0.1', String(node.dicomPort)];
      expect(await dcmtk('storescu', [...to, join(work, 'one.dcm')])).toMatchObject({ code: 0 });
      return study;
    };
    const own = await sendAs('PACS2', 'came-back');
    const other = await sendAs('CT1', 'came-from-ct1');
    await forwarding.complete(other, 'dimse:PACS2', 1);
    expect((await forwarding.studies(`study=${own}`)).total).toBe(0);
    await rm(work, { recursive: true, force: true });
    await receiver.clear();
  });

  it('converts what the device takes only uncompressed, and lists what it does not take at all', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.save([{ id: 'plain', destination: 'dimse:PLAIN' }]);
    const work = await mkdtemp(join(tmpdir(), 'filmless-forward-'));
    const [plain, packed] = [join(work, 'plain.dcm'), join(work, 'packed.dcm')];
    let study = '';
    for await (const { bytes, StudyInstanceUID } of ct('forward-packed', 1)) {
      study = StudyInstanceUID;
      await writeFile(plain, bytes);
    }
    expect(await dcmtk('dcmcjpeg', ['+e1', plain, packed])).toMatchObject({ code: 0 });
    const file = await readFile(packed);
    expect(metaValue(file, 0x0010)).toBe(JPEG_LOSSLESS);
    await storePhantoms(node, one(file));
    const mr = await storePhantoms(node, mrBrain({ study: phantomStudy({ seed: 'no-mr' }), count: 1 }));
    await forwarding.complete(study, 'dimse:PLAIN', 1);
    const [converted] = [...(await onlyPlain.received()).values()];
    expect(converted && metaValue(converted, 0x0010)).toBe(EXPLICIT);
    // DCMTK decodes what it packed itself; pixels are the last element.
    const unpacked = join(work, 'unpacked.dcm');
    expect(await dcmtk('dcmdjpeg', [packed, unpacked])).toMatchObject({ code: 0 });
    expect(converted?.subarray(-64 * 64 * 2).equals((await readFile(unpacked)).subarray(-64 * 64 * 2))).toBe(true);
    await eventually(async () => (await forwarding.studies(`study=${studyOf(mr)}`)).items[0]?.refused === mr.length);
    const [refused] = (await forwarding.studies('filter=refused')).items;
    expect(refused).toMatchObject({ expected: mr.length, delivered: 0, reasons: [{ code: 'NOT_ACCEPTABLE' }] });
    await rm(work, { recursive: true, force: true });
    await onlyPlain.clear();
  });

  it('holds back what a paused rule took up until the rule goes on', async () => {
    const forwarding = forwardingOf(node);
    const rule = { id: 'paused', destination: 'dimse:PACS2', paused: true };
    await forwarding.save([rule]);
    const sent = await storePhantoms(node, ct('forward-paused', 2));
    await eventually(async () => (await forwarding.studies(`study=${studyOf(sent)}`)).total === 1);
    expect((await receiver.received()).size).toBe(0);
    await forwarding.save([{ ...rule, paused: false }]);
    await forwarding.complete(studyOf(sent), 'dimse:PACS2', 2);
    await receiver.clear();
  });

  it('sends a study again by hand', async () => {
    const forwarding = forwardingOf(node);
    const sent = await storePhantoms(node, ct('by-hand', 3));
    expect(await forwarding.send(studyOf(sent), 'dimse:PACS2')).toEqual({ instances: 3 });
    await forwarding.complete(studyOf(sent), 'dimse:PACS2', 3);
    await receiver.clear();
    await forwarding.send(studyOf(sent), 'dimse:PACS2');
    await eventually(async () => (await receiver.received()).size === 3);
    await receiver.clear();
  });

  it('keeps what a device that is away is to get, and says so', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.save([{ id: 'gone', destination: 'dimse:GONE' }]);
    const sent = await storePhantoms(node, ct('forward-gone', 2));
    await eventually(async () => (await forwarding.destination('dimse:GONE'))?.state?.problem !== undefined);
    await eventually(async () => (await forwarding.destination('dimse:GONE'))?.waiting === 2);
    expect(await forwarding.destination('dimse:GONE')).toMatchObject({ refused: 0 });
    await expect
      .poll(async () => (await forwarding.studies(`study=${studyOf(sent)}`)).items)
      .toMatchObject([{ expected: 2, delivered: 0 }]);
    expect(await forwarding.verify('dimse:GONE')).toMatchObject({ ok: false });
    expect(await forwarding.verify('dimse:PACS2')).toMatchObject({ ok: true });
  });
});

async function* one(bytes: Uint8Array): AsyncGenerator<PhantomInstance> {
  yield { bytes } as PhantomInstance;
}

/** What Orthanc holds of a study: hash of each data set by SOP Instance UID. */
async function hashesAtOrthanc(orthanc: Orthanc, study: string): Promise<Map<string, string>> {
  const ids = await orthanc.rest<string[]>('POST', '/tools/find', {
    Level: 'Instance',
    Query: { StudyInstanceUID: study },
  });
  const files = await Promise.all(
    ids.map(async (id) => Buffer.from(await (await fetch(`${orthanc.url}/instances/${id}/file`)).arrayBuffer())),
  );
  return new Map(files.map((file) => [metaValue(file, 0x0003), sha256(dataSetBytes(file))]));
}

describe.skipIf(!hasOrthanc)('forwarding to Orthanc', { timeout: 900_000 }, () => {
  let orthanc: Orthanc;
  let node: NodeProcess;
  let dataDirectory: string;
  let ports: { httpPort: number; dicomPort: number };
  const start = () =>
    startNode({
      dataDirectory,
      ...ports,
      config: {
        plugins: { dimse: { devices: [{ aeTitle: 'ORTHANC', address: '127.0.0.1', port: orthanc.dicomPort }] } },
      },
    });

  beforeAll(async () => {
    orthanc = await startOrthanc();
    dataDirectory = await mkdtemp(join(tmpdir(), 'filmless-forward-'));
    ports = { httpPort: await freePort(), dicomPort: await freePort() };
    node = await start();
  }, 180_000);
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await orthanc?.stop();
  });

  it('by STOW-RS, byte for byte', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.putServer('orthanc', { url: `${orthanc.url}/dicom-web` });
    expect(await forwarding.verify('stow:orthanc')).toMatchObject({ ok: true });
    await forwarding.save([{ id: 'stow', destination: 'stow:orthanc' }]);
    const sent = await storePhantoms(node, ct('stow-to-orthanc', 40));
    await forwarding.complete(studyOf(sent), 'stow:orthanc', 40);
    expect(await hashesAtOrthanc(orthanc, studyOf(sent))).toEqual(bytesOf(sent));
    expect(await forwarding.removeServer('orthanc')).toBe(409);
    await forwarding.save([]);
    expect(await forwarding.removeServer('orthanc')).toBe(204);
  });

  it('goes on where it was when Orthanc was away', async () => {
    const forwarding = forwardingOf(node);
    await forwarding.save([{ id: 'dimse', destination: 'dimse:ORTHANC' }]);
    const before = await storePhantoms(node, ct('before-the-end', 10));
    await orthanc.kill();
    const after = await storePhantoms(node, ct('after-the-end', 30));
    await eventually(async () => (await forwarding.destination('dimse:ORTHANC'))?.state?.problem !== undefined);
    await orthanc.restart();
    await forwarding.complete(studyOf(before), 'dimse:ORTHANC', 10);
    await forwarding.complete(studyOf(after), 'dimse:ORTHANC', 30);
    for (const sent of [before, after]) expect(await hashesAtOrthanc(orthanc, studyOf(sent))).toEqual(bytesOf(sent));
  });

  it('loses nothing when the node is killed while it forwards', async () => {
    const rule = { id: 'dimse', destination: 'dimse:ORTHANC' };
    const COUNT = 200;
    let interrupted = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      await forwardingOf(node).save([{ ...rule, paused: true }]);
      const sent = await storePhantoms(node, ct(`killed-${kill}`, COUNT));
      const stateOf = async () => (await forwardingOf(node).studies(`study=${studyOf(sent)}`)).items[0];
      await eventually(async () => (await stateOf())?.expected === COUNT);
      await forwardingOf(node).save([rule]);
      await eventually(async () => ((await stateOf())?.delivered ?? 0) > 0);
      await node.kill();
      // Asked of the destination: the node, started again, goes on at once.
      if ((await hashesAtOrthanc(orthanc, studyOf(sent))).size < COUNT) interrupted += 1;
      node = await start();
      await forwardingOf(node).complete(studyOf(sent), 'dimse:ORTHANC', COUNT);
      expect(await hashesAtOrthanc(orthanc, studyOf(sent))).toEqual(bytesOf(sent));
    }
    expect(interrupted).toBeGreaterThan(0);
  });
});
