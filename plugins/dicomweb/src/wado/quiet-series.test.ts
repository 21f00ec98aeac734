import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@filmless/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { phantom, SERIES, STUDY } from '../phantom.test-util.ts';
import { openRig, type Rig } from '../rig.test-util.ts';

describe('a series that is quiet', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const thumbnails = async (): Promise<string[]> => {
    const folder = join(rig.web.plugin.cacheDirectory, 'thumbnails');
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return names.filter((name) => /^[0-9a-f]{40}$/.test(name.slice(3)));
  };

  it('is prepared before anyone opens it', async () => {
    const record = await rig.add(phantom());
    rig.stored(record);
    await until(async () => (await thumbnails()).length === 1);
    expect(rig.reads.getMany).toBe(1);
    await rig.request(`/dicom-web/studies/${STUDY}/metadata`);
    await rig.request(`/dicom-web/studies/${STUDY}/series/${SERIES}/thumbnail`);
    expect(rig.reads.getMany).toBe(1);
    expect(await thumbnails()).toHaveLength(1);
  });

  it('that cannot be prepared keeps no other one waiting', async () => {
    const bad = await rig.add(
      phantom({ series: '2.25.7', instance: '2.25.7', attributes: { '00280100': { vr: 'US', Value: [13] } } }),
    );
    rig.stored(bad, await rig.add(phantom()));
    await until(async () => (await thumbnails()).length === 1);
  });
});
