import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode, JPEG_LS, MPEG4, phantom, ramp, SERIES, STUDY } from '../phantom.test-util.ts';
import { openRig, partsOf, type Rig } from '../rig.test-util.ts';

const PIXEL_DATA = `/dicom-web/studies/${STUDY}/series/${SERIES}/pixeldata`;
const accept = (value: string) => ({ headers: { accept: value } });
const NATIVE = accept('multipart/related; type="application/octet-stream"');
const AS_STORED = accept('multipart/related; type="*/*"; transfer-syntax=*');

describe('WADO-RS pixel data of a series', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  const uid = (number: number): string => `2.25.${number}`;
  /** Sixteen records are read at once: these are more. */
  async function addSlices(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1)
      await rig.add(phantom({ instance: uid(number), InstanceNumber: number, frames: [ramp(64, number)] }));
  }

  it('is every frame of every instance, each under its own name', async () => {
    await addSlices(18);
    await rig.add(phantom({ instance: uid(19), InstanceNumber: 19, frames: [ramp(64, 19), ramp(64, 20)] }));
    const parts = partsOf(await rig.request(PIXEL_DATA, NATIVE));
    expect(parts.map((part) => part.body)).toEqual(
      Array.from({ length: 20 }, (_, index) => Buffer.from(ramp(64, index + 1))),
    );
    expect(parts[19]!.headers['content-location']).toBe(
      `/dicom-web/studies/${STUDY}/series/${SERIES}/instances/${uid(19)}/frames/2`,
    );
    expect(rig.reads.getMany).toBe(2);
  });

  it('is that of the instances named, in that order', async () => {
    await addSlices(4);
    const parts = partsOf(await rig.request(`${PIXEL_DATA}?SOPInstanceUID=${uid(3)},${uid(1)}`, NATIVE));
    expect(parts.map((part) => part.body)).toEqual([Buffer.from(ramp(64, 3)), Buffer.from(ramp(64, 1))]);
  });

  it('goes out as stored, each in its own syntax', async () => {
    await addSlices(1);
    const encoded = await encode(JPEG_LS, ramp(64, 2), { rows: 8, columns: 8, bits: 16 });
    await rig.add(phantom({ instance: uid(2), InstanceNumber: 2, transferSyntaxUID: JPEG_LS, frames: [encoded] }));
    const parts = partsOf(await rig.request(PIXEL_DATA, AS_STORED));
    expect(parts.map((part) => part.headers['content-type'])).toEqual([
      'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
      `image/jls; transfer-syntax=${JPEG_LS}`,
    ]);
  });

  it('is refused before it begins where it cannot be had', async () => {
    await addSlices(1);
    await expect(rig.request(`${PIXEL_DATA}?SOPInstanceUID=${uid(9)}`, NATIVE)).rejects.toMatchObject({
      code: 'SOP_INSTANCE_NOT_FOUND',
    });
    await expect(
      rig.request(`${PIXEL_DATA}?SOPInstanceUID=${Array.from({ length: 129 }, () => uid(1)).join(',')}`, NATIVE),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(rig.request(PIXEL_DATA, accept('image/png'))).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
    rig.clear();
    await rig.add(phantom({ transferSyntaxUID: MPEG4, frames: [ramp(64)] }));
    await expect(rig.request(PIXEL_DATA, NATIVE)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });

  it('closes every file it opened, however it ends', async () => {
    await addSlices(3);
    let open = 0;
    const { storage } = rig;
    const opening = storage.open.bind(storage);
    storage.open = async (sha256) => {
      const file = await opening(sha256);
      open += 1;
      const close = file.close.bind(file);
      return Object.assign(file, {
        close: async () => {
          open -= 1;
          await close();
        },
      });
    };
    try {
      await rig.request(PIXEL_DATA, NATIVE);
      expect(open).toBe(0);
      await expect(rig.request(PIXEL_DATA, accept('image/png'))).rejects.toThrow();
      expect(open).toBe(0);
    } finally {
      storage.open = opening;
    }
  });
});
