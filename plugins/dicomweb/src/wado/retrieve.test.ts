import { readInstanceHeader, sourceOfBytes } from '@filmless/core/plugin';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  elements,
  encode,
  INSTANCE,
  JPEG_LS,
  MPEG4,
  PATH,
  phantom,
  ramp,
  SERIES,
  STUDY,
  words,
} from '../phantom.test-util.ts';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const single = (syntax?: string) => ({
  headers: { accept: `application/dicom${syntax ? `; transfer-syntax=${syntax}` : ''}` },
});

describe('WADO-RS retrieve', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('delivers a stored file byte for byte', async () => {
    const file = phantom();
    await rig.add(file);
    const reply = await rig.request(PATH, single('*'));
    expect(reply.body.equals(file)).toBe(true);
    expect(reply.headers['content-type']).toBe(`application/dicom; transfer-syntax=${EXPLICIT}`);
    expect(reply.headers['content-length']).toBe(String(file.length));
    expect((await rig.request(PATH, single())).body.equals(file)).toBe(true);
  });

  it('delivers a study as parts, with the length of the whole', async () => {
    const files = [1, 2, 3].map((number) =>
      phantom({
        instance: `2.25.${number}`,
        InstanceNumber: number,
        attributes: elements({ ImageComments: 'x'.repeat(number * 100) }),
      }),
    );
    for (const file of files) await rig.add(file);
    const reply = await rig.request(`/dicom-web/studies/${STUDY}`, {
      headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    const parts = partsOf(reply);
    expect(parts.map((part) => part.body.equals(files[parts.indexOf(part)]!))).toEqual([true, true, true]);
    expect(parts[0]!.headers['content-location']).toBe(`/dicom-web/studies/${STUDY}/series/${SERIES}/instances/2.25.1`);
    // The rig compares the length with what came.
    expect(reply.headers['content-length']).toBeDefined();
    expect(partsOf(await rig.request(`/dicom-web/studies/${STUDY}/series/${SERIES}`))).toHaveLength(3);
  });

  it.each([
    ['implicit', IMPLICIT],
    ['big endian', BIG_ENDIAN],
  ])('converts %s to explicit little endian when that is asked for', async (_, syntax) => {
    const attributes = {
      ...elements({ PixelSpacing: [0.5, 0.7], FrameIncrementPointer: '00181063', PixelPaddingValue: 7 }),
      '00091001': { vr: 'UN', InlineBinary: 'AQIDBA==' },
      '00090010': { vr: 'LO', Value: ['ACME'] },
      '00400275': {
        vr: 'SQ',
        Value: [{ '00401001': { vr: 'SH', Value: ['R1'] }, '00400008': { vr: 'SQ', Value: [{}] } }],
      },
      '00189089': { vr: 'FD', Value: [0.25, -1, 3e10] },
      '00286102': { vr: 'US', Value: [1, 258] },
    };
    const options = { attributes, frames: [words([1, 2, 258, 65535])], rows: 2, columns: 2 };
    await rig.add(phantom({ ...options, transferSyntaxUID: syntax }));
    const { body } = await rig.request(PATH, single(EXPLICIT));
    const converted = await readInstanceHeader(sourceOfBytes(body));
    const wanted = await readInstanceHeader(sourceOfBytes(phantom(options)));
    expect(converted.transferSyntaxUID).toBe(EXPLICIT);
    expect(converted.dataset).toEqual(wanted.dataset);
    expect(body.subarray(converted.bulkData.at(-1)!.offsetBytes)).toEqual(Buffer.from(words([1, 2, 258, 65535])));
    const asStored = await rig.request(PATH, single('*'));
    expect(asStored.headers['content-type']).toContain(syntax);
  });

  it('decodes compressed pixels for who wants them uncompressed, and drops what only fits compressed ones', async () => {
    const frames = [ramp(64), ramp(64, 3)];
    const encoded = await Promise.all(frames.map((frame) => encode(JPEG_LS, frame, { rows: 8, columns: 8, bits: 16 })));
    const icon = { '00880200': { vr: 'SQ', Value: [elements({ Rows: 1, Columns: 1 })] } };
    await rig.add(phantom({ transferSyntaxUID: JPEG_LS, frames: encoded, attributes: icon }));
    const { body } = await rig.request(PATH, single());
    const header = await readInstanceHeader(sourceOfBytes(body));
    expect(header.transferSyntaxUID).toBe(EXPLICIT);
    expect(header.dataset['00880200']).toBeUndefined();
    const pixels = header.bulkData.at(-1)!;
    expect(body.subarray(pixels.offsetBytes, pixels.offsetBytes + pixels.lengthBytes)).toEqual(Buffer.concat(frames));
  });

  it('never leaves out what cannot be converted, but says what it is', async () => {
    await rig.add(phantom());
    const video = phantom({
      instance: '2.25.7',
      InstanceNumber: 2,
      transferSyntaxUID: MPEG4,
      frames: [new Uint8Array(100)],
    });
    await rig.add(video);
    const parts = partsOf(await rig.request(`/dicom-web/studies/${STUDY}`));
    expect(parts[1]!.headers['content-type']).toBe(`application/dicom; transfer-syntax=${MPEG4}`);
    expect(parts[1]!.body.equals(video)).toBe(true);
    await expect(rig.request(PATH.replace(INSTANCE, '2.25.7'), single(EXPLICIT))).rejects.toMatchObject({
      code: 'TRANSCODE_UNSUPPORTED',
    });
  });

  it('makes a Part 10 file of a data set that was received without its head', async () => {
    const bare = phantom({ bare: true });
    await rig.add(bare);
    const { body } = await rig.request(PATH, single('*'));
    expect(body.toString('latin1', 128, 132)).toBe('DICM');
    expect((await readInstanceHeader(sourceOfBytes(body))).SOPInstanceUID).toBe(INSTANCE);
    expect(body.subarray(-bare.length).equals(bare)).toBe(true);
  });

  it('says what is missing', async () => {
    await rig.add(phantom());
    await expect(rig.request('/dicom-web/studies/2.25.9')).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
    await expect(rig.request(`/dicom-web/studies/${STUDY}/series/2.25.9`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rig.request(`/dicom-web/studies/2.25.9/series/${SERIES}/instances/${INSTANCE}`)).rejects.toMatchObject(
      { code: 'SOP_INSTANCE_NOT_FOUND' },
    );
    await expect(rig.request('/dicom-web/studies/..%2F..')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(rig.request(PATH, { headers: { accept: 'image/jpeg' } })).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    });
    await expect(rig.request(PATH, single('1.2.840.10008.1.2.4.90'))).rejects.toMatchObject({
      code: 'TRANSCODE_UNSUPPORTED',
    });
  });
});
