import { afterEach, describe, expect, it } from 'vitest';
import { encode, JPEG_2000, ramp } from '../phantom.test-util.ts';
import { DecodePool, type DecodePoolOptions } from './decode-pool.ts';
import type { DecodeTask } from './decode-protocol.ts';
import type { PixelLayout } from './image-description.ts';

const never = new AbortController().signal;
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const layout: PixelLayout = {
  rows: 8,
  columns: 8,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  signed: false,
  planar: false,
  photometricInterpretation: 'MONOCHROME2',
  numberOfFrames: 1,
  kind: 'integer',
};
const native = (): DecodeTask => ({ task: 'frame', encoded: ramp(64), decoder: 'native', layout });

describe('DecodePool', () => {
  let pool: DecodePool;
  const open = (options: Partial<DecodePoolOptions> = {}) => {
    pool = new DecodePool({ threads: 1, timeoutMs: 60_000, queueLimit: 8, heapMiB: 128, log: silent, ...options });
    return pool;
  };
  afterEach(() => pool.close());

  it('decodes, one after another and side by side', async () => {
    const encoded = await encode(JPEG_2000, ramp(64, 3), { rows: 8, columns: 8, bits: 16 });
    open({ threads: 2 });
    const frames = await Promise.all(
      [1, 2, 3, 4].map(() =>
        pool.run({ task: 'frame', encoded: encoded.slice(), decoder: 'jpeg-2000', layout }, never),
      ),
    );
    for (const frame of frames) expect(frame.bytes).toEqual(ramp(64, 3));
  });

  it('fails the request with damaged pixels alone, in a fresh thread afterwards', async () => {
    open();
    const damaged = pool.run(
      { task: 'frame', encoded: new Uint8Array(100).fill(0xff), decoder: 'jpeg-ls', layout },
      never,
    );
    const next = pool.run(native(), never);
    await expect(damaged).rejects.toMatchObject({ code: 'DECODE_FAILED' });
    expect((await next).bytes).toEqual(ramp(64));
  });

  it('ends a decoder that takes too long, and serves the next request', async () => {
    open({ timeoutMs: 1 });
    await expect(pool.run(native(), never)).rejects.toMatchObject({ code: 'DECODE_FAILED' });
    await pool.close();
    open();
    expect((await pool.run(native(), never)).bytes).toEqual(ramp(64));
  });

  it('refuses what does not fit into the queue, and forgets what nobody waits for', async () => {
    open({ queueLimit: 1 });
    const gone = new AbortController();
    const running = pool.run(native(), never);
    const waiting = pool.run(native(), gone.signal);
    await expect(pool.run(native(), never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const third = pool.run(native(), never);
    await running;
    expect((await third).bytes).toEqual(ramp(64));
    await expect(pool.run(native(), AbortSignal.abort())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('lets go of everything when it is closed', async () => {
    open();
    const running = pool.run(native(), never);
    const waiting = pool.run(native(), never);
    const both = Promise.allSettled([running, waiting]);
    await pool.close();
    expect((await both).map((result) => result.status)).toEqual(['rejected', 'rejected']);
    await expect(pool.run(native(), never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
