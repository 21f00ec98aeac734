import { Readable } from 'node:stream';
import { FilmlessError } from '@filmless/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elements, INSTANCE, PATH, phantom, STUDY } from '../phantom.test-util.ts';
import { openRig, type Rig } from '../rig.test-util.ts';

const TYPE = 'multipart/related; type="application/dicom"; boundary=BB';

function message(files: readonly Uint8Array[], types: readonly string[] = []): Buffer {
  const parts = files.flatMap((file, index) => [
    Buffer.from(`--BB\r\nContent-Type: ${types[index] ?? 'application/dicom'}\r\n\r\n`),
    file,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('--BB--\r\n')]);
}

describe('STOW-RS', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const send = async (
    body: Uint8Array | Readable,
    headers: Record<string, string> = {},
    path = '/dicom-web/studies',
  ) => {
    const reply = await rig.request(path, { method: 'POST', headers: { 'content-type': TYPE, ...headers }, body });
    return { status: reply.status, type: reply.headers['content-type'], text: reply.body.toString() };
  };
  const failureReasons = (text: string, sequence = '00081198') =>
    JSON.parse(text)[sequence]?.Value.map((item: Record<string, { Value: number[] }>) => item['00081197']!.Value[0]);

  it('stores what comes, byte for byte, and says where it is', async () => {
    const files = [phantom(), phantom({ instance: '2.25.2' })];
    const { status, text } = await send(message(files));
    expect(status).toBe(200);
    const response = JSON.parse(text);
    expect(response['00081190'].Value).toEqual([`http://rig/dicom-web/studies/${STUDY}`]);
    expect(response['00081199'].Value).toHaveLength(2);
    expect(response['00081199'].Value[0]).toMatchObject({
      '00081155': { Value: [INSTANCE] },
      '00081190': { Value: [`http://rig${PATH}`] },
    });
    expect(response['00081198']).toBeUndefined();
    expect(
      (await rig.request(PATH, { headers: { accept: 'application/dicom; transfer-syntax=*' } })).body.equals(files[0]!),
    ).toBe(true);
  });

  it('takes a single file, and the same one again', async () => {
    expect((await send(phantom(), { 'content-type': 'application/dicom' })).status).toBe(200);
    expect((await send(phantom(), { 'content-type': 'application/dicom' })).status).toBe(200);
  });

  it('answers in XML for who asks so', async () => {
    const { type, text } = await send(message([phantom()]), { accept: 'application/dicom+xml' });
    expect(type).toBe('application/dicom+xml');
    expect(text).toContain('keyword="ReferencedSOPSequence"');
  });

  it('reports each failure with its reason and keeps the rest', async () => {
    const broken = phantom({ instance: '2.25.3' }).subarray(0, 600);
    const nameless = phantom({ instance: '2.25.4', remove: ['0020000D'] });
    const { status, text } = await send(message([phantom(), broken, Buffer.from('no DICOM'), nameless]));
    expect(status).toBe(202);
    expect(JSON.parse(text)['00081199'].Value).toHaveLength(1);
    expect(failureReasons(text, '0008119A')).toEqual([0xc000, 0xc000, 0xa900]);
    // What could not be read is kept for a person.
    expect((await rig.storage.listQuarantine()).map((entry) => entry.code).sort()).toEqual([
      'DICOM_IDENTIFIER_MISSING',
      'DICOM_TRUNCATED',
      'NOT_DICOM',
    ]);
  });

  it('stores only what belongs to the study of the request', async () => {
    const { status, text } = await send(
      message([phantom(), phantom({ study: '2.25.9', instance: '2.25.2' })]),
      {},
      `/dicom-web/studies/${STUDY}`,
    );
    expect(status).toBe(202);
    expect(JSON.parse(text)['00081198'].Value[0]).toMatchObject({
      '00081155': { Value: ['2.25.2'] },
      '00081197': { Value: [0xa900] },
    });
    await expect(rig.request('/dicom-web/studies/2.25.9')).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
  });

  it('does not call stored what conflicts with what is there', async () => {
    await send(message([phantom()]));
    const { status, text } = await send(message([phantom({ attributes: elements({ StudyDescription: 'other' }) })]));
    expect(status).toBe(409);
    expect(failureReasons(text)).toEqual([0x0111]);
  });

  it('refuses media types it does not take', async () => {
    await expect(send('x' as unknown as Uint8Array, { 'content-type': 'application/json' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    await expect(
      send(message([]), { 'content-type': 'multipart/related; type="application/dicom+json"; boundary=BB' }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    await expect(
      send(message([]), { 'content-type': 'multipart/related; type="application/dicom"' }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const { status, text } = await send(
      message([phantom(), Buffer.from('{}')], ['application/dicom', 'application/dicom+json']),
    );
    expect(status).toBe(202);
    expect(failureReasons(text, '0008119A')).toEqual([0xa900]);
  });

  it('keeps nothing of an instance whose bytes break off, and reports those before it', async () => {
    const whole = message([phantom(), phantom({ instance: '2.25.2' })]);
    const { status, text } = await send(whole.subarray(0, whole.length - 60));
    expect(status).toBe(202);
    expect(JSON.parse(text)['00081199'].Value).toHaveLength(1);
    await expect(rig.request(PATH.replace(INSTANCE, '2.25.2'))).rejects.toMatchObject({
      code: 'SOP_INSTANCE_NOT_FOUND',
    });
    await expect(send(Buffer.from('nothing at all'))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(send(message([]))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('takes no bytes when there is no room for them', async () => {
    rig.web.plugin.ingest.admit = () => Promise.reject(new FilmlessError('STORAGE_FULL'));
    await expect(send(message([phantom()]))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  });

  it('says that the disk is full when it fills on the way', async () => {
    rig.web.plugin.ingest.receive = () => Promise.reject(new FilmlessError('STORAGE_FULL'));
    const { status, text } = await send(message([phantom()]));
    expect(status).toBe(507);
    expect(failureReasons(text)).toEqual([0xa700]);
  });

  it('refuses an instance that is too large, and goes on', async () => {
    const small = await openRig({ maxInstanceMiB: 1 });
    const large = phantom({ rows: 1024, columns: 1024, frames: [new Uint8Array(2 << 20)] });
    const reply = await small.request('/dicom-web/studies', {
      method: 'POST',
      headers: { 'content-type': TYPE },
      body: Readable.from([message([large, phantom({ instance: '2.25.2' })])]),
    });
    expect(reply.status).toBe(202);
    expect(failureReasons(reply.body.toString(), '0008119A')).toEqual([0xa700]);
    await small.close();
  });
});
