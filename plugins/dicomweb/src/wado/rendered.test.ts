import sharp from 'sharp';
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
import { parseRenderParameters } from './render-parameters.ts';

const PNG = { headers: { accept: 'image/png' } };
const SR = '1.2.840.10008.5.1.4.1.1.88.11';

const pixelsOf = async (image: Buffer): Promise<number[]> => [
  ...(await sharp(image).toColourspace('b-w').raw().toBuffer()),
];
const at = (instance: string) => PATH.replace(INSTANCE, instance);

describe('rendered images', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  const quarter = { rows: 2, columns: 2, frames: [words([0, 1000, 2000, 4095])] };

  it('use the window asked for, else that of the file', async () => {
    await rig.add(phantom({ ...quarter, attributes: elements({ WindowCenter: 2048, WindowWidth: 4096 }) }));
    expect(await pixelsOf((await rig.request(`${PATH}/rendered`, PNG)).body)).toEqual([0, 62, 125, 255]);
    expect(await pixelsOf((await rig.request(`${PATH}/rendered?window=1000,2,linear`, PNG)).body)).toEqual([
      0, 255, 255, 255,
    ]);
    expect(await pixelsOf((await rig.request(`${PATH}/rendered?window=1000,1000,sigmoid`, PNG)).body)).toEqual([
      5, 128, 250, 255,
    ]);
  });

  it.each([
    ['image/jpeg', 'jpeg'],
    ['image/png', 'png'],
    ['image/webp', 'webp'],
    [undefined, 'jpeg'],
    ['image/*', 'jpeg'],
  ])('come as %s', async (accept, format) => {
    await rig.add(phantom());
    const reply = await rig.request(`${PATH}/rendered`, accept ? { headers: { accept } } : {});
    expect((await sharp(reply.body).metadata()).format).toBe(format);
    expect(reply.headers['content-location']).toBe(`${PATH}/frames/1`);
  });

  it('are scaled into the viewport, mirrored and cut as asked, and keep what is round round', async () => {
    await rig.add(phantom({ ...quarter, attributes: elements({ WindowCenter: 2048, WindowWidth: 4096 }) }));
    await rig.add(phantom({ instance: '2.25.2', attributes: elements({ PixelAspectRatio: [2, 1] }) }));
    const size = async (path: string) => {
      const { width, height } = await sharp((await rig.request(path, PNG)).body).metadata();
      return [width, height];
    };
    expect(await size(`${PATH}/rendered?viewport=100,40`)).toEqual([40, 40]);
    expect(await pixelsOf((await rig.request(`${PATH}/rendered?viewport=1,1,1,1,1,1`, PNG)).body)).toEqual([255]);
    expect(await pixelsOf((await rig.request(`${PATH}/rendered?viewport=2,2,,,-2,2`, PNG)).body)).toEqual([
      62, 0, 255, 125,
    ]);
    // Pixels twice as high as wide: 8 x 8 of them are 8 x 16.
    expect(await size(`${at('2.25.2')}/rendered`)).toEqual([8, 16]);
    expect(await size(`${at('2.25.2')}/rendered?viewport=100,100`)).toEqual([50, 100]);
    await expect(rig.request(`${PATH}/rendered?viewport=2,2,1,1,5,5`, PNG)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('show the frame asked for', async () => {
    const frames = [words([0, 0, 0, 0]), words([4095, 4095, 4095, 4095])];
    await rig.add(
      phantom({ rows: 2, columns: 2, frames, attributes: elements({ WindowCenter: 2048, WindowWidth: 4096 }) }),
    );
    expect(await pixelsOf((await rig.request(`${PATH}/frames/2/rendered`, PNG)).body)).toEqual([255, 255, 255, 255]);
    expect(await pixelsOf((await rig.request(`${PATH}/rendered`, PNG)).body)).toEqual([0, 0, 0, 0]);
    const parts = partsOf(
      await rig.request(`${PATH}/frames/2,1/rendered`, { headers: { accept: 'multipart/related; type="image/png"' } }),
    );
    expect(await pixelsOf(parts[0]!.body)).toEqual([255, 255, 255, 255]);
    expect(parts[1]!.headers['content-location']).toBe(`${PATH}/frames/1`);
    await expect(rig.request(`${PATH}/frames/3/rendered`, PNG)).rejects.toMatchObject({ code: 'FRAME_NOT_FOUND' });
    await expect(rig.request(`${PATH}/frames/1,2/rendered`, PNG)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });

  it('of a series are its images, one after another, and leave out what is none', async () => {
    await rig.add(phantom());
    await rig.add(phantom({ instance: '2.25.2', InstanceNumber: 2 }));
    await rig.add(phantom({ instance: '2.25.3', InstanceNumber: 3, SOPClassUID: SR }));
    const reply = await rig.request(`/dicom-web/studies/${STUDY}/series/${SERIES}/rendered`, {
      headers: { accept: 'multipart/related; type="image/jpeg"' },
    });
    expect(partsOf(reply).map((part) => part.headers['content-location'])).toEqual([
      `${PATH}/frames/1`,
      `${at('2.25.2')}/frames/1`,
    ]);
  });

  it('of what has no pixels, of video and of damaged pixels are refused with a reason', async () => {
    await rig.add(phantom({ instance: '2.25.2', remove: ['00280010'] }));
    await rig.add(phantom({ instance: '2.25.3', transferSyntaxUID: MPEG4, frames: [new Uint8Array(64)] }));
    await rig.add(phantom({ instance: '2.25.4', transferSyntaxUID: JPEG_LS, frames: [new Uint8Array(64)] }));
    await rig.add(phantom({ instance: '2.25.5', attributes: elements({ NumberOfFrames: 9 }) }));
    await expect(rig.request(`${at('2.25.2')}/rendered`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rig.request(`${at('2.25.3')}/rendered`)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
    await expect(rig.request(`${at('2.25.4')}/rendered`)).rejects.toMatchObject({ code: 'DECODE_FAILED' });
    await expect(rig.request(`${at('2.25.5')}/frames/9/rendered`)).rejects.toMatchObject({ code: 'DICOM_TRUNCATED' });
  });

  it('look up tables in the file, wherever its memory lies', async () => {
    // Over 1 KiB, so that it is bulk data: 1024 entries, inverted.
    const table = words(Array.from({ length: 1024 }, (_, index) => 1023 - index));
    const lut = {
      ...elements({ LUTDescriptor: [1024, 0, 10] }),
      '00283006': { vr: 'OW', InlineBinary: Buffer.from(table).toString('base64') },
    };
    await rig.add(
      phantom({
        rows: 1,
        columns: 4,
        frames: [words([0, 341, 682, 1023])],
        attributes: { '00283010': { vr: 'SQ', Value: [lut] } },
      }),
    );
    expect(await pixelsOf((await rig.request(`${PATH}/rendered`, PNG)).body)).toEqual([255, 170, 85, 0]);
  });

  it('use the rescale and window of their own frame', async () => {
    const group = (slope: number) => ({
      '00289145': { vr: 'SQ', Value: [{ ...elements({ RescaleIntercept: 0, RescaleSlope: slope }) }] },
      '00289132': { vr: 'SQ', Value: [elements({ WindowCenter: 500, WindowWidth: 1000 })] },
    });
    await rig.add(
      phantom({
        rows: 1,
        columns: 1,
        frames: [words([100]), words([100])],
        attributes: { '52009230': { vr: 'SQ', Value: [group(1), group(5)] } },
      }),
    );
    expect(await pixelsOf((await rig.request(`${PATH}/frames/1/rendered`, PNG)).body)).toEqual([26]);
    expect(await pixelsOf((await rig.request(`${PATH}/frames/2/rendered`, PNG)).body)).toEqual([128]);
  });
});

describe('thumbnails', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('show the middle of the first series with images, and say which', async () => {
    await rig.add(phantom({ series: '2.25.1', instance: '2.25.10', SOPClassUID: SR }));
    for (const number of [1, 2, 3]) await rig.add(phantom({ instance: `2.25.2${number}`, InstanceNumber: number }));
    const reply = await rig.request(`/dicom-web/studies/${STUDY}/thumbnail`);
    expect(reply.headers['content-location']).toBe(`${at('2.25.22')}/frames/1`);
    expect(await sharp(reply.body).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 256 });
    const again = await rig.request(`/dicom-web/studies/${STUDY}/thumbnail`);
    expect(again.body.equals(reply.body)).toBe(true);
    expect(again.headers['content-location']).toBe(reply.headers['content-location']);
    expect(
      (
        await rig.request(`/dicom-web/studies/${STUDY}/thumbnail`, {
          headers: { 'if-none-match': reply.headers['etag']! },
        })
      ).status,
    ).toBe(304);
  });

  it('are no larger than their pixels, but for very small images', async () => {
    const wide = { rows: 300, columns: 400, frames: [ramp(300 * 400)] };
    await rig.add(phantom({ instance: '2.25.31', ...wide }));
    const sizeAt = async (viewport: string) => {
      const { width, height } = await sharp(
        (await rig.request(`/dicom-web/studies/${STUDY}/thumbnail?viewport=${viewport}`)).body,
      ).metadata();
      return [width, height];
    };
    expect(await sizeAt('1000,1000')).toEqual([400, 300]);
    expect(await sizeAt('200,200')).toEqual([200, 150]);
    rig.clear();
    await rig.add(phantom({ instance: '2.25.32' }));
    expect(await sizeAt('1000,1000')).toEqual([256, 256]);
  });

  it('show the middle frame, or the one asked for', async () => {
    await rig.add(phantom({ frames: [1, 2, 3, 4, 5].map((step) => ramp(64, step)) }));
    expect((await rig.request(`${PATH}/thumbnail`)).headers['content-location']).toBe(`${PATH}/frames/3`);
    expect((await rig.request(`${PATH}/frames/5/thumbnail?viewport=32,32`)).headers['content-location']).toBe(
      `${PATH}/frames/5`,
    );
  });

  it('pass over what cannot be shown', async () => {
    const good = await encode(JPEG_LS, ramp(64), { rows: 8, columns: 8, bits: 16 });
    await rig.add(phantom({ instance: '2.25.1', InstanceNumber: 1, transferSyntaxUID: JPEG_LS, frames: [good] }));
    await rig.add(phantom({ instance: '2.25.2', InstanceNumber: 2, remove: ['00280010'] }));
    await rig.add(
      phantom({ instance: '2.25.3', InstanceNumber: 3, transferSyntaxUID: MPEG4, frames: [new Uint8Array(10)] }),
    );
    expect((await rig.request(`/dicom-web/studies/${STUDY}/thumbnail`)).headers['content-location']).toBe(
      `${at('2.25.1')}/frames/1`,
    );
  });

  it('of a study without images are not found', async () => {
    await rig.add(phantom({ SOPClassUID: SR, remove: ['00280010'] }));
    await expect(rig.request(`/dicom-web/studies/${STUDY}/thumbnail`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('render parameters', () => {
  const parse = (query: string) => parseRenderParameters(new URLSearchParams(query));

  it.each([
    'window=1',
    'window=a,2',
    'window=1,0',
    'window=1,2,cubic',
    'viewport=1',
    'viewport=0,5',
    'viewport=99999,5',
    'viewport=1,2,3',
    'viewport=5,5,0,0,0,1',
    'quality=0',
    'quality=101',
    'quality=x',
  ])('refuse %s', (query) => {
    expect(() => parse(query)).toThrow(/window|viewport|quality/);
  });

  it('have the defaults of the standard', () => {
    expect(parse('')).toEqual({ window: undefined, viewport: undefined, quality: 90 });
    expect(parse('window=40,400').window).toEqual({ center: 40, width: 400, function: 'LINEAR' });
    expect(parse('window=40,0.5,linear-exact').window).toEqual({ center: 40, width: 0.5, function: 'LINEAR_EXACT' });
  });
});
