import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from '../../testing/api-client.ts';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';

const STUDY = '2.25.1';

describe('reports over REST', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.11', StudyInstanceUID: STUDY }));
  });

  afterEach(() => node.stop());

  const report = {
    patient: { id: 'P1' },
    StudyInstanceUID: STUDY,
    status: 'reported',
    title: 'CT 胸部平扫',
    text: '<script>alert(1)</script>两肺清晰',
    author: '王医生',
    externalId: 'R1',
    keyImages: [{ study: STUDY, series: '2.25.2', instance: '2.25.11', window: { center: 40, width: 400 } }],
  };

  it('are delivered, amended and read beside the study', async () => {
    const created = await ask('POST', '/api/reports', { as: ['service'], body: report });
    expect(created).toMatchObject({ status: 201, json: { version: 1, outcome: 'created' } });
    expect(await ask('POST', '/api/reports', { as: ['service'], body: report })).toMatchObject({ status: 200 });
    await ask('POST', '/api/reports', { as: ['service'], body: { ...report, status: 'reviewed', reviewer: '李主任' } });
    const found = await ask('GET', `/api/reports?study=${STUDY}`, { as: ['clinician'] });
    expect(found.json).toMatchObject({
      reports: [
        {
          status: 'reviewed',
          versions: [
            { version: 1, text: report.text, author: '王医生' },
            { version: 2, reviewer: '李主任', keyImages: report.keyImages },
          ],
        },
      ],
    });
    expect((await ask('GET', '/api/reports?patient=P1', { as: ['clinician'] })).json).toMatchObject({
      reports: [{ status: 'reviewed' }],
    });
  });

  it('are not taken from who may not deliver, nor in another shape', async () => {
    expect((await ask('POST', '/api/reports', { as: ['clinician'], body: report })).status).toBe(403);
    const wrong = [
      { ...report, patient: {} },
      { ...report, status: 'final' },
      { ...report, StudyInstanceUID: '1.2/3' },
      { ...report, more: 1 },
      { ...report, text: 'x'.repeat(600_000) },
      { ...report, document: { mediaType: 'application/pdf', sha256: 'a'.repeat(64), sizeBytes: 3 } },
    ];
    for (const body of wrong) expect((await ask('POST', '/api/reports', { as: ['service'], body })).status).toBe(400);
    expect((await ask('GET', '/api/reports', { as: ['clinician'] })).status).toBe(400);
    expect((await ask('GET', `/api/reports?study=${STUDY}`, { as: [] })).status).toBe(403);
  });

  it('of a study that was sent under another patient are not shown there', async () => {
    await ask('POST', '/api/reports', { as: ['service'], body: { ...report, patient: { id: 'P2' } } });
    expect((await ask('GET', `/api/reports?study=${STUDY}`, { as: ['clinician'] })).json).toEqual({ reports: [] });
  });
});
