import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { definePlugin, FilmlessError, type RowSource } from '@filmless/core/plugin';
import { z } from 'zod';
import type { Driver } from './driver.ts';

const viewSchema = z.strictObject({
  query: z.string().min(1).describe('Ordered by the position column; `:since` is the position the last run came to'),
  first: z.string().describe('`:since` of the very first run, before every row'),
});

/** Rows of a HIS's database for the pulls of the HIS bridge: one RowSource for each query, read through a driver that the site names. */
export default definePlugin({
  id: 'his-sql-pull',
  api: 1,
  title: { 'zh-CN': 'HIS 数据库视图', en: 'Views of a HIS database' },
  config: z.strictObject({
    driver: z.string().min(1).describe('Path of a module whose `connect` opens the database'),
    connection: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('For the driver; passwords belong into a file it reads'),
    views: z
      .record(z.string().regex(/^[a-z][a-z0-9-]*$/), viewSchema)
      .describe('By the key that pulls name as `rowSource`'),
  }),
  activate(context) {
    const { driver, connection, views } = context.config;
    for (const [key, view] of Object.entries(views))
      context.points.contribute(
        'RowSource',
        key,
        rowsOf(() => load(driver), connection, view),
      );
  },
});

/** A connection for each run: a pull is rare, and a firewall between the two forgets what is silent. */
function rowsOf(
  load: () => Promise<Driver>,
  connection: Readonly<Record<string, unknown>>,
  { query, first }: z.infer<typeof viewSchema>,
): RowSource {
  return {
    async *rows(since = first, signal) {
      try {
        await using database = await (await load()).connect(connection);
        yield* database.rows(query, { since }, signal);
      } catch (error) {
        signal.throwIfAborted();
        // A driver's message may quote rows: it stays out of what is shown.
        throw new FilmlessError('UNAVAILABLE', 'the HIS database cannot be read', { cause: error });
      }
    },
  };
}

async function load(path: string): Promise<Driver> {
  return (await import(pathToFileURL(resolve(path)).href)) as Driver;
}
