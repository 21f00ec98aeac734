import { encapsulatedPdf, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

describe('a report that comes as a DICOM object, in a node', () => {
  let node: NodeProcess;
  const study = phantomStudy({ seed: 'dicom-report', AccessionNumber: 'PDF0001' });

  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
  });

  const reports = async (uid: string) =>
    ((await (await node.fetch(`/api/reports?study=${uid}`)).json()) as { reports: { versions: object[] }[] }).reports;

  it('is shown beside the images once, also after the node was killed', async () => {
    const object = encapsulatedPdf(study);
    const one = async function* () {
      yield object;
    };
    await storePhantoms(node, one());
    const uid = object.StudyInstanceUID;
    await expect
      .poll(() => reports(uid))
      .toMatchObject([{ status: 'reported', versions: [{ title: '胸部CT检查报告' }] }]);
    const [{ versions } = { versions: [] }] = await reports(uid);
    const { pdfUrl } = versions[0] as { pdfUrl: string };
    const file = await node.fetch(pdfUrl);
    expect(file.headers.get('content-type')).toBe('application/pdf');
    await node.kill();
    node = await startNode({ dataDirectory: node.dataDirectory });
    await storePhantoms(node, one());
    const [after] = await reports(uid);
    expect(after?.versions).toHaveLength(1);
  });
});
