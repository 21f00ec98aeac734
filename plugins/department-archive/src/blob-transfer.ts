import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BlobSource, FilmlessError } from '@filmless/core/plugin';
import type { Bandwidth } from './bandwidth.ts';
import type { Holdings } from './holdings.ts';
import type { LinkClient, LinkReply } from './link-client.ts';
import { type PartialFiles, WORTH_KEEPING_BYTES } from './partial-files.ts';
import type { Peer } from './peers.ts';

/** Cuts one after another, without a byte in between, after which a transfer is given up for now. */
const MOST_CUTS = 5;
const FIRST_WAIT_MS = 100;
/** A node that has nothing to say for so long is asked again. */
const ANSWER_MS = { viewing: 10_000, background: 60_000 };
const STALLED_MS = 30_000;
/** After the tiers of this node, before disks of a backup. */
const ORDER = 50;

interface Options {
  holdings: Pick<Holdings, 'nodesWith' | 'sizeOf'>;
  bandwidth: Bandwidth;
  partials: PartialFiles;
  peers(): readonly Peer[];
  linkTo(peer: Peer): Pick<LinkClient, 'request'>;
}

interface Asking {
  priority: 'viewing' | 'background';
  signal?: AbortSignal | undefined;
  /** Who is not to be asked: who asks here. */
  except?: string | undefined;
}

interface Range {
  start: number;
  end?: number | undefined;
}

/** Blobs of other nodes, by their hash. A transfer that is cut goes on where it stood, at whichever node has the blob. */
export class NodeBlobs {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Undefined when no node has it. @throws UNAVAILABLE when a node that may have it cannot be asked now */
  async open(sha256: string, range: Range | undefined, asking: Asking): Promise<Readable | undefined> {
    const { partials, bandwidth, holdings } = this.#options;
    const sizeBytes = range ? 0 : (holdings.sizeOf(sha256) ?? 0);
    const partial = sizeBytes >= WORTH_KEEPING_BYTES ? await partials.begin(sha256, sizeBytes) : undefined;
    try {
      const wanted: Range = range ?? { start: partial?.keptBytes ?? 0 };
      const first = await this.#ask(sha256, wanted, asking);
      if (!first) {
        partial?.end();
        return undefined;
      }
      const coming = this.#transfer(sha256, wanted, first, asking);
      const limited = asking.priority === 'background' ? bandwidth.limit(coming, asking.signal) : coming;
      const stream = Readable.from(partial ? partial.join(limited) : limited, { objectMode: false });
      // A stream that is destroyed before anyone has read from it never starts what it was made of.
      stream.once('close', () => {
        first.body.destroy();
        partial?.end();
      });
      return stream;
    } catch (error) {
      partial?.end();
      throw error;
    }
  }

  asSource(): BlobSource {
    return {
      title: { 'zh-CN': '其他节点', en: 'Other nodes' },
      order: ORDER,
      stream: (sha256, range, asking) => this.open(sha256, range, asking),
    };
  }

  /** The first node that answers with it. */
  async #ask(sha256: string, range: Range, asking: Asking): Promise<LinkReply | undefined> {
    let unavailable: unknown;
    for (const peer of this.#inOrder(sha256)) {
      if (peer.name === asking.except) continue;
      try {
        const reply = await ask(this.#options.linkTo(peer), sha256, range, asking);
        if (reply) return reply;
      } catch (error) {
        asking.signal?.throwIfAborted();
        unavailable = error;
      }
    }
    if (unavailable !== undefined) throw unavailable;
    return undefined;
  }

  /** Those that are known to have it; when none is, all may have it. */
  #inOrder(sha256: string): Peer[] {
    const { holdings, peers } = this.#options;
    const known = holdings.nodesWith(sha256);
    if (known.length > 0) return peers().filter(({ name }) => known.includes(name));
    // A gateway has copies, and what was stored at it, of which the centre knows.
    return peers().filter(({ role }) => role !== 'gateway');
  }

  async *#transfer(sha256: string, range: Range, first: LinkReply, asking: Asking): AsyncGenerator<Uint8Array> {
    let at = range.start;
    let reply: LinkReply | undefined = first;
    let cuts = 0;
    let waitMs = FIRST_WAIT_MS;
    let until = Number.NaN;
    for (;;) {
      try {
        reply ??= await this.#ask(sha256, { start: at, end: range.end }, asking);
        if (!reply) throw new FilmlessError('BLOB_MISSING', sha256);
        until = at + Number(reply.headers['content-length'] ?? Number.NaN);
        for await (const chunk of untilStalled(reply.body)) {
          at += chunk.length;
          cuts = 0;
          waitMs = FIRST_WAIT_MS;
          yield chunk;
        }
        // An ended stream is no whole one: HTTP/2 ends it the same way when the other side breaks off.
        if (at < until) throw new FilmlessError('UNAVAILABLE', 'The other node broke off');
        return;
      } catch (error) {
        // All that was promised has come. That a stream is reset or closed before it was read to its end is no cut.
        if (at === until) return;
        reply = undefined;
        cuts += 1;
        const isLast = asking.signal?.aborted || cuts >= MOST_CUTS || isMissing(error);
        if (isLast && error instanceof FilmlessError) throw error;
        if (isLast) throw new FilmlessError('UNAVAILABLE', 'The other node broke off', { cause: error });
        await sleep(waitMs, undefined, asking.signal ? { signal: asking.signal } : {});
        waitMs *= 2;
      }
    }
  }
}

async function ask(
  link: Pick<LinkClient, 'request'>,
  sha256: string,
  { start, end }: Range,
  { priority, signal }: Asking,
): Promise<LinkReply | undefined> {
  const wantsAll = start === 0 && end === undefined;
  const reply = await link.request({
    method: 'GET',
    path: `/blobs/${sha256}`,
    headers: { priority, ...(!wantsAll && { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }) },
    signal,
    answerWithinMs: ANSWER_MS[priority],
  });
  if (reply.status === 206 || (reply.status === 200 && wantsAll)) return reply;
  reply.body.resume();
  if (reply.status === 404) return undefined;
  throw new FilmlessError('UNAVAILABLE', `The other node answered ${reply.status}`);
}

/** A side that waits for its reader is not counted as stalled: only waiting for the next bytes is. */
async function* untilStalled(body: Readable): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const stalled = setTimeout(
        () => body.destroy(new FilmlessError('UNAVAILABLE', 'The other node has stalled')),
        STALLED_MS,
      );
      const { done, value } = await chunks.next().finally(() => clearTimeout(stalled));
      if (done) return;
      if (!(value instanceof Uint8Array)) throw new FilmlessError('INTERNAL', 'A link gives bytes');
      yield value;
    }
  } finally {
    body.destroy();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof FilmlessError && error.code === 'BLOB_MISSING';
}
