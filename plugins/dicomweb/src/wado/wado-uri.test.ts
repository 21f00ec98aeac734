import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { INSTANCE, phantom, SERIES, STUDY } from '../phantom.test-util.ts';
import { openRig, type Rig } from '../rig.test-util.ts';

const WADO = `/wado?requestType=WADO&studyUID=${STUDY}&seriesUID=${SERIES}&objectUID=${INSTANCE}`;

describe('WADO-URI', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('delivers the object', async () => {
    const file = phantom();
    await rig.add(file);
    const reply = await rig.request(`${WADO}&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.1`);
    expect(reply.body.equals(file)).toBe(true);
    expect(reply.headers['content-type']).toContain('application/dicom');
  });

  it('renders images, and delivers what is none', async () => {
    await rig.add(phantom());
    const reply = await rig.request(`${WADO}&rows=16&columns=40&windowCenter=32&windowWidth=64`);
    expect(await sharp(reply.body).metadata()).toMatchObject({ format: 'jpeg', width: 16, height: 16 });
    rig.clear();
    await rig.add(phantom({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11' }));
    expect((await rig.request(WADO)).headers['content-type']).toContain('application/dicom');
  });

  it('takes the first content type it has', async () => {
    await rig.add(phantom());
    expect((await rig.request(`${WADO}&contentType=video/mpeg,image/png`)).headers['content-type']).toBe('image/png');
    await expect(rig.request(`${WADO}&contentType=text/html`)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });

  it.each([
    '/wado?requestType=WADO&studyUID=1.2',
    '/wado?requestType=OTHER',
    `${WADO}&frameNumber=0`,
    `${WADO}&windowCenter=1`,
    `${WADO}&imageQuality=200`,
    `${WADO}&rows=100000`,
  ])('refuses %s', async (path) => {
    await rig.add(phantom());
    await expect(rig.request(path)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
