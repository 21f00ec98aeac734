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

/**
 * Puts preamble and File Meta Information before a data set that came without. The bytes of the data set stay as they are.
 * @dicom PS3.10 7.1
 */
export async function completeFile(
  storage: BlobStorage,
  { file, header }: ReceivedInstance,
  assumedCharacterSet: string | undefined,
): Promise<ReceivedInstance> {
  const staged = await stageStream(storage, createReadStream(file.path), encodeFileMetaInformation(header));
  await rm(file.path, { force: true });
  return { file: staged.file, header: await readStagedHeader(staged, assumedCharacterSet) };
}
