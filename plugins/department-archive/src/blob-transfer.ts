import { Readable } from 'node:stream';
import { type BlobSource, FilmlessError } from '@filmless/core/plugin';
import type { Bandwidth } from './bandwidth.ts';
import type { Holdings } from './holdings.ts';
import type { LinkClient } from './link-client.ts';
import type { Peer } from './peers.ts';

const MOST_RESUMES = 5;
/** After the tiers of this node, before disks of a backup. */
const ORDER = 50;

interface Options {
  holdings: Holdings;
  bandwidth: Bandwidth;
  peers(): readonly Peer[];
  linkTo(peer: Peer): LinkClient;
}

/** Blobs of other nodes, by their hash. A transfer that is cut goes on where it stood. */
export function nodesAsSource(options: Options): BlobSource {
  return {
    title: { 'zh-CN': '其他节点', en: 'Other nodes' },
    order: ORDER,
    async stream(sha256, range, { priority, signal }) {
      let unavailable: unknown;
      for (const peer of inOrder(options, sha256)) {
        try {
          const first = await ask(options.linkTo(peer), sha256, range?.start ?? 0, range?.end, { priority, signal });
          if (!first) continue;
          const bytes = transfer(options.linkTo(peer), sha256, range, first, { priority, signal });
          return Readable.from(priority === 'background' ? options.bandwidth.limit(bytes, signal) : bytes, {
            objectMode: false,
          });
        } catch (error) {
          unavailable = error;
        }
      }
      if (unavailable !== undefined) throw unavailable;
      return undefined;
    },
  };
}

/** Those that are known to have it; all others may have it too. */
function inOrder({ holdings, peers }: Options, sha256: string): Peer[] {
  const known = holdings.nodesWith(sha256);
  const all = peers().filter(({ role }) => role !== 'gateway');
  return known.length > 0 ? all.filter(({ name }) => known.includes(name)) : all;
}

type Asking = { priority: 'viewing' | 'background'; signal?: AbortSignal | undefined };

async function ask(
  link: LinkClient,
  sha256: string,
  start: number,
  end: number | undefined,
  { priority, signal }: Asking,
): Promise<Readable | undefined> {
  const wantsAll = start === 0 && end === undefined;
  const reply = await link.request({
    method: 'GET',
    path: `/blobs/${sha256}`,
    headers: { priority, ...(!wantsAll && { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }) },
    signal,
  });
  if (reply.status === 200 || reply.status === 206) {
    if (!wantsAll && reply.status !== 206) {
      reply.body.destroy();
      throw new FilmlessError('UNAVAILABLE', 'The other node does not give parts');
    }
    return reply.body;
  }
  reply.body.resume();
  if (reply.status === 404) return undefined;
  throw new FilmlessError('UNAVAILABLE', `The other node answered ${reply.status}`);
}

async function* transfer(
  link: LinkClient,
  sha256: string,
  range: { start: number; end: number } | undefined,
  first: Readable,
  asking: Asking,
): AsyncGenerator<Uint8Array> {
  let at = range?.start ?? 0;
  let body: Readable | undefined = first;
  for (let resumed = 0; ; resumed += 1) {
    try {
      body ??= await ask(link, sha256, at, range?.end, asking);
      if (!body) throw new FilmlessError('BLOB_MISSING', sha256);
      for await (const chunk of body) {
        if (!(chunk instanceof Uint8Array)) throw new FilmlessError('INTERNAL', 'A link gives bytes');
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (asking.signal?.aborted || resumed >= MOST_RESUMES) throw error;
      body = undefined;
    }
  }
}
