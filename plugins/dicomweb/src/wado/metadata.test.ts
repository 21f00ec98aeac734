import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elements, INSTANCE, PATH, phantom, SERIES, STUDY } from '../phantom.test-util.ts';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';
import { takesGzip } from './metadata.ts';

const OTHER_SERIES = '2.25.2002';
const STUDY_METADATA = `/dicom-web/studies/${STUDY}/metadata`;
const gzip = { headers: { 'accept-encoding': 'gzip, deflate, br' } };

describe('WADO-RS metadata', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.add(phantom());
    await rig.add(phantom({ instance: '2.25.4', InstanceNumber: 2 }));
    await rig.add(phantom({ series: OTHER_SERIES, instance: '2.25.5' }));
  });
  afterEach(() => rig.close());

  const uidsOf = (body: Buffer): string[] =>
    JSON.parse(body.toString()).map((dataset: Record<string, { Value: string[] }>) => dataset['00080018']!.Value[0]);

  it('is one gzip member for who takes gzip, and the same text for who does not', async () => {
    const packed = await rig.request(STUDY_METADATA, gzip);
    expect(packed.headers['content-encoding']).toBe('gzip');
    const plain = await rig.request(STUDY_METADATA);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    expect(uidsOf(plain.body)).toEqual([INSTANCE, '2.25.4', '2.25.5']);
    expect(uidsOf((await rig.request(`/dicom-web/studies/${STUDY}/series/${OTHER_SERIES}/metadata`)).body)).toEqual([
      '2.25.5',
    ]);
    expect(uidsOf((await rig.request(`${PATH}/metadata`)).body)).toEqual([INSTANCE]);
  });

  it('holds the text in Unicode, bulk data by reference and the stored transfer syntax', async () => {
    const [dataset] = JSON.parse((await rig.request(`${PATH}/metadata`)).body.toString());
    expect(dataset['00100010']).toEqual({
      vr: 'PN',
      Value: [{ Alphabetic: 'Phantom^One', Ideographic: '\u6a21^\u4f53' }],
    });
    expect(dataset['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: `${PATH}/bulkdata/7FE00010` });
    expect(dataset['00083002']).toEqual({ vr: 'UI', Value: ['1.2.840.10008.1.2.1'] });
    expect(dataset['00020010']).toBeUndefined();
  });

  it('is prepared once, and again when an instance comes', async () => {
    await rig.request(STUDY_METADATA);
    expect(rig.reads.getMany).toBe(2);
    await rig.request(STUDY_METADATA);
    expect(rig.reads.getMany).toBe(2);
    await rig.add(phantom({ instance: '2.25.6', InstanceNumber: 3 }));
    expect(uidsOf((await rig.request(STUDY_METADATA)).body)).toEqual([INSTANCE, '2.25.4', '2.25.6', '2.25.5']);
    expect(rig.reads.getMany).toBe(3);
  });

  it('never shows an instance that is gone', async () => {
    await rig.request(STUDY_METADATA);
    const gone = await rig.add(phantom({ instance: '2.25.7', InstanceNumber: 4 }));
    await rig.request(STUDY_METADATA);
    rig.remove(gone);
    expect(uidsOf((await rig.request(STUDY_METADATA)).body)).not.toContain('2.25.7');
  });

  it('need not be sent again while nothing changed', async () => {
    const first = await rig.request(STUDY_METADATA);
    const again = await rig.request(STUDY_METADATA, {
      headers: { 'if-none-match': `"other", W/${first.headers['etag']}` },
    });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    await rig.add(phantom({ instance: '2.25.6', InstanceNumber: 3 }));
    expect((await rig.request(STUDY_METADATA, { headers: { 'if-none-match': first.headers['etag']! } })).status).toBe(
      200,
    );
  });

  it('comes as XML too', async () => {
    const reply = await rig.request(`/dicom-web/studies/${STUDY}/series/${SERIES}/metadata`, {
      headers: { accept: 'multipart/related; type="application/dicom+xml"' },
    });
    const parts = partsOf(reply);
    expect(parts).toHaveLength(2);
    expect(parts[0]!.body.toString()).toContain(`<BulkData uri="${PATH}/bulkdata/7FE00010"/>`);
  });

  it('is found by URL where the node has a public one', async () => {
    const publicRig = await openRig({ publicUrl: 'https://pacs.example' });
    await publicRig.add(phantom());
    const [dataset] = JSON.parse((await publicRig.request(`${PATH}/metadata`)).body.toString());
    expect(dataset['7FE00010'].BulkDataURI).toBe(`https://pacs.example${PATH}/bulkdata/7FE00010`);
    await publicRig.close();
  });

  it('of nested bulk data can be fetched', async () => {
    const table = Buffer.alloc(4096, 7);
    await rig.add(
      phantom({
        instance: '2.25.9',
        attributes: {
          ...elements({ StudyDescription: 'x' }),
          '00283010': { vr: 'SQ', Value: [{ '00283006': { vr: 'OW', InlineBinary: table.toString('base64') } }] },
        },
      }),
    );
    const path = PATH.replace(INSTANCE, '2.25.9');
    const [dataset] = JSON.parse((await rig.request(`${path}/metadata`)).body.toString());
    const uri: string = dataset['00283010'].Value[0]['00283006'].BulkDataURI;
    expect(uri).toBe(`${path}/bulkdata/00283010/0/00283006`);
    expect((await rig.request(uri)).body.equals(table)).toBe(true);
  });
});

describe('Accept-Encoding', () => {
  it.each([
    ['gzip', true],
    ['deflate, GZIP;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['br', false],
    [undefined, false],
  ])('%s', (header, expected) => {
    expect(takesGzip(header)).toBe(expected);
  });
});
