import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attributes, PhantomInstance } from '@filmless/core/phantoms';
import { dcmtk } from './dcmtk.ts';
import { COLUMNS, grayPhantom, ROWS } from './encoded-phantoms.ts';

/** An overlay of 8 × 8 pixels from (16, 16) on, in bit 12 of the pixels, whose own 12 bits are dark above and bright below. */
export function embeddedOverlay(name: string, attributes: Attributes): PhantomInstance {
  const instance = grayPhantom(
    name,
    { bitsAllocated: 16, bitsStored: 12 },
    { OverlayBitsAllocated: 16, OverlayBitPosition: 12, OverlayType: 'G', ...attributes },
  );
  const { bytes } = instance;
  const pixels = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - ROWS * COLUMNS * 2);
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < COLUMNS; column += 1) {
      const inside = row >= 16 && row < 24 && column >= 16 && column < 24;
      pixels.setUint16((row * COLUMNS + column) * 2, (row < 8 ? 100 : 3000) | (inside ? 0x1000 : 0), true);
    }
  return instance;
}

/** An overlay of one square of 8 × 8 pixels from (16, 16) on, and a rectangular shutter that closes 8 pixels at each edge. */
export async function withOverlayAndShutter(name: string): Promise<PhantomInstance> {
  const scratch = await mkdtemp(join(tmpdir(), 'filmless-overlay-'));
  try {
    const instance = grayPhantom(name, { bitsAllocated: 16, bitsStored: 12 });
    const [file, bits] = [join(scratch, 'image.dcm'), join(scratch, 'bits.raw')];
    await writeFile(file, instance.bytes);
    await writeFile(
      bits,
      Uint8Array.from({ length: 32 }, (_, index) => (index % 4 === 2 && index < 32 ? 0xff : 0)),
    );
    const set = (tag: string, value: string | number) => ['-i', `${tag}=${value}`];
    const { code, output } = await dcmtk('dcmodify', [
      '-nb',
      ...set('(6000,0010)', 8),
      ...set('(6000,0011)', 32),
      ...set('(6000,0040)', 'G'),
      ...set('(6000,0050)', '17\\1'),
      ...set('(6000,0100)', 1),
      ...set('(6000,0102)', 0),
      '-if',
      `(6000,3000)=${bits}`,
      ...set('(0018,1600)', 'RECTANGULAR'),
      ...set('(0018,1602)', 9),
      ...set('(0018,1604)', 56),
      ...set('(0018,1606)', 9),
      ...set('(0018,1608)', 40),
      file,
    ]);
    if (code !== 0) throw new Error(output);
    return { ...instance, bytes: await readFile(file) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
