import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceRecord } from '@filmless/core/plugin';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRig, partsOf, type Rig } from './rig.test-util.ts';

const CORPUS = join(import.meta.dirname, '../../../../shared/corpus');

function runs(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const missing = [
  existsSync(CORPUS) ? '' : 'the test corpus',
  runs('dcmj2pnm') ? '' : 'DCMTK (dcmj2pnm)',
  runs('gdcmconv') ? '' : 'GDCM (gdcmconv, gdcmraw)',
].filter(Boolean);
const without = missing.length > 0 ? ` [left out: needs ${missing.join(', ')}]` : '';
if (without) console.warn(`Pixels beside DCMTK and GDCM${without}`);

/** Every transfer syntax and photometric interpretation of the corpus that the other side decodes. */
const COMPRESSED = [
  'derived/ts/phantom-rle.dcm',
  'derived/ts/phantom-jpeg-baseline.dcm',
  'derived/ts/phantom-jpeg-lossless57.dcm',
  'derived/ts/phantom-jpeg-lossless70.dcm',
  'derived/ts/phantom-jpegls-lossless.dcm',
  'derived/ts/phantom-jpegls-near.dcm',
  'derived/ts/phantom-j2k-lossless.dcm',
  'derived/ts/phantom-j2k-lossy.dcm',
  'rt/rtdose_rle.dcm',
  'ts/GDCMJ2K_TextGBR.dcm',
  'us/US-PAL-8-10x-echo',
  'us/jpeg-ls-Palette.dcm',
  'enhanced/emri_small_RLE.dcm',
];
const SHOWN = [
  'ct/CT-JPEGLosslessSV1.dcm',
  'ct/head-phantom-scout/I10',
  'cr/CR-ModalitySequenceLUT.dcm',
  'derived/odd/sq-big-endian.dcm',
  'derived/odd/sq-deflated.dcm',
  'mr/MR-JPEGLosslessSV1.dcm',
  'nm/NM-MONO2-16-13x-heart',
  'rt/rtdose.dcm',
  'ts/SC_rgb_rle.dcm',
  'ts/SC_rgb_jpeg_dcmtk.dcm',
  'ts/SC_rgb_dcmtk_+eb+cy+np.dcm',
  'ts/SC_ybr_full_422_uncompressed.dcm',
  'ts/mlut_18.dcm',
  'ts/vlut_04.dcm',
  'us/OBXXXX1A.dcm',
  'us/US-PAL-8-10x-echo',
  'seg/liver.dcm',
];

describe.skipIf(missing.length > 0)(`pixels beside DCMTK and GDCM${without}`, () => {
  let rig: Rig;
  let folder: string;
  beforeAll(async () => {
    rig = await openRig();
    folder = await mkdtemp(join(tmpdir(), 'filmless-corpus-'));
  });
  beforeEach(() => rig.clear());
  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true, force: true });
  });

  const pathOf = (record: InstanceRecord) =>
    `/dicom-web/studies/${record.StudyInstanceUID}/series/${record.SeriesInstanceUID}/instances/${record.SOPInstanceUID}`;

  it.each(COMPRESSED)('decodes %s to the bytes GDCM gives', async (name) => {
    const record = await rig.add(readFileSync(join(CORPUS, name)));
    const frames = Array.from({ length: Number(record.dataset['00280008']?.Value?.[0] ?? 1) }, (_, index) => index + 1);
    const reply = await rig.request(`${pathOf(record)}/frames/${frames.join(',')}`, {
      headers: { accept: 'multipart/related; type="application/octet-stream"' },
    });
    const [native, raw] = [join(folder, 'native.dcm'), join(folder, 'native.raw')];
    execFileSync('gdcmconv', ['--raw', join(CORPUS, name), native], { stdio: 'ignore' });
    execFileSync('gdcmraw', ['-i', native, '-o', raw, '-t', '7fe0,0010'], { stdio: 'ignore' });
    const ours = Buffer.concat(partsOf(reply).map((part) => part.body));
    expect(ours.equals(readFileSync(raw).subarray(0, ours.length))).toBe(true);
  });

  it.each(SHOWN)('shows %s as DCMTK does, within a grey level', async (name) => {
    const file = join(CORPUS, name);
    const record = await rig.add(readFileSync(file));
    const hasWindow = record.dataset['00281050']?.Value !== undefined;
    const hasLut = record.dataset['00283010'] !== undefined;
    const window = hasWindow ? ['+Wi', '1'] : hasLut ? ['+Wl', '1'] : ['+Ww', '40', '400'];
    const query = hasWindow || hasLut ? '' : '?window=40,400';
    const theirs = join(folder, 'theirs.png');
    execFileSync('dcmj2pnm', ['-O', ...window, '+on', file, theirs], { stdio: 'ignore' });
    const reply = await rig.request(`${pathOf(record)}/rendered${query}`, { headers: { accept: 'image/png' } });
    const a = await sharp(reply.body).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { width, height } = a.info;
    const b = await sharp(theirs)
      .toColourspace('srgb')
      .removeAlpha()
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer();
    let sum = 0;
    for (let i = 0; i < b.length; i++) sum += Math.abs(a.data[i]! - b[i]!);
    expect(a.data.length).toBe(b.length);
    expect(sum / b.length).toBeLessThan(1);
  });
});
