import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { encodeFileMetaInformation, readInstanceHeader } from '../dicom/index.ts';
import type { InstanceHeader } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage, StagedFile } from '../storage/contract.ts';
import { FileByteSource } from '../storage/file-byte-source.ts';
import { StagedWriter } from '../storage/staged-writer.ts';
import type { ReceivedInstance } from './contract.ts';

/** How often room is asked for again while a stream of unknown length comes in. */
const ADMIT_EVERY_BYTES = 16 * 1024 * 1024;

export interface StagedStream {
  file: StagedFile;
  head: Uint8Array;
}

/** Takes a whole stream into the staging folder. What came of a broken stream is removed, and why it broke is thrown. */
export async function stageStream(storage: BlobStorage, stream: Readable, prefix?: Uint8Array): Promise<StagedStream> {
  let admittedBytes = 0;
  const writer = await StagedWriter.open(storage.stagingDirectory, prefix ? { prefix } : {});
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) throw new FilmlessError('INTERNAL', 'A stream of bytes is needed');
      if (writer.sizeBytes + chunk.length > admittedBytes) {
        await storage.ensureSpace(ADMIT_EVERY_BYTES);
        admittedBytes += ADMIT_EVERY_BYTES;
      }
      await writer.write(chunk);
    }
  } catch (error) {
    stream.destroy();
    await writer.abort();
    if (error instanceof FilmlessError) throw error;
    throw new FilmlessError('INVALID_REQUEST', 'The stream broke off; nothing was stored', { cause: error });
  }
  return { file: await writer.finish(), head: writer.head };
}

/** Reads the header of a staged file. */
export async function readStagedHeader(
  { file, head }: StagedStream,
  assumedCharacterSet: string | undefined,
): Promise<InstanceHeader> {
  const source = await FileByteSource.open(file.path);
  try {
    return await readInstanceHeader(source, {
      head,
      ...(assumedCharacterSet !== undefined && { assumedCharacterSet }),
    });
  } finally {
    await source.close();
  }
}

const PREAMBLE_BYTES = 128;
const PREFIX = Buffer.from('DICM', 'latin1');

/** What has to stand before the bytes of a file to make a Part 10 file of it: nothing, preamble and `DICM`, or all of the header. @dicom PS3.10 7.1 */
export function missingStart(head: Uint8Array, header: InstanceHeader): Uint8Array | undefined {
  if (header.datasetOffsetBytes === 0) return encodeFileMetaInformation(header);
  const hasPrefixAt = (at: number) => PREFIX.equals(head.subarray(at, at + PREFIX.length));
  if (hasPrefixAt(PREAMBLE_BYTES)) return undefined;
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  return hasPrefixAt(0) ? preamble : Buffer.concat([preamble, PREFIX]);
}

/** Puts what is missing before a file: whoever fetches it gets a Part 10 file. The bytes of the data set stay as they are. */
export async function completeFile(
  storage: BlobStorage,
  { file }: ReceivedInstance,
  start: Uint8Array,
  assumedCharacterSet: string | undefined,
): Promise<ReceivedInstance> {
  const staged = await stageStream(storage, createReadStream(file.path), start);
  await rm(file.path, { force: true });
  return { file: staged.file, header: await readStagedHeader(staged, assumedCharacterSet) };
}
