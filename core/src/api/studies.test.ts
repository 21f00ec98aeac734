import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../testing/api-client.ts';
import { apiClient } from '../../testing/api-client.ts';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { fileNameOf } from './imports-routes.ts';

describe('studies over REST', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  describe('studies', () => {
    it('come in as files and are found', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.11', StudyInstanceUID: '2.25.1' });
      const stored = await importFile(file, { 'X-File-Name': encodeURIComponent('C:\\片子\\IM 1.dcm') });
      expect(stored.json).toEqual({
        status: 'stored',
        SOPInstanceUID: '2.25.11',
        StudyInstanceUID: '2.25.1',
        SeriesInstanceUID: '2.25.2',
      });
      expect((await importFile(file)).json).toMatchObject({ status: 'duplicate' });
      const received = (await node.catalogue.get('2.25.11'))?.received;
      expect(received).toMatchObject({ via: 'import', source: 'test-radiology', address: '127.0.0.1' });
      const list = await ask('GET', '/api/studies?text=Phantom&modalities=CT,MR&limit=10', { as: ['clinician'] });
      expect(list.json).toMatchObject({ total: 1, items: [{ StudyInstanceUID: '2.25.1', instanceCount: 1 }] });
      expect((await ask('GET', '/api/studies?text=&modalities=&accessionNumber=')).json).toMatchObject({ total: 1 });
      expect((await ask('GET', '/api/studies?modalities=MR')).json).toMatchObject({ total: 0 });
      const study = await ask('GET', '/api/studies/2.25.1');
      expect(study.json).toMatchObject({
        study: { PatientID: 'P1' },
        series: [{ SeriesInstanceUID: '2.25.2' }],
        earlier: [],
      });
      expect((await ask('GET', '/api/facets')).json).toMatchObject({ modalities: { CT: 1 } });
    });

    it('that are not there are 404, whatever is asked for', async () => {
      for (const uid of ['2.25.404', 'x', '..', '%00', "'; DROP TABLE study; --", '1'.repeat(65)]) {
        const answer = await ask('GET', `/api/studies/${encodeURIComponent(uid).replaceAll('.', '%2e')}`);
        expect([400, 404]).toContain(answer.status);
      }
      expect((await ask('GET', '/api/studies/2.25.404')).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    });

    it('are not shown to who may see nothing', async () => {
      await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.11' }));
      expect((await ask('GET', '/api/studies', { as: [] })).status).toBe(403);
      expect((await ask('GET', '/api/studies/2.25.1', { as: [] })).status).toBe(403);
    });

    it('are searched with keys there are, each once and well formed', async () => {
      for (const [search, field] of [
        ['limit=x', 'limit'],
        ['limit=501', 'limit'],
        ['offset=-1', 'offset'],
        ['studyDate=2026-01-01', 'studyDate'],
        ['orderBy=name', 'orderBy'],
        ['text=a&text=b', 'text'],
        ['patient=x', 'patient'],
        [`text=${'x'.repeat(300)}`, 'text'],
        ['__proto__=x', '__proto__'],
      ] as const) {
        const answer = await ask('GET', `/api/studies?${search}`);
        expect(answer.status, search).toBe(400);
        expect(answer.json['detail'], search).toContain(field);
      }
    });
  });

  describe('imports', () => {
    it('of what is not DICOM are refused and kept aside', async () => {
      const refused = await importFile(Buffer.from('not a dicom file at all'), { 'X-File-Name': 'letter.txt' });
      expect(refused.status).toBe(400);
      expect(refused.json).toMatchObject({ code: 'NOT_DICOM' });
      const [entry] = (await ask('GET', '/api/quarantine')).json as unknown as Json[];
      expect(entry).toMatchObject({
        code: 'NOT_DICOM',
        via: 'import',
        source: 'test-radiology',
        fileName: 'letter.txt',
      });
      expect((await ask('GET', '/api/storage')).json).toMatchObject({ quarantineCount: 1, conflictCount: 0 });
      const content = await ask('GET', `/api/quarantine/${entry?.['id']}/content`);
      expect(content.text).toBe('not a dicom file at all');
      expect(content.headers.get('content-disposition')).toMatch(/^attachment; filename="[0-9A-Z]+\.bin"$/);
      const again = await ask('POST', `/api/quarantine/${entry?.['id']}/retry`);
      expect(again.json).toMatchObject({ code: 'NOT_DICOM' });
      expect((await ask('GET', '/api/quarantine')).json).toEqual([entry]);
      expect((await ask('DELETE', `/api/quarantine/${entry?.['id']}`)).status).toBe(204);
      for (const [method, path] of [
        ['DELETE', ''],
        ['POST', '/retry'],
        ['GET', '/content'],
      ] as const)
        expect((await ask(method, `/api/quarantine/${entry?.['id']}${path}`)).status).toBe(404);
    });

    it('take a mended file out of the quarantine', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.12' });
      const refused = await importFile(file.subarray(0, file.length - 300));
      expect(refused.json).toMatchObject({ code: 'DICOM_TRUNCATED' });
      const [entry] = await node.storage.listQuarantine();
      // As if the reader had learnt to read it since.
      node.storage.streamQuarantine = async () => (await import('node:stream')).Readable.from([file]);
      const again = await ask('POST', `/api/quarantine/${entry?.id}/retry`);
      expect(again.json).toMatchObject({ status: 'stored', SOPInstanceUID: '2.25.12' });
      expect(await node.storage.listQuarantine()).toEqual([]);
    });

    it('want a media type and a well-formed name', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.13' });
      expect((await importFile(file, { 'Content-Type': 'text/plain' })).status).toBe(415);
      const badName = await importFile(file, { 'X-File-Name': '%E0%A4%A' });
      expect(badName.json).toMatchObject({ code: 'INVALID_REQUEST', detail: expect.stringContaining('X-File-Name') });
      expect(await node.catalogue.count()).toBe(0);
    });

    it('keep of a name only what is a name', () => {
      expect(fileNameOf(encodeURIComponent('../../etc/片 1.dcm'))).toBe('片 1.dcm');
      expect(fileNameOf('a%0D%0ASet-Cookie:%20x=1%00')).toBe('aSet-Cookie: x=1');
      expect(fileNameOf('%E2%80%AEmcd.exe')).toBe('mcd.exe');
      expect([fileNameOf('..'), fileNameOf('%20'), fileNameOf('/'), fileNameOf(undefined)]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(fileNameOf('x'.repeat(5000))).toHaveLength(255);
    });

    it('that conflict wait for a decision with both sides shown', async () => {
      await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.14', salt: 'first' }));
      const second = await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.14', salt: 'second' }));
      expect(second.json).toMatchObject({ status: 'conflict' });
      const list = await ask('GET', '/api/conflicts');
      expect(list.text).not.toContain('"dataset"');
      const [conflict] = list.json as unknown as Json[];
      expect(conflict).toMatchObject({
        status: 'open',
        summary: {
          existing: { PatientID: 'P1', StudyDescription: 'Phantom first' },
          received: { PatientID: 'P1', StudyDescription: 'Phantom second' },
        },
      });
      expect((await ask('GET', '/api/storage')).json).toMatchObject({ conflictCount: 1 });
      const path = `/api/conflicts/${encodeURIComponent(String(conflict?.['id']))}/resolve`;
      expect((await ask('POST', path, { body: { keep: 'both' } })).json).toMatchObject({
        detail: expect.stringMatching(/^keep: /),
      });
      expect((await ask('POST', path, { as: ['clinician'], body: { keep: 'received' } })).status).toBe(403);
      node.replication.isFollowing = true;
      const elsewhere = await ask('POST', path, { body: { keep: 'received' } });
      expect([elsewhere.status, elsewhere.json['code']]).toEqual([409, 'KEPT_ELSEWHERE']);
      node.replication.isFollowing = false;
      expect((await ask('POST', path, { body: { keep: 'received' } })).json).toMatchObject({ status: 'kept-received' });
      expect((await ask('GET', '/api/studies/2.25.1')).json).toMatchObject({
        study: { StudyDescription: 'Phantom second' },
      });
      const [decided] = (await ask('GET', '/api/conflicts')).json as unknown as Json[];
      expect(decided).toMatchObject({ status: 'kept-received', decidedBy: 'test-admin', summary: { existing: null } });
      expect((await ask('POST', '/api/conflicts/none/resolve', { body: { keep: 'existing' } })).status).toBe(404);
    });
  });
});
