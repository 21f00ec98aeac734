import { constants, crc32, createDeflateRaw } from 'node:zlib';

/**
 * Text that was compressed on its own and can be joined with others to one gzip stream without compressing again.
 * Several gzip members one after another would be valid gzip too, but browsers read only the first.
 */
export interface DeflatedPiece {
  /** Raw deflate blocks that end at a byte boundary, none of them the last of a stream. @see RFC 1951 3.2.3 */
  deflated: Uint8Array;
  /** Of the text. */
  crc32: number;
  sizeBytes: number;
}

/** Compresses a text that comes in chunks; only the compressed form is held. */
export async function deflatePiece(chunks: AsyncIterable<string>): Promise<DeflatedPiece> {
  const deflate = createDeflateRaw({ level: 6, finishFlush: constants.Z_FULL_FLUSH });
  const output: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => output.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    deflate.on('end', resolve).on('error', reject);
  });
  let crc = 0;
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk, 'utf8');
    crc = crc32(bytes, crc);
    sizeBytes += bytes.length;
    if (!deflate.write(bytes)) await new Promise((resolve) => deflate.once('drain', resolve));
  }
  deflate.end();
  await ended;
  return { deflated: Buffer.concat(output), crc32: crc, sizeBytes };
}

/** A few literal bytes as a stored block. */
export function storedPiece(text: string): DeflatedPiece {
  const bytes = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(~bytes.length & 0xffff, 3);
  return { deflated: Buffer.concat([head, bytes]), crc32: crc32(bytes), sizeBytes: bytes.length };
}

/** One gzip stream (a single member) of all pieces in order. @see RFC 1952 */
export function gzipOf(pieces: readonly DeflatedPiece[]): Uint8Array[] {
  let crc = 0;
  let sizeBytes = 0;
  for (const piece of pieces) {
    crc = combineCrc32(crc, piece.crc32, piece.sizeBytes);
    sizeBytes += piece.sizeBytes;
  }
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  // An empty final block, then CRC and size.
  const trailer = Buffer.alloc(10);
  trailer.writeUInt16LE(0x0003, 0);
  trailer.writeUInt32LE(crc >>> 0, 2);
  trailer.writeUInt32LE(sizeBytes % 2 ** 32, 6);
  return [header, ...pieces.map((piece) => piece.deflated), trailer];
}

/** CRC-32 of two texts joined, from the CRC of each and the length of the second (zlib's crc32_combine). */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  if (secondBytes === 0) return first;
  // Appending a zero bit is a linear map over GF(2); squared again and again it appends 2^n zero bits.
  let odd = new Uint32Array(32);
  odd[0] = 0xedb88320;
  for (let n = 1; n < 32; n++) odd[n] = 2 ** (n - 1);
  let even = square(odd);
  odd = square(even);
  let crc = first;
  let remaining = secondBytes;
  for (;;) {
    even = square(odd);
    if (remaining % 2 === 1) crc = times(even, crc);
    remaining = Math.floor(remaining / 2);
    if (remaining === 0) break;
    odd = square(even);
    if (remaining % 2 === 1) crc = times(odd, crc);
    remaining = Math.floor(remaining / 2);
    if (remaining === 0) break;
  }
  return (crc ^ second) >>> 0;
}

function times(matrix: Uint32Array, vector: number): number {
  let sum = 0;
  for (let n = 0, bits = vector >>> 0; bits !== 0; n++, bits >>>= 1) if (bits & 1) sum ^= matrix[n]!;
  return sum >>> 0;
}

function square(matrix: Uint32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(matrix, (column) => times(matrix, column));
}
