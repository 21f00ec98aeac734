import { readdir } from 'node:fs/promises';
import { readInstanceHeader } from '@filmless/core/plugin';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { phantom } from '../phantom.test-util.ts';
import { openRig, type Rig } from '../rig.test-util.ts';
import { instanceConverter } from './instance-converter.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const MPEG4 = '1.2.840.10008.1.2.4.102';

describe('the converter for senders', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  it('gives a whole file in explicit VR little endian, and leaves none behind', async () => {
    const record = await rig.add(phantom({ transferSyntaxUID: BIG_ENDIAN }));
    const converter = instanceConverter(rig.web);
    expect(converter.canConvert(BIG_ENDIAN)).toBe(true);
    const object = await converter.convert(record, new AbortController().signal);
    const header = await readInstanceHeader(object);
    expect(header).toMatchObject({
      SOPInstanceUID: record.SOPInstanceUID,
      transferSyntaxUID: EXPLICIT,
      datasetOffsetBytes: object.datasetOffsetBytes,
    });
    expect((await object.read(object.sizeBytes - 1, 100)).length).toBe(1);
    await object.close();
    expect(await readdir(rig.storage.stagingDirectory)).toEqual([]);
  });

  it('says what it cannot convert, and fails before anything is sent', async () => {
    const converter = instanceConverter(rig.web);
    expect(converter.canConvert(MPEG4)).toBe(false);
    await expect(converter.convert({ SOPInstanceUID: '1.2.3' }, new AbortController().signal)).rejects.toMatchObject({
      code: 'SOP_INSTANCE_NOT_FOUND',
    });
  });
});
