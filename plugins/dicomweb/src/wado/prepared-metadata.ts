import { createHash } from 'node:crypto';
import type { Catalogue, DicomJson, IdentityOverlays, InstanceLocator, Logger } from '@filmless/core/plugin';
import type { FileCache } from '../file-cache.ts';
import { type DeflatedPiece, deflatePiece } from './gzip-pieces.ts';
import { instanceMetadata } from './instance-metadata.ts';

/** Changes when what is written into a piece changes. */
const FORMAT = 1;
const BATCH = 64;
const HEAD_BYTES = 16;
const MAGIC = 0x464d4431;

/** One series' part of the answer. */
export interface SeriesMetadata {
  piece: DeflatedPiece;
  /** Names the content: the same instances with the same bytes give the same. */
  fingerprint: string;
}

/**
 * Metadata of whole series as compressed JSON, made once and kept on disk. A piece is found by what it was made of (the series' instances and
 * the hashes of their files, as the request sees them), so it cannot be out of date.
 */
export class PreparedMetadata {
  readonly #cache: FileCache;
  readonly #catalogue: Pick<Catalogue, 'get' | 'getMany'>;
  readonly #identities: IdentityOverlays;
  readonly #bulkDataRoot: string;
  readonly #log: Logger;
  readonly #making = new Map<string, Promise<DeflatedPiece>>();

  /** `bulkDataRoot`: what BulkDataURIs start with: an absolute path, or a URL. */
  constructor(options: {
    cache: FileCache;
    catalogue: Pick<Catalogue, 'get' | 'getMany'>;
    identities: IdentityOverlays;
    bulkDataRoot: string;
    log: Logger;
  }) {
    this.#cache = options.cache;
    this.#identities = options.identities;
    this.#catalogue = options.catalogue;
    this.#bulkDataRoot = options.bulkDataRoot;
    this.#log = options.log;
  }

  get bulkDataRoot(): string {
    return this.#bulkDataRoot;
  }

  /** Data sets joined by commas, without the brackets. `instances`: of one series, at least one. */
  async series(instances: readonly InstanceLocator[]): Promise<SeriesMetadata> {
    const fingerprint = await this.fingerprint(instances);
    const group = createHash('sha256')
      .update(instances[0]?.SeriesInstanceUID ?? '')
      .digest('hex')
      .slice(0, 32);
    const key = `${group}/${fingerprint}`;
    const kept = await this.#cache.get(key);
    const piece = kept && unpack(kept);
    return { piece: piece ?? (await this.#make(group, key, instances)), fingerprint };
  }

  /** What the piece of these instances is made of: their bytes, and the identity that is laid over them. */
  async fingerprint(instances: readonly InstanceLocator[]): Promise<string> {
    const hash = createHash('sha256').update(`${FORMAT}\n${this.#bulkDataRoot}\n`);
    for (const instance of instances) hash.update(`${instance.SOPInstanceUID} ${instance.sha256}\n`);
    // A series is of one patient, and reading every record of it costs what this is meant to save: the first and the last stand for all.
    const ends = [instances[0], instances.at(-1)].flatMap((one) => (one ? [one.SOPInstanceUID] : []));
    for (const uid of new Set(ends)) {
      const record = await this.#catalogue.get(uid);
      const overlay = record && (await this.#identities.of(record));
      hash.update(`${overlay?.version ?? ''}\n`);
    }
    return hash.digest('hex').slice(0, 32);
  }

  /** Data sets of these instances, in order, a few at a time. Records deleted meanwhile are left out. */
  async *datasets(instances: readonly InstanceLocator[]): AsyncGenerator<DicomJson> {
    for (let start = 0; start < instances.length; start += BATCH) {
      const batch = instances.slice(start, start + BATCH);
      const records = await this.#catalogue.getMany(batch.map((instance) => instance.SOPInstanceUID));
      for (const record of records) {
        if (record) yield instanceMetadata(await this.#identities.apply(record), this.#bulkDataRoot);
      }
    }
  }

  #make(group: string, key: string, instances: readonly InstanceLocator[]): Promise<DeflatedPiece> {
    const running = this.#making.get(key);
    if (running) return running;
    const making = this.#compress(instances)
      .then(async (piece) => {
        if (await this.#cache.put(key, pack(piece))) await this.#cache.keepOnly(group, key);
        else this.#log.debug({ sizeBytes: piece.deflated.length }, 'Prepared metadata not kept');
        return piece;
      })
      .finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #compress(instances: readonly InstanceLocator[]): Promise<DeflatedPiece> {
    let first = true;
    const datasets = this.datasets(instances);
    return deflatePiece(
      (async function* () {
        for await (const dataset of datasets) {
          yield `${first ? '' : ','}${JSON.stringify(dataset)}`;
          first = false;
        }
      })(),
    );
  }
}

function pack(piece: DeflatedPiece): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(piece.crc32 >>> 0, 4);
  head.writeDoubleLE(piece.sizeBytes, 8);
  return Buffer.concat([head, piece.deflated]);
}

function unpack(bytes: Buffer): DeflatedPiece | undefined {
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  return { crc32: bytes.readUInt32LE(4), sizeBytes: bytes.readDoubleLE(8), deflated: bytes.subarray(HEAD_BYTES) };
}
