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
 * Takes one Part 10 stream. Resolves when its last byte is taken, with the promise of what became of it, so that the next part can be read while
 * this one is made durable. What cannot be read is in quarantine afterwards. Neither promise rejects: what happened is the outcome.
 * `study`: the study all instances of the request must belong to.
 */
export async function receivePart(
  receiver: Receiver,
  stream: Readable,
  source: InstanceSource,
  study: string | undefined,
): Promise<{ outcome: Promise<StoreOutcome> }> {
  try {
    const writer = await stage(receiver, stream);
    return { outcome: settle(receiver, writer, source, study) };
  } catch (error) {
    return { outcome: Promise.resolve({ stored: false, error: FilmlessError.from(error) }) };
  }
}

async function settle(
  receiver: Receiver,
  writer: StagedWriter,
  source: InstanceSource,
  study: string | undefined,
): Promise<StoreOutcome> {
  let header: InstanceHeader | undefined;
  try {
    const head = new Uint8Array(writer.head);
    const file = await writer.finish();
    try {
      header = await readHeader(file.path, file.sizeBytes, head, source);
      if (study !== undefined && header.StudyInstanceUID !== study) {
        throw new FilmlessError('SOP_CLASS_MISMATCH', 'the instance belongs to another study than the request says');
      }
    } catch (error) {
      await receiver.ingest.quarantine(file, error, source);
      throw error;
    }
    return outcomeOf(await receiver.ingest.receive({ file, header }, source));
  } catch (error) {
    const { SOPClassUID, SOPInstanceUID } = header ?? {};
    return {
      stored: false,
      error: FilmlessError.from(error),
      ...(SOPClassUID === undefined || SOPInstanceUID === undefined ? {} : { SOPClassUID, SOPInstanceUID }),
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

/** The bytes on disk, not yet durable. */
async function stage(receiver: Receiver, stream: Readable): Promise<StagedWriter> {
  await receiver.ingest.admit(0);
  const writer = await StagedWriter.open(receiver.storage.stagingDirectory);
  try {
    for await (const chunk of stream) {
      if (writer.sizeBytes + chunk.length > receiver.maxInstanceBytes) throw new FilmlessError('PAYLOAD_TOO_LARGE');
      await writer.write(chunk);
    }
    if (writer.sizeBytes === 0) throw new FilmlessError('NOT_DICOM', 'a part is empty');
    return writer;
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
