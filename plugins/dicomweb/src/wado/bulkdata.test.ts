import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode, JPEG_LS, PATH, phantom, ramp, words } from '../phantom.test-util.ts';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';

const PIXELS = `${PATH}/bulkdata/7FE00010`;
const BIG_ENDIAN = '1.2.840.10008.1.2.2';

describe('WADO-RS bulk data', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('comes whole, or in ranges', async () => {
    await rig.add(phantom());
    const pixels = Buffer.from(ramp(64));
    const whole = await rig.request(PIXELS);
    expect(whole).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/octet-stream', 'content-length': '128', 'accept-ranges': 'bytes' },
    });
    expect(whole.body.equals(pixels)).toBe(true);
    const range = await rig.request(PIXELS, { headers: { range: 'bytes=3-9' } });
    expect(range).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 3-9/128' } });
    expect(range.body.equals(pixels.subarray(3, 10))).toBe(true);
    expect((await rig.request(PIXELS, { headers: { range: 'bytes=-5' } })).body.equals(pixels.subarray(123))).toBe(
      true,
    );
    expect((await rig.request(PIXELS, { headers: { range: 'bytes=120-' } })).body.equals(pixels.subarray(120))).toBe(
      true,
    );
    expect((await rig.request(PIXELS, { headers: { range: 'bytes=0-1,4-5' } })).status).toBe(200);
    await expect(rig.request(PIXELS, { headers: { range: 'bytes=128-' } })).rejects.toMatchObject({
      code: 'RANGE_NOT_SATISFIABLE',
    });
  });

  it('comes as a part for who asks so', async () => {
    await rig.add(phantom());
    const [part] = partsOf(
      await rig.request(PIXELS, { headers: { accept: 'multipart/related; type="application/octet-stream"' } }),
    );
    expect(part!.body.equals(Buffer.from(ramp(64)))).toBe(true);
  });

  it('is little endian whatever the file is, also where a range begins inside a word', async () => {
    await rig.add(phantom({ transferSyntaxUID: BIG_ENDIAN, frames: [words([1, 258, 515, 772])], rows: 2, columns: 2 }));
    const pixels = Buffer.from(words([1, 258, 515, 772]));
    expect((await rig.request(PIXELS)).body.equals(pixels)).toBe(true);
    expect((await rig.request(PIXELS, { headers: { range: 'bytes=3-4' } })).body.equals(pixels.subarray(3, 5))).toBe(
      true,
    );
  });

  it('of compressed pixels is their frames', async () => {
    const frames = await Promise.all(
      [1, 2].map((step) => encode(JPEG_LS, ramp(64, step), { rows: 8, columns: 8, bits: 16 })),
    );
    await rig.add(phantom({ transferSyntaxUID: JPEG_LS, frames }));
    const parts = partsOf(await rig.request(PIXELS));
    expect(parts.map((part) => part.headers['content-type'])).toEqual(
      Array(2).fill(`image/jls; transfer-syntax=${JPEG_LS}`),
    );
    expect(parts[1]!.body.subarray(0, frames[1]!.length).equals(Buffer.from(frames[1]!))).toBe(true);
  });

  it('of a document has the type the document says, unless a browser would run it', async () => {
    const document = (mediaType: string, instance: string) =>
      phantom({
        instance,
        remove: ['00280010'],
        attributes: {
          '00420012': { vr: 'LO', Value: [mediaType] },
          '00420011': { vr: 'OB', InlineBinary: Buffer.alloc(2000, 'x').toString('base64') },
        },
      });
    await rig.add(document('application/pdf', '2.25.21'));
    await rig.add(document('text/html', '2.25.22'));
    const typeOf = async (instance: string) =>
      (await rig.request(`${PATH.replace(/[^/]+$/, instance)}/bulkdata/00420011`)).headers['content-type'];
    expect(await typeOf('2.25.21')).toBe('application/pdf');
    expect(await typeOf('2.25.22')).toBe('application/octet-stream');
  });

  it('that is not there is not found', async () => {
    await rig.add(phantom());
    await expect(rig.request(`${PATH}/bulkdata/00420011`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rig.request(`${PATH}/bulkdata/../../x`)).rejects.toThrow();
  });
});
