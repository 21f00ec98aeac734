/**
 * What Filmless uses of PouchDB 9. Documents are `unknown` until they were checked. Named by its file, because @types/pouchdb
 * would bring the DOM and an untyped Buffer into every file of the server.
 */
declare module 'pouchdb/lib/index.js' {
  namespace PouchDB {
    interface Options {
      /** Replaces leveldown in the LevelDB adapter. */
      db?: (location: string) => unknown;
      adapter?: string;
      /** Where databases lie that are named without a folder. */
      prefix?: string;
      revs_limit?: number;
      deterministic_revs?: boolean;
      cacheSize?: number;
      writeBufferSize?: number;
      auto_compaction?: boolean;
      /** Do not look for, or make, the database first. */
      skip_setup?: boolean;
      fetch?: (url: string | URL | Request, options?: RequestInit) => Promise<Response>;
    }

    interface WriteResult {
      ok?: boolean;
      id?: string;
      rev?: string;
      /** Set when this document was not written. */
      error?: unknown;
      status?: number;
    }

    interface AllDocsOptions {
      /** Names the other leaves of each document. */
      conflicts?: boolean;
      include_docs?: boolean;
      keys?: string[];
      startkey?: string;
      endkey?: string;
      limit?: number;
      skip?: number;
    }

    interface AllDocsResult {
      rows: { id?: string; key: string; value?: { rev: string; deleted?: boolean }; doc?: unknown; error?: string }[];
    }

    interface Change {
      id: string;
      seq: string | number;
      deleted?: boolean;
      doc?: unknown;
    }

    interface ChangesOptions {
      since?: string | number;
      limit?: number;
      batch_size?: number;
      include_docs?: boolean;
      live?: boolean;
      heartbeat?: number;
    }

    interface Changes extends Promise<{ results: Change[]; last_seq: string | number }> {
      on(event: 'change' | 'complete' | 'error', listener: (value: unknown) => void): this;
      cancel(): void;
    }

    interface ReplicateOptions {
      live?: boolean;
      /** Which side remembers where the replication stands; both when absent. */
      checkpoint?: 'source' | 'target';
      batch_size?: number;
      filter?: (document: unknown) => boolean;
    }

    interface Replicating extends Promise<{ docs_written?: number }> {
      on(event: 'change', listener: (progress: { docs_written?: number }) => void): this;
      on(event: 'paused', listener: (error: unknown) => void): this;
      cancel(): void;
    }
  }

  class PouchDB {
    constructor(name: string, options?: PouchDB.Options);
    static plugin(plugin: unknown): typeof PouchDB;
    static defaults(options: PouchDB.Options): typeof PouchDB;
    get(id: string): Promise<unknown>;
    put(document: object): Promise<PouchDB.WriteResult>;
    remove(id: string, rev: string): Promise<PouchDB.WriteResult>;
    bulkDocs(documents: object[], options?: { new_edits?: boolean }): Promise<PouchDB.WriteResult[]>;
    allDocs(options: PouchDB.AllDocsOptions): Promise<PouchDB.AllDocsResult>;
    changes(options: PouchDB.ChangesOptions): PouchDB.Changes;
    info(): Promise<{ doc_count: number; update_seq: string | number }>;
    revsDiff(revisions: Record<string, string[]>): Promise<unknown>;
    readonly replicate: { to(target: PouchDB, options: PouchDB.ReplicateOptions): PouchDB.Replicating };
    close(): Promise<void>;
    destroy(): Promise<void>;
  }

  export = PouchDB;
}
