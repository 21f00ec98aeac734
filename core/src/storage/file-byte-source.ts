import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from '../dicom/types.ts';

/** Random access to a file; `close` must be called. Errors are the file system's own. */
export class FileByteSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
  }

  static async open(path: string): Promise<FileByteSource> {
    const handle = await open(path, 'r');
    try {
      return new FileByteSource(handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(lengthBytes, this.sizeBytes - offsetBytes));
    const buffer = Buffer.allocUnsafe(wanted);
    return buffer.subarray(0, await this.readInto(buffer, offsetBytes));
  }

  async readInto(target: Uint8Array, offsetBytes: number): Promise<number> {
    const wanted = Math.max(0, Math.min(target.byteLength, this.sizeBytes - offsetBytes));
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await this.#handle.read(target, done, wanted - done, offsetBytes + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
