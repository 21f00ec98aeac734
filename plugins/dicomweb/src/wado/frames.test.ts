import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  elements,
  encode,
  JPEG_2000,
  JPEG_BASELINE,
  JPEG_LS,
  PATH,
  phantom,
  RLE,
  ramp,
  words,
} from '../phantom.test-util.ts';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const accept = (value: string) => ({ headers: { accept: value } });
const NATIVE = accept('multipart/related; type="application/octet-stream"');
const AS_STORED = accept('multipart/related; type=application/octet-stream; transfer-syntax=*');

describe('WADO-RS frames', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('delivers the frames asked for, in the order asked', async () => {
    const frames = [1, 2, 3].map((step) => ramp(64, step));
    await rig.add(phantom({ frames }));
    const parts = partsOf(await rig.request(`${PATH}/frames/3,1`, NATIVE));
    expect(parts.map((part) => part.body)).toEqual([Buffer.from(frames[2]!), Buffer.from(frames[0]!)]);
    expect(parts[0]!.headers).toMatchObject({
      'content-type': `application/octet-stream; transfer-syntax=${EXPLICIT}`,
      'content-location': `${PATH}/frames/3`,
    });
  });

  it('delivers one frame as a single part', async () => {
    await rig.add(phantom());
    const reply = await rig.request(`${PATH}/frames/1`, accept('application/octet-stream'));
    expect(reply.body).toEqual(Buffer.from(ramp(64)));
    await expect(rig.request(`${PATH}/frames/1,1`, accept('application/octet-stream'))).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    });
  });

  it('turns big endian pixels round', async () => {
    await rig.add(
      phantom({ transferSyntaxUID: '1.2.840.10008.1.2.2', frames: [words([1, 258, 515, 772])], rows: 2, columns: 2 }),
    );
    expect(partsOf(await rig.request(`${PATH}/frames/1`, NATIVE))[0]!.body).toEqual(
      Buffer.from(words([1, 258, 515, 772])),
    );
  });

  it.each([
    ['JPEG-LS', JPEG_LS, 'image/jls'],
    ['JPEG 2000', JPEG_2000, 'image/jp2'],
    ['RLE', RLE, 'image/dicom-rle'],
  ])('gives %s as stored or decoded', async (_, syntax, mediaType) => {
    const native = ramp(64, 5);
    const encoded = await encode(syntax, native, { rows: 8, columns: 8, bits: 16 });
    await rig.add(phantom({ transferSyntaxUID: syntax, frames: [encoded] }));
    expect(partsOf(await rig.request(`${PATH}/frames/1`, NATIVE))[0]!.body).toEqual(Buffer.from(native));
    const stored = partsOf(await rig.request(`${PATH}/frames/1`, AS_STORED))[0]!;
    expect(stored.body.subarray(0, encoded.length)).toEqual(Buffer.from(encoded));
    expect(stored.headers['content-type']).toBe(`application/octet-stream; transfer-syntax=${syntax}`);
    const typed = partsOf(await rig.request(`${PATH}/frames/1`, accept(`multipart/related; type="${mediaType}"`)))[0]!;
    expect(typed.headers['content-type']).toBe(`${mediaType}; transfer-syntax=${syntax}`);
    const any = partsOf(
      await rig.request(`${PATH}/frames/1`, accept('multipart/related; type="*/*"; transfer-syntax=*')),
    )[0]!;
    expect(any.headers['content-type']).toBe(`${mediaType}; transfer-syntax=${syntax}`);
    await expect(rig.request(`${PATH}/frames/1`, accept('multipart/related; type="image/jxl"'))).rejects.toMatchObject({
      code: 'NOT_ACCEPTABLE',
    });
    await expect(
      rig.request(
        `${PATH}/frames/1`,
        accept('multipart/related; type="application/octet-stream"; transfer-syntax=1.2.3'),
      ),
    ).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });

  it('delivers decoded colour as the metadata describes it', async () => {
    const pixels = new Uint8Array(8 * 8 * 3).map((_, index) => (index % 3 === 0 ? 200 : 128));
    const encoded = await encode(JPEG_BASELINE, pixels, { rows: 8, columns: 8, samplesPerPixel: 3, bits: 8 });
    const colour = { transferSyntaxUID: JPEG_BASELINE, frames: [encoded], samplesPerPixel: 3, bitsAllocated: 8 };
    await rig.add(phantom({ ...colour, photometricInterpretation: 'YBR_FULL_422' }));
    // Two bytes a pixel: Y1 Y2 Cb Cr.
    expect(partsOf(await rig.request(`${PATH}/frames/1`, NATIVE))[0]!.body).toHaveLength(8 * 8 * 2);
  });

  it('gives by plane what is stored by pixel where the data set says so', async () => {
    const byPixel = Uint8Array.from({ length: 4 * 3 }, (_, index) => index);
    const encoded = await encode(RLE, byPixel, { rows: 2, columns: 2, samplesPerPixel: 3, bits: 8 });
    await rig.add(
      phantom({
        transferSyntaxUID: RLE,
        frames: [encoded],
        rows: 2,
        columns: 2,
        samplesPerPixel: 3,
        bitsAllocated: 8,
        photometricInterpretation: 'RGB',
        planar: true,
      }),
    );
    const { body } = partsOf(await rig.request(`${PATH}/frames/1`, NATIVE))[0]!;
    expect([...body]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  it('begins frames of single bits at a byte', async () => {
    // Two frames of 3 x 3: bits 0-8 and 9-17.
    const packed = Uint8Array.from([0b10101010, 0b11111011, 0b00000001]);
    await rig.add(
      phantom({ rows: 3, columns: 3, bitsAllocated: 1, frames: [packed], attributes: elements({ NumberOfFrames: 2 }) }),
    );
    const parts = partsOf(await rig.request(`${PATH}/frames/1,2`, NATIVE));
    expect(parts.map((part) => [...part.body])).toEqual([
      [0b10101010, 0b1],
      [0b11111101, 0b0],
    ]);
  });

  it('says which frames there are', async () => {
    await rig.add(phantom());
    await expect(rig.request(`${PATH}/frames/2`, NATIVE)).rejects.toMatchObject({ code: 'FRAME_NOT_FOUND' });
    await expect(rig.request(`${PATH}/frames/0`, NATIVE)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(rig.request(`${PATH}/frames/1,x`, NATIVE)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('fails for a frame that is not what the data set says, and goes on', async () => {
    const other = await encode(JPEG_LS, ramp(16), { rows: 4, columns: 4, bits: 16 });
    await rig.add(phantom({ transferSyntaxUID: JPEG_LS, frames: [other] }));
    await expect(rig.request(`${PATH}/frames/1`, NATIVE)).rejects.toMatchObject({ code: 'DECODE_FAILED' });
    const good = await encode(JPEG_LS, ramp(64), { rows: 8, columns: 8, bits: 16 });
    await rig.add(phantom({ instance: '2.25.8', transferSyntaxUID: JPEG_LS, frames: [good] }));
    expect(partsOf(await rig.request(`${PATH.replace(/[^/]+$/, '2.25.8')}/frames/1`, NATIVE))[0]!.body).toEqual(
      Buffer.from(ramp(64)),
    );
  });
});
