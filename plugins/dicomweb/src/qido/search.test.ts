import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';
import { parseSearchParameters } from './query-parameters.ts';

const parse = (query: string) => parseSearchParameters(new URLSearchParams(query));

describe('QIDO-RS parameters', () => {
  it('reads keys by keyword, by tag and inside sequences', () => {
    const { keys } = parse(
      'PatientID=A%2A&00080060=CT&RequestAttributesSequence.00401001=R1&00400275.ScheduledProcedureStepID=S1',
    );
    expect(keys).toEqual({
      '00100020': { vr: 'LO', Value: ['A*'] },
      '00080060': { vr: 'CS', Value: ['CT'] },
      '00400275': {
        vr: 'SQ',
        Value: [{ '00401001': { vr: 'SH', Value: ['R1'] }, '00400009': { vr: 'SH', Value: ['S1'] } }],
      },
    });
  });

  it('splits lists of UIDs and nothing else', () => {
    const { keys } = parse('StudyInstanceUID=1.2,1.3%5C1.4&StudyDescription=a,b');
    expect(keys['0020000D']!.Value).toEqual(['1.2', '1.3', '1.4']);
    expect(keys['00081030']!.Value).toEqual(['a,b']);
  });

  it('gives names as names and numbers as numbers', () => {
    const { keys } = parse('PatientName=*小明*&SeriesNumber=3');
    expect(keys['00100010']!.Value).toEqual([{ Alphabetic: '*小明*' }]);
    expect(keys['00200011']!.Value).toEqual([3]);
  });

  it('takes an empty value for universal matching', () => {
    expect(parse('PatientID=').keys['00100020']).toEqual({ vr: 'LO' });
  });

  it('collects what is to be included', () => {
    expect(parse('includefield=StudyDescription,00080060&includefield=00400275').include).toEqual([
      '00081030',
      '00080060',
      '00400275',
    ]);
    expect(parse('includefield=00081030&includefield=all').include).toBe('all');
  });

  it('refuses what it does not know, without repeating what may be a name', () => {
    expect(() => parse('PatientNmae=X')).toThrow(/PatientNmae/);
    expect(() => parse('%E7%8E%8B=X')).toThrow(/neither a keyword nor a tag/);
    expect(() => parse('limit=-1')).toThrow(/limit/);
    expect(() => parse('fuzzymatching=1')).toThrow(/fuzzymatching/);
    expect(() => parse('PatientID=y&PatientID.PatientName=x')).toThrow(/no sequence/);
  });
});

describe('QIDO-RS', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig({ maxResults: 3 });
  });
  afterEach(() => rig.close());

  const study = (uid: string) => ({ '0020000D': { vr: 'UI', Value: [uid] } });

  it('answers with Retrieve URL and availability', async () => {
    rig.search.result = [study('1.2.3')];
    const reply = await rig.request('/dicom-web/studies?PatientID=A');
    expect(reply.headers['content-type']).toBe('application/dicom+json');
    expect(JSON.parse(reply.body.toString())).toEqual([
      {
        ...study('1.2.3'),
        '00081190': { vr: 'UR', Value: ['http://rig/dicom-web/studies/1.2.3'] },
        '00080056': { vr: 'CS', Value: ['ONLINE'] },
      },
    ]);
    expect(rig.search.asked[0]).toMatchObject({
      level: 'STUDY',
      keys: { '00100020': { Value: ['A'] } },
      scope: { kind: 'all' },
      fuzzyMatching: false,
    });
    expect(rig.search.asked[0]!.include).toContain('00100010');
  });

  it('answers an empty list when nothing is found', async () => {
    const reply = await rig.request('/dicom-web/studies?PatientID=none');
    expect([reply.status, reply.body.toString()]).toEqual([200, '[]']);
  });

  it('puts the UIDs of the path into the keys, and the attributes of upper levels where the path does not fix them', async () => {
    await rig.request('/dicom-web/studies/1.2/series/1.3/instances');
    expect(rig.search.asked[0]).toMatchObject({
      level: 'IMAGE',
      keys: { '0020000D': { Value: ['1.2'] }, '0020000E': { Value: ['1.3'] } },
    });
    expect(rig.search.asked[0]!.include).not.toContain('00100010');
    await rig.request('/dicom-web/instances');
    expect(rig.search.asked[1]!.include).toEqual(expect.arrayContaining(['00100010', '00080060', '00280008']));
    await expect(rig.request('/dicom-web/studies/1.2/series?StudyInstanceUID=9.9')).rejects.toThrow(
      /differs from the path/,
    );
  });

  it('says how many more there are when the result was limited', async () => {
    rig.search.result = ['1', '2', '3', '4', '5'].map((number) => study(`1.2.${number}`));
    const reply = await rig.request('/dicom-web/studies');
    expect(JSON.parse(reply.body.toString())).toHaveLength(3);
    expect(reply.headers['warning']).toBe(
      '299 http://rig/dicom-web: "There are 2 additional results that can be requested"',
    );
    const page = await rig.request('/dicom-web/studies?limit=2&offset=3');
    expect(JSON.parse(page.body.toString())).toHaveLength(2);
    expect(page.headers['warning']).toBeUndefined();
  });

  it('answers in XML, one document a match', async () => {
    rig.search.result = [study('1.2.3'), study('1.2.4')];
    const reply = await rig.request('/dicom-web/studies', {
      headers: { accept: 'multipart/related; type="application/dicom+xml"' },
    });
    const parts = partsOf(reply);
    expect(parts).toHaveLength(2);
    expect(parts[1]!.body.toString()).toContain(
      '<DicomAttribute tag="0020000D" vr="UI" keyword="StudyInstanceUID"><Value number="1">1.2.4</Value></DicomAttribute>',
    );
    expect(parts[0]!.headers['content-type']).toContain('application/dicom+xml');
  });

  it('refuses media types it does not have', async () => {
    await expect(rig.request('/dicom-web/studies', { headers: { accept: 'text/csv' } })).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    });
  });
});
