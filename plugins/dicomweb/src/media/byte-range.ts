import { FilmlessError } from '@filmless/core/plugin';

/**
 * A single `Range` of bytes, `end` exclusive. Undefined: the whole is to be sent (none, several, or another unit, which a server may ignore).
 * RANGE_NOT_SATISFIABLE when nothing of the object lies in it. @see RFC 9110 14.2
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const outside = () => new FilmlessError('RANGE_NOT_SATISFIABLE', `the object has ${sizeBytes} bytes`);
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || sizeBytes === 0) throw outside();
    return { start: Math.max(0, sizeBytes - suffix), end: sizeBytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= sizeBytes) throw outside();
  return { start, end: last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}
