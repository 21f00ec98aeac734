import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { z } from 'zod';

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Folders of blobs that stand for another node and for backup disks, in tests: each vouches for what is in it. */
export default definePlugin({
  id: 'test-replica',
  api: 1,
  title: { 'zh-CN': '测试副本', en: 'Test replica' },
  config: z.strictObject({ directories: z.array(z.string()) }),
  activate(context) {
    for (const [index, directory] of context.config.directories.entries()) {
      const title = { 'zh-CN': `副本 ${index}`, en: `Replica ${index}` };
      context.points.contribute('BlobSource', `replica-${index}`, {
        title,
        order: 50 + index,
        stream: async (sha256) =>
          (await exists(join(directory, sha256))) ? createReadStream(join(directory, sha256)) : undefined,
      });
      context.points.contribute('CopyHolder', `replica-${index}`, {
        title,
        copies: async (wanted) => {
          const held = await Promise.all(wanted.map((sha256) => exists(join(directory, sha256))));
          const verifiedAt = new Date().toISOString();
          return wanted
            .filter((_, at) => held[at])
            .map((sha256) => ({ sha256, place: `replica-${index}`, verifiedAt }));
        },
      });
    }
  },
});
