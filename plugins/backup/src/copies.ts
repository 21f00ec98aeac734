import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type BlobSource, type BlobStorage, type CopyHolder, FilmlessError, type Points } from '@filmless/core/plugin';
import type { AttachedDisks } from './disks/attached-disks.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { BackedObject } from './ledger/object-table.ts';

export const KEY = 'backup';
/** Sources up to here are of this node itself: a slower disk, a compressed form. */
const OWN_NODE = 49;

/** Vouches for copies that were read back and compared. Two disks are two places. */
export function copyHolder(ledger: Ledger): CopyHolder {
  return {
    title: { 'zh-CN': '备份盘', en: 'Backup disks' },
    copies: async (sha256) => {
      const labels = new Map(ledger.disks.all().map(({ id, label }) => [id, label]));
      return sha256.flatMap((each) =>
        ledger.objects
          .copiesOf(each)
          // Taken over from a disk whose ledger was lost, it has not been compared yet.
          .filter(({ verifiedAt }) => verifiedAt !== '')
          .map(({ disk, verifiedAt }) => ({ sha256: each, place: `disk:${labels.get(disk) ?? disk}`, verifiedAt })),
      );
    },
  };
}

/** Gives bytes from attached disks; what is encrypted for the hospital's key this node cannot read. */
export function blobSource(ledger: Ledger, disks: AttachedDisks): BlobSource {
  return {
    title: { 'zh-CN': '备份盘', en: 'Backup disks' },
    order: 90,
    stream: async (sha256, range) => {
      const copies = ledger.objects.copiesOf(sha256);
      const readable = copies.filter(({ disk }) => ledger.disks.get(disk)?.recipient === '');
      for (const { disk, path } of readable) {
        const attached = disks.get(disk);
        if (!attached) continue;
        return createReadStream(join(attached.root, path), range && { start: range.start, end: range.end - 1 });
      }
      if (readable.length === 0) return undefined;
      const labels = readable.map(({ disk }) => ledger.disks.get(disk)?.label).join(', ');
      throw new FilmlessError('UNAVAILABLE', `The bytes are on a backup disk that is not attached: ${labels}`);
    },
  };
}

/**
 * The bytes of an object where this node has them: in its store, on its slower disks, or on a disk of another set. Not from other nodes: what they have
 * is on its way here anyway.
 */
export function opener(storage: BlobStorage, points: Points, source: BlobSource) {
  return async ({ sha256 }: BackedObject): Promise<Readable | undefined> => {
    if (await storage.has(sha256)) return storage.stream(sha256);
    const own = points
      .entries('BlobSource')
      .map(({ value }) => value)
      .filter(({ order }) => order <= OWN_NODE)
      .sort((one, other) => one.order - other.order);
    for (const each of [...own, source]) {
      const stream = await each.stream(sha256, undefined, { priority: 'background' }).catch(() => undefined);
      if (stream) return stream;
    }
    return undefined;
  };
}
