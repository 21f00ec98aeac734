import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  type BlobStorage,
  FilmlessError,
  type Ingest,
  type InstanceHeader,
  type InstanceSource,
  type ReceiveOutcome,
  readInstanceHeader,
  StagedWriter,
  sourceOfBytes,
} from '@filmless/core/plugin';
import type { StoreOutcome } from './store-result.ts';

export interface Receiver {
  ingest: Ingest;
  storage: BlobStorage;
  maxInstanceBytes: number;
}

/**
 * Takes one Part 10 stream to the end and stores it; what cannot be read is in quarantine afterwards. Never throws: what happened is the outcome.
 * `study`: the study all instances of the request must belong to.
 */
export async function receivePart(
  receiver: Receiver,
  stream: Readable,
  source: InstanceSource,
  study: string | undefined,
): Promise<StoreOutcome> {
  let header: InstanceHeader | undefined;
  try {
    await receiver.ingest.admit(0);
    const staged = await stage(receiver, stream);
    try {
      header = await readHeader(staged.file.path, staged.file.sizeBytes, staged.head, source);
      if (study !== undefined && header.StudyInstanceUID !== study)
        throw new FilmlessError('SOP_CLASS_MISMATCH', 'the instance belongs to another study than the request says');
    } catch (error) {
      await receiver.ingest.quarantine(staged.file, error, source);
      throw error;
    }
    return outcomeOf(await receiver.ingest.receive({ file: staged.file, header }, source));
  } catch (error) {
    return {
      stored: false,
      error: FilmlessError.from(error),
      ...(header ? { SOPClassUID: header.SOPClassUID, SOPInstanceUID: header.SOPInstanceUID } : {}),
    };
  }
}

/** A conflicting instance is kept for a person to decide, but cannot be retrieved: the sender must not take it for stored. */
function outcomeOf({ status, record }: ReceiveOutcome): StoreOutcome {
  if (status !== 'conflict') return { stored: true, record };
  return {
    stored: false,
    error: new FilmlessError(
      'CONFLICT',
      'another instance has this SOP Instance UID; both are kept until someone decides',
    ),
    SOPClassUID: record.SOPClassUID,
    SOPInstanceUID: record.SOPInstanceUID,
  };
}

async function stage(
  receiver: Receiver,
  stream: Readable,
): Promise<{ file: Awaited<ReturnType<StagedWriter['finish']>>; head: Uint8Array }> {
  const writer = await StagedWriter.open(receiver.storage.stagingDirectory);
  try {
    for await (const chunk of stream) {
      if (writer.sizeBytes + chunk.length > receiver.maxInstanceBytes) throw new FilmlessError('PAYLOAD_TOO_LARGE');
      await writer.write(chunk);
    }
    if (writer.sizeBytes === 0) throw new FilmlessError('NOT_DICOM', 'a part is empty');
    const head = Uint8Array.from(writer.head);
    return { file: await writer.finish(), head };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function readHeader(
  path: string,
  sizeBytes: number,
  head: Uint8Array,
  source: InstanceSource,
): Promise<InstanceHeader> {
  const options = {
    head,
    ...(source.assumedCharacterSet === undefined ? {} : { assumedCharacterSet: source.assumedCharacterSet }),
  };
  if (head.length === sizeBytes) return readInstanceHeader(sourceOfBytes(head), options);
  const file = await open(path, 'r');
  try {
    const read = async (offsetBytes: number, lengthBytes: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(lengthBytes), 0, lengthBytes, offsetBytes);
      return buffer.subarray(0, bytesRead);
    };
    return await readInstanceHeader({ sizeBytes, read }, options);
  } finally {
    await file.close();
  }
}
