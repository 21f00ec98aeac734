import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { FilmlessError, type StagedFile } from '@filmless/core/plugin';
import type { S3Config } from './config.ts';
import { configurationError, isAbsent, isOutOfRange, objectError } from './object-error.ts';

/** Larger files go in parts. Parts and small files are held in memory, so that a request can be repeated. */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
const PARTS_AT_ONCE = 2;

export interface ObjectStat {
  key: string;
  sizeBytes: number;
  storedAtMs: number | undefined;
  /** Base64 SHA-256 of the whole object, from stores that keep it. */
  sha256: string | undefined;
}

/** The requests to one bucket. Keys are relative to the prefix. Failures are UNAVAILABLE, STORAGE_FAILED or STORAGE_FULL. */
export class ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(config: S3Config & { bucket: string }) {
    const { endpoint, region, forcePathStyle, credentials, maxAttempts, bucket, prefix } = config;
    this.#bucket = bucket;
    this.#prefix = `${prefix}/`;
    this.#client = new S3Client({
      region,
      forcePathStyle,
      maxAttempts,
      ...(endpoint && { endpoint }),
      ...(credentials && {
        credentials: {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken && { sessionToken: credentials.sessionToken }),
        },
      }),
      // The SHA-256 we know already is sent instead; many stores do not know the checksums that are chosen otherwise.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    });
  }

  /** Throws CONFIG_INVALID when the bucket or the credentials are wrong, UNAVAILABLE when nobody answers. */
  async check(): Promise<void> {
    try {
      // Nothing lies there: an empty answer is the cheapest, and says as much.
      const Prefix = `${this.#prefix}check/`;
      await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix, MaxKeys: 1 }));
    } catch (error) {
      throw configurationError(error) ?? objectError(error, 'The bucket could not be looked at');
    }
  }

  /** Resolves once the store has acknowledged the whole object and says that it has the same size (and checksum, where it keeps one). */
  async putFile(key: string, staged: StagedFile): Promise<void> {
    await this.#request('An object could not be written', () =>
      staged.sizeBytes <= PART_BYTES ? this.#putWhole(key, staged) : this.#putInParts(key, staged),
    );
    const kept = await this.head(key);
    // A checksum of parts ends in their number and says nothing about the whole.
    const checksum = kept?.sha256?.includes('-') ? undefined : kept?.sha256;
    if (kept?.sizeBytes !== staged.sizeBytes || (checksum !== undefined && checksum !== base64(staged.sha256))) {
      throw new FilmlessError('STORAGE_FAILED', 'The object store did not keep the object as it was sent');
    }
  }

  async putText(key: string, text: string): Promise<void> {
    await this.#request('An object could not be written', () => this.#put(key, Buffer.from(text)));
  }

  async head(key: string): Promise<ObjectStat | undefined> {
    return this.#request('An object could not be looked up', async () => {
      try {
        const found = await this.#client.send(new HeadObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' }));
        return {
          key,
          sizeBytes: found.ContentLength ?? 0,
          storedAtMs: found.LastModified?.getTime(),
          sha256: found.ChecksumSHA256,
        };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  /** Undefined when there is no such object; RANGE_NOT_SATISFIABLE when it is shorter. `end` exclusive. */
  async get(key: string, range?: { start: number; end: number }): Promise<Readable | undefined> {
    return this.#request('An object could not be read', async () => {
      try {
        const bytes = range && `bytes=${range.start}-${range.end - 1}`;
        const found = await this.#client.send(
          new GetObjectCommand({ ...this.#at(key), ...(bytes && { Range: bytes }) }),
        );
        const body = bodyOf(found);
        const given = found.ContentLength ?? 0;
        const wanted = range ? range.end - range.start : given;
        if (given > wanted && range?.start === 0) return Readable.from(firstBytes(body, wanted));
        if (given !== wanted) {
          body.destroy();
          throw new FilmlessError(
            'RANGE_NOT_SATISFIABLE',
            'The object store gave other bytes than the range asked for',
          );
        }
        return body;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  /** The first bytes of an object, at most so many, and the size of the whole: one request. Undefined when there is no such object. */
  async begin(key: string, lengthBytes: number): Promise<{ bytes: Buffer; sizeBytes: number } | undefined> {
    return this.#request('An object could not be read', async () => {
      try {
        const Range = `bytes=0-${lengthBytes - 1}`;
        const found = await this.#client.send(new GetObjectCommand({ ...this.#at(key), Range }));
        // `bytes 0-99/1234`; absent when the store sends the whole object in spite of the range.
        const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? found.ContentLength;
        const bytes = await this.collect(Readable.from(firstBytes(bodyOf(found), lengthBytes)));
        return { bytes, sizeBytes: Number(total ?? bytes.length) };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        // An empty object has no first byte.
        if (isOutOfRange(error)) return { bytes: Buffer.alloc(0), sizeBytes: 0 };
        throw error;
      }
    });
  }

  /** All of a stream that this store gave; UNAVAILABLE when it breaks off. */
  async collect(stream: Readable): Promise<Buffer> {
    return this.#request('An object could not be read', async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    });
  }

  async delete(key: string): Promise<void> {
    await this.#request('An object could not be removed', () =>
      this.#client.send(new DeleteObjectCommand(this.#at(key))),
    );
  }

  /** Page by page, in the order of keys. */
  async *list(under: string): AsyncIterable<ObjectStat> {
    let token: string | undefined;
    do {
      const page = await this.#request('The objects could not be listed', () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: this.#prefix + under,
            ...(token && { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        const key = Key.slice(this.#prefix.length);
        yield { key, sizeBytes: Size, storedAtMs: LastModified?.getTime(), sha256: undefined };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  close(): void {
    this.#client.destroy();
  }

  async #putWhole(key: string, staged: StagedFile): Promise<void> {
    const bytes = await readFile(staged.path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== staged.sha256) throw changed();
    await this.#put(key, bytes);
  }

  async #put(key: string, bytes: Buffer): Promise<void> {
    const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
    await this.#client.send(
      new PutObjectCommand({ ...this.#at(key), Body: bytes, ContentLength: bytes.length, ChecksumSHA256 }),
    );
  }

  async #putInParts(key: string, staged: StagedFile): Promise<void> {
    const checked = hashGate(staged.sha256);
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(key), Body: checked, ChecksumAlgorithm: 'SHA256' },
      partSize: Math.max(PART_BYTES, Math.ceil(staged.sizeBytes / MAX_PARTS)),
      queueSize: PARTS_AT_ONCE,
    });
    // Whichever fails ends the other: the stream's end would otherwise be waited for without a reader.
    const reading = pipeline(createReadStream(staged.path), checked);
    const writing = upload.done().catch((error: unknown) => {
      checked.destroy();
      throw error;
    });
    const [read, written] = await Promise.allSettled([reading, writing]);
    if (read.status === 'rejected' && read.reason instanceof FilmlessError) throw read.reason;
    if (written.status === 'rejected') throw written.reason;
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #request<T>(doing: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw objectError(error, doing);
    }
  }
}

function bodyOf({ Body }: { Body?: unknown }): Readable {
  if (!(Body instanceof Readable)) throw new FilmlessError('INTERNAL', 'An object must come as a stream');
  return Body;
}

/** For stores that answer with more than was asked for, as some do for the first byte alone. */
async function* firstBytes(stream: Readable, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    const bytes = (chunk as Uint8Array).subarray(0, left);
    left -= bytes.length;
    yield bytes;
    if (left === 0) return;
  }
}

/** Lets bytes through and fails before their end is told when they are not those of the hash: the upload is then never completed. */
function hashGate(sha256: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush: (done) => done(hash.digest('hex') === sha256 ? null : changed()),
  });
}

function changed(): FilmlessError {
  return new FilmlessError('STORAGE_FAILED', 'A staged file is not what was received');
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
