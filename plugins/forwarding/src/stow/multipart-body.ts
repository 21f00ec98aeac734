import { randomBytes } from 'node:crypto';
import type { ByteSource } from '@filmless/core/plugin';

const CHUNK_BYTES = 256 * 1024;
const CRLF = Buffer.from('\r\n');

export interface MultipartBody {
  contentType: string;
  lengthBytes: number;
  chunks: AsyncGenerator<Uint8Array>;
}

/** Part 10 files as multipart/related, read as the server takes them: a chunk or two are in memory. @dicom PS3.18 10.5.1 */
export function multipartBody(sources: readonly ByteSource[]): MultipartBody {
  const boundary = `filmless-${randomBytes(18).toString('hex')}`;
  const parts = sources.map((source) => ({
    source,
    head: Buffer.from(
      `--${boundary}\r\nContent-Type: application/dicom\r\nContent-Length: ${source.sizeBytes}\r\n\r\n`,
    ),
  }));
  const end = Buffer.from(`--${boundary}--\r\n`);
  return {
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
    lengthBytes: parts.reduce(
      (sum, { source, head }) => sum + head.length + source.sizeBytes + CRLF.length,
      end.length,
    ),
    chunks: write(parts, end),
  };
}

async function* write(
  parts: readonly { source: ByteSource; head: Uint8Array }[],
  end: Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (const { source, head } of parts) {
    yield head;
    for (let at = 0; at < source.sizeBytes; ) {
      const chunk = await source.read(at, Math.min(CHUNK_BYTES, source.sizeBytes - at));
      if (chunk.length === 0) throw new Error('fewer bytes than announced');
      at += chunk.length;
      yield chunk;
    }
    yield CRLF;
  }
  yield end;
}
