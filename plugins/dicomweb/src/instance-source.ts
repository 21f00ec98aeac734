import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import {
  type BlobStorage,
  type ByteSource,
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  sourceOfBytes,
} from '@filmless/core/plugin';

const inflate = promisify(inflateRaw);

export interface OpenInstance {
  /** Where the offsets of the record's `bulkData` point into. For deflated files that is the inflated data set. */
  source: ByteSource;
  /** Where the data set begins in `source`. */
  datasetOffsetBytes: number;
  close(): Promise<void>;
}

/** Opens a stored instance for reading at places. Deflated data sets, which are small, are inflated whole, up to `maxInflatedBytes`. */
export async function openInstance(
  storage: BlobStorage,
  instance: { sha256: string; transferSyntaxUID: string; datasetOffsetBytes: number },
  maxInflatedBytes: number,
): Promise<OpenInstance> {
  const file = await storage.open(instance.sha256);
  if (instance.transferSyntaxUID !== DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)
    return { source: file, datasetOffsetBytes: instance.datasetOffsetBytes, close: () => file.close() };
  try {
    if (file.sizeBytes > maxInflatedBytes)
      throw new FilmlessError('TRANSCODE_UNSUPPORTED', 'the deflated object is too large');
    const deflated = await file.read(instance.datasetOffsetBytes, file.sizeBytes - instance.datasetOffsetBytes);
    const inflated = await inflate(deflated, { maxOutputLength: maxInflatedBytes });
    return { source: sourceOfBytes(inflated), datasetOffsetBytes: 0, close: async () => undefined };
  } catch (error) {
    if (error instanceof FilmlessError) throw error;
    throw new FilmlessError('TRANSCODE_UNSUPPORTED', 'the deflated object cannot be inflated', { cause: error });
  } finally {
    await file.close();
  }
}
