import { Readable } from 'node:stream';
import { type BlobStorage, FilmlessError } from '@filmless/core/plugin';
import type { NodeBlobs } from './blob-transfer.ts';
import type { Holdings } from './holdings.ts';
import type { LinkAnswer, LinkCall } from './link-server.ts';
import type { Peer } from './peers.ts';
import { streamThrough } from './stream-through.ts';

/** Sources that are on this node itself; see `FetchOptions.maxOrder`. */
const OWN_SOURCES = 49;
const TYPE = { 'content-type': 'application/octet-stream' };

interface Parts {
  storage: BlobStorage;
  holdings: Pick<Holdings, 'sizeOf' | 'setState'>;
  blobs: Pick<NodeBlobs, 'open'>;
}

interface Range {
  start: number;
  /** Exclusive; undefined to the end. */
  end: number | undefined;
}

/** Gives a blob to another node: from here, or handed through from the node that has it. */
export async function giveBlob(parts: Parts, call: LinkCall, peer: Peer, sha256: string): Promise<LinkAnswer> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A SHA-256 in hex');
  const { storage } = parts;
  const { signal } = call;
  const priority = call.headers['priority'] === 'viewing' ? 'viewing' : 'background';
  const range = rangeOf(call.headers.range);
  if (!(await storage.has(sha256)) && !(await storage.fetch?.(sha256, { priority, signal, maxOrder: OWN_SOURCES }))) {
    // The centre asks a department for what that one has itself, so that two nodes never ask each other in turn.
    if (peer.role === 'centre') throw new FilmlessError('BLOB_MISSING', sha256);
    // Who cannot be asked now is asked again below, and so are disks of a backup.
    const through = await handThrough(parts, call, peer, sha256, range, priority).catch(unlessUnavailable);
    if (through) return through;
    if (!(await storage.fetch?.(sha256, { priority, signal }))) throw new FilmlessError('BLOB_MISSING', sha256);
  }
  const sizeBytes = (await storage.stat(sha256))?.sizeBytes;
  if (sizeBytes === undefined) throw new FilmlessError('BLOB_MISSING', sha256);
  if (!range) return { headers: lengthOf(sizeBytes), body: await storage.stream(sha256) };
  const { start, end } = within(range, sizeBytes);
  return partOf(start, end, sizeBytes, await storage.stream(sha256, { start, end }));
}

async function handThrough(
  { storage, holdings, blobs }: Parts,
  { signal }: LinkCall,
  peer: Peer,
  sha256: string,
  range: Range | undefined,
  priority: 'viewing' | 'background',
): Promise<LinkAnswer | undefined> {
  const sizeBytes = holdings.sizeOf(sha256);
  if (sizeBytes === undefined) return undefined;
  const part = range && within(range, sizeBytes);
  const coming = await blobs.open(sha256, part, { priority, signal, except: peer.name });
  if (!coming) return undefined;
  if (part) return partOf(part.start, part.end, sizeBytes, coming);
  const onKept = () => holdings.setState(sha256, 'here');
  const body = Readable.from(streamThrough(coming, { sha256, storage, onKept }), { objectMode: false });
  body.once('close', () => coming.destroy());
  return { headers: lengthOf(sizeBytes), body };
}

function rangeOf(header: string | undefined): Range | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  return match ? { start: Number(match[1]), end: match[2] ? Number(match[2]) + 1 : undefined } : undefined;
}

/** @throws RANGE_NOT_SATISFIABLE */
function within({ start, end = Number.POSITIVE_INFINITY }: Range, sizeBytes: number): { start: number; end: number } {
  const last = Math.min(end, sizeBytes);
  if (start >= last) throw new FilmlessError('RANGE_NOT_SATISFIABLE');
  return { start, end: last };
}

function lengthOf(sizeBytes: number): Record<string, string> {
  return { ...TYPE, 'content-length': `${sizeBytes}` };
}

function partOf(start: number, end: number, sizeBytes: number, body: Readable): LinkAnswer {
  const headers = { ...lengthOf(end - start), 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` };
  return { status: 206, headers, body };
}

function unlessUnavailable(error: unknown): undefined {
  if (FilmlessError.from(error).code !== 'UNAVAILABLE') throw error;
}
