import { join } from 'node:path';
import { z } from 'zod';
import { definePlugin } from '../plugin.ts';
import { SqliteQueryIndex } from './sqlite-index.ts';

const config = z.strictObject({
  file: z.string().min(1).optional().describe('File of the index; `index.sqlite` in the data folder when absent'),
});

/** The query index in a SQLite file. */
export const sqliteIndexPlugin = definePlugin({
  id: 'index-sqlite',
  api: 1,
  title: { 'zh-CN': 'SQLite 查询索引', en: 'SQLite query index' },
  essential: true,
  provides: 'QueryIndex',
  config,
  activate(context) {
    context.points.contribute('QueryIndex', 'sqlite', {
      open: async () =>
        new SqliteQueryIndex({
          path: context.config.file ?? join(context.node.dataDirectory, 'index.sqlite'),
          // The catalogue opens after the index; nobody searches before both are open.
          fetchRecords: async (uids) =>
            Promise.all(
              (await context.catalogue.getMany(uids)).map((record) => record && context.identities.apply(record)),
            ),
        }),
    });
  },
});
