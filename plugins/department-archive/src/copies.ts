import type { CopyHolder } from '@filmless/core/plugin';
import { z } from 'zod';
import type { Archive } from './archive.ts';

const PAGE = 5_000;
const copiesSchema = z.object({ items: z.array(z.object({ sha256: z.string(), verifiedAt: z.string() })) });

/** What the centre vouches for, asked over the link; and which blobs are not here because they were not fetched yet. */
export function copiesAtOtherNodes(archive: Archive): CopyHolder {
  return {
    title: { 'zh-CN': '其他节点', en: 'Other nodes' },
    async copies(sha256) {
      const found: Awaited<ReturnType<CopyHolder['copies']>> = [];
      for (const peer of archive.peers.list().filter(({ role }) => role === 'centre')) {
        for (let start = 0; start < sha256.length; start += PAGE) {
          const asked = { sha256: sha256.slice(start, start + PAGE) };
          const { items } = copiesSchema.parse(await archive.links.to(peer).json('POST', '/copies', asked));
          found.push(...items.map((each) => ({ ...each, place: `node ${peer.name}` })));
        }
      }
      return found;
    },
    absentOnPurpose: async (sha256) => archive.holdings.absent(sha256),
  };
}
