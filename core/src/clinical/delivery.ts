import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import { encodeDataset } from '../dicom/encode-dataset.ts';
import { encodeFileMetaInformation } from '../dicom/file-meta.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { ByteSource, DicomJson } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage } from '../storage/contract.ts';
import type { DeliveredObject, Delivery, IdentityOverlay, IdentityOverlays } from './contract.ts';

/** Everything but the pixels is held in memory while an object is delivered under another identity. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
const PIXEL_DATA = '7FE00010';

interface Options {
  storage: () => Pick<BlobStorage, 'open'>;
  catalogue: () => Pick<Catalogue, 'get'>;
  identities: IdentityOverlays;
}

/** Stored objects as they are handed out: byte for byte as they came, or with the identity that holds now in their header. */
export class ObjectDelivery implements Delivery {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async overlayOf(SOPInstanceUID: string): Promise<IdentityOverlay | undefined> {
    const record = await this.#options.catalogue().get(SOPInstanceUID);
    return record && this.#options.identities.of(record);
  }

  async open(instance: {
    SOPInstanceUID: string;
    sha256: string;
    datasetOffsetBytes: number;
  }): Promise<DeliveredObject> {
    const { storage, catalogue, identities } = this.#options;
    const record = await catalogue().get(instance.SOPInstanceUID);
    // Another version may have taken its place since it was found; then the one that was found is given as it is.
    const overlay = record?.sha256 === instance.sha256 ? await identities.of(record) : undefined;
    const blob = await storage().open(instance.sha256);
    if (!record || !overlay) return asItCame(blob, instance.datasetOffsetBytes);
    try {
      return await overlaid(blob, record, overlay);
    } catch (error) {
      await blob.close();
      throw error;
    }
  }
}

function asItCame(blob: ByteSource & { close(): Promise<void> }, datasetOffsetBytes: number): DeliveredObject {
  return {
    sizeBytes: blob.sizeBytes,
    datasetOffsetBytes,
    headerEndBytes: blob.sizeBytes,
    overlaid: false,
    read: (offsetBytes, lengthBytes) => blob.read(offsetBytes, lengthBytes),
    close: () => blob.close(),
  };
}

/**
 * The object with the overlay in its header: the header is written anew from what was read of it, pixels and what follows them stay as they are.
 * Deflated objects are not rewritten: NOT_ACCEPTABLE.
 */
async function overlaid(
  blob: ByteSource & { close(): Promise<void> },
  record: InstanceRecord,
  overlay: IdentityOverlay,
): Promise<DeliveredObject> {
  const syntax = transferSyntax(record.transferSyntaxUID);
  if (syntax?.kind === 'deflated')
    throw new FilmlessError('NOT_ACCEPTABLE', 'a deflated object cannot be delivered under a corrected identity');
  const pixels = record.bulkData.find(({ path }) => path === PIXEL_DATA);
  const tailStart = pixels ? pixels.offsetBytes - (syntax?.implicitVr ? 8 : 12) : blob.sizeBytes;
  const bulk = await readBulk(blob, record, tailStart);
  const header: DicomJson = Object.fromEntries(
    Object.entries({ ...record.dataset, ...overlay.elements }).filter(([tag]) => !pixels || tag < PIXEL_DATA),
  );
  const dataset = encodeDataset(header, {
    transferSyntaxUID: record.transferSyntaxUID,
    bulkData: (path) => bulk.get(path),
  });
  const meta = encodeFileMetaInformation(record);
  const head = Buffer.concat([meta, dataset]);
  return {
    sizeBytes: head.length + blob.sizeBytes - tailStart,
    datasetOffsetBytes: meta.length,
    headerEndBytes: head.length,
    overlaid: true,
    read: (offsetBytes, lengthBytes) => readJoined(head, blob, tailStart, offsetBytes, lengthBytes),
    close: () => blob.close(),
  };
}

async function readBulk(blob: ByteSource, record: InstanceRecord, end: number): Promise<Map<string, Uint8Array>> {
  const bulk = new Map<string, Uint8Array>();
  let held = 0;
  for (const { path, offsetBytes, lengthBytes } of record.bulkData) {
    if (offsetBytes >= end) continue;
    held += lengthBytes;
    if (held > MAX_HELD_BYTES) throw new FilmlessError('PAYLOAD_TOO_LARGE', 'too much besides pixels to rewrite');
    bulk.set(path, await blob.read(offsetBytes, lengthBytes));
  }
  return bulk;
}

async function readJoined(
  head: Buffer,
  blob: ByteSource,
  tailStart: number,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  if (offsetBytes + lengthBytes <= head.length) return head.subarray(offsetBytes, offsetBytes + lengthBytes);
  if (offsetBytes >= head.length) return blob.read(tailStart + offsetBytes - head.length, lengthBytes);
  const first = head.subarray(offsetBytes);
  const rest = await blob.read(tailStart, lengthBytes - first.length);
  return Buffer.concat([first, rest]);
}
