import { expect, it } from 'vitest';
import { Bandwidth } from './bandwidth.ts';

const at = (hour: number) => new Date(2026, 0, 5, hour, 30).getTime();

it('limits by the hour of the day, also over midnight', () => {
  let now = 0;
  const bandwidth = new Bandwidth(
    [
      { from: 8, to: 18, bytesPerSecond: 1_000 },
      { from: 22, to: 6, bytesPerSecond: 9_000 },
    ],
    () => now,
  );
  const limits = [7, 8, 17, 18, 22, 23, 0, 5, 6].map((hour) => {
    now = at(hour);
    return bandwidth.limitNow();
  });
  expect(limits).toEqual([undefined, 1_000, 1_000, undefined, 9_000, 9_000, 9_000, 9_000, undefined]);
});

it('gives all bytes in their order, and stops at once when it is told to', async () => {
  const stopping = new AbortController();
  const limit = () => new Bandwidth([{ from: 0, to: 24, bytesPerSecond: 1024 * 1024 }]);
  const chunks = [Buffer.alloc(1024, 1), Buffer.alloc(1024, 2)];
  const given: Uint8Array[] = [];
  for await (const chunk of limit().limit(each(chunks))) given.push(chunk);
  expect(Buffer.concat(given)).toEqual(Buffer.concat(chunks));
  // A day's worth of bytes: only being told ends the wait.
  const slow = limit().limit(each([Buffer.alloc(64 * 1024 * 1024), Buffer.alloc(1)]), stopping.signal);
  const waiting = slow.next();
  stopping.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

async function* each(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
