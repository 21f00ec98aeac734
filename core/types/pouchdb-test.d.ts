/** Used by tests alone: a CouchDB in this process. */
declare module 'pouchdb-adapter-memory/lib/index.js' {
  const plugin: unknown;
  export default plugin;
}

declare module 'express-pouchdb' {
  import type { RequestHandler } from 'express';
  import type PouchDB from 'pouchdb/lib/index.js';

  function expressPouchdb(
    pouch: typeof PouchDB,
    options?: { mode?: string; inMemoryConfig?: boolean; logPath?: string },
  ): RequestHandler;
  export = expressPouchdb;
}
