import { type ByteSource, FilmlessError } from '@filmless/core/plugin';

/** A stored file, or the part of it from the start to `sizeBytes`, to be read when its turn comes. */
export interface FilePiece {
  sizeBytes: number;
  open(): Promise<ByteSource & { close(): Promise<void> }>;
}

export type Piece = Uint8Array | FilePiece;

/** A file that is opened before its turn. */
export class EarlyFile implements FilePiece {
  readonly sizeBytes: number;
  readonly #opening: ReturnType<FilePiece['open']>;
  #taken = false;

  constructor(piece: FilePiece) {
    this.sizeBytes = piece.sizeBytes;
    this.#opening = piece.open();
    // Its failure is met at its turn.
    this.#opening.catch(() => undefined);
  }

  open(): ReturnType<FilePiece['open']> {
    this.#taken = true;
    return this.#opening;
  }

  /** Its turn will not come, or has come. */
  abandon(): void {
    if (!this.#taken) this.#opening.then((file) => file.close()).catch(() => undefined);
  }
}

export const openEarly = (piece: Piece): Piece => (piece instanceof Uint8Array ? piece : new EarlyFile(piece));

const CHUNK_BYTES = 1 << 20;

/**
 * Chunks of about 1 MiB from pieces of any size, one read ahead of who takes them. Two buffers serve all: a chunk's memory is used again
 * after the next one was asked for. `totalBytes`: when known and small, so much memory is enough.
 */
export function pack(pieces: AsyncIterable<Piece>, totalBytes = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  return readAhead(fill(pieces, Math.min(CHUNK_BYTES, Math.max(1, totalBytes))));
}

/** Pieces of either kind of list. */
export async function* piecesOf(pieces: AsyncIterable<Piece> | Iterable<Piece>): AsyncGenerator<Piece> {
  yield* pieces;
}

async function* fill(pieces: AsyncIterable<Piece>, chunkBytes: number): AsyncGenerator<Uint8Array> {
  // Not from Node's shared pool: what is sent from here must be nobody else's.
  let [buffer, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  let filled = 0;
  const take = (): Uint8Array => {
    const chunk = buffer.subarray(0, filled);
    [buffer, other] = [other, buffer];
    filled = 0;
    return chunk;
  };
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) {
      const file = await piece.open();
      try {
        for (let at = 0; at < piece.sizeBytes; ) {
          if (filled === chunkBytes) yield take();
          const got = await readInto(file, buffer.subarray(filled, filled + piece.sizeBytes - at), at);
          if (got === 0) throw new FilmlessError('BLOB_CORRUPT', 'a stored file is shorter than it was');
          filled += got;
          at += got;
        }
      } finally {
        // Nothing was written to it: nobody waits for this, and nobody minds how it ends.
        file.close().catch(() => undefined);
      }
    } else {
      if (filled + piece.length > chunkBytes && filled > 0) yield take();
      if (piece.length > chunkBytes / 2) {
        if (filled > 0) yield take();
        yield piece;
      } else {
        buffer.set(piece, filled);
        filled += piece.length;
      }
    }
  }
  if (filled > 0) yield take();
}

async function readInto(file: ByteSource, target: Uint8Array, offsetBytes: number): Promise<number> {
  if (file.readInto) return file.readInto(target, offsetBytes);
  const bytes = await file.read(offsetBytes, target.length);
  target.set(bytes);
  return bytes.length;
}

/** Asks for the next chunk while the one before is still with the consumer. */
async function* readAhead(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let next = source.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = source.next();
      // Its failure is met at the next turn; until then it is not unhandled.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}
