import PouchDB from 'pouchdb/lib/index.js';
import { z } from 'zod';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { pouchStatus } from './catalogue-error.ts';
import { CLINICAL, type Following } from './following.ts';
import { fromInstanceDocument, INSTANCE_PREFIX } from './instance-document.ts';
import type { PouchCatalogue } from './pouch-catalogue.ts';
import type { ChangedDocument, Replication, ReplicationSend, ReplicationTarget } from './replication-contract.ts';

export const INSTANCES = 'instances';
const BATCH = 50;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

const RevisionsById = z.record(z.string(), z.array(z.string()));
const Written = z.looseObject({ _id: z.string(), _rev: z.string() });
const BulkDocs = z.object({ docs: z.array(Written), new_edits: z.literal(false) });
const LocalDocument = z.looseObject({ _id: z.string().optional() });

/** Replication of the catalogue. */
export class PouchReplication implements Replication {
  readonly #catalogue: PouchCatalogue;
  readonly #following: Following;

  constructor(catalogue: PouchCatalogue, following: Following) {
    this.#catalogue = catalogue;
    this.#following = following;
  }

  get isFollowing(): boolean {
    return this.#following.isFollowing;
  }

  follow(isFollowing: boolean): Promise<void> {
    return this.#following.set(isFollowing);
  }

  async send(options: ReplicationSend): Promise<void> {
    const source = await this.#database(options.database);
    const { filter, signal, onProgress } = options;
    const wanted =
      options.database === INSTANCES ? { filter: (document: unknown) => isWantedInstance(document, filter) } : {};
    let sent = 0;
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const target = new PouchDB(options.url, { fetch: options.fetch, skip_setup: true });
      try {
        await source.read(async (db) => {
          // Where it stands is kept by the target alone: the own catalogue is written by its queue and nobody else.
          const running = db.replicate.to(target, { live: true, checkpoint: 'target', batch_size: BATCH, ...wanted });
          const stop = () => running.cancel();
          signal.addEventListener('abort', stop, { once: true });
          running.on('change', ({ docs_written }) => {
            waitMs = FIRST_WAIT_MS;
            onProgress?.({ sent: sent + (docs_written ?? 0), isCaughtUp: false });
          });
          running.on('paused', (error) => {
            if (error === undefined) onProgress?.({ sent, isCaughtUp: true });
          });
          try {
            sent += (await running).docs_written ?? 0;
          } finally {
            signal.removeEventListener('abort', stop);
          }
        });
      } catch (error) {
        if (!signal.aborted) onProgress?.({ sent, isCaughtUp: false, error });
      }
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  target({ databases, receive }: Parameters<Replication['target']>[0]): ReplicationTarget {
    return {
      handle: async (method, path, body) => {
        const [name = '', ...rest] = path.split('/');
        if (!databases.includes(name)) throw new FilmlessError('NOT_FOUND', `database "${name}"`);
        const call = `${method} ${rest[0] ?? ''}`.trim();
        const database = await this.#database(name);
        switch (call) {
          case 'GET':
            return { status: 200, body: { db_name: name, ...(await database.read((db) => db.info())) } };
          case 'GET _local':
            return getLocal(database, rest.slice(1).join('/'));
          case 'PUT _local': {
            const document = { ...LocalDocument.parse(body), _id: `_local/${rest.slice(1).join('/')}` };
            const { rev } = await database.write((db) => db.put(document));
            return { status: 201, body: { ok: true, id: document._id, rev } };
          }
          case 'POST _revs_diff': {
            const asked = RevisionsById.parse(body);
            // A record is settled by what it says and not by its revision: here it may have come another way.
            if (name === INSTANCES) return { status: 200, body: allMissing(asked) };
            return { status: 200, body: await database.read((db) => db.revsDiff(asked)) };
          }
          case 'POST _bulk_docs': {
            const { docs } = BulkDocs.parse(body);
            if (name === INSTANCES) await receive(docs.map((document) => fromInstanceDocument(document)));
            else {
              await database.write((db) => db.bulkDocs(docs, { new_edits: false }));
              await this.#catalogue.changedByOthers(name);
            }
            return { status: 201, body: [] };
          }
          default:
            throw new FilmlessError('NOT_FOUND', call);
        }
      },
    };
  }

  async documents(
    name: string,
    since: string,
    limit: number,
  ): Promise<{ documents: ChangedDocument[]; lastSeq: string }> {
    const database = await this.#database(clinical(name));
    const from = database.isRemote ? since || 0 : Number(since || 0);
    const { results, last_seq } = await database.read((db) =>
      db.changes({ since: from, limit, batch_size: limit, include_docs: true }),
    );
    const documents = results
      .filter(({ id }) => !id.startsWith('_design/'))
      .map(({ id, deleted, doc }) => ({ id, document: deleted || !doc ? null : { ...doc } }));
    return { documents, lastSeq: results.length > 0 ? String(last_seq) : since };
  }

  onDocuments(name: string, listener: () => void): Disposable {
    return this.#catalogue.documents(clinical(name)).onChange(listener);
  }

  #database(name: string): ReturnType<PouchCatalogue['databaseOf']> {
    if (name !== INSTANCES && !CLINICAL.includes(name)) throw new FilmlessError('NOT_FOUND', `database "${name}"`);
    return this.#catalogue.databaseOf(name);
  }
}

function clinical(name: string): string {
  if (!CLINICAL.includes(name)) throw new FilmlessError('NOT_FOUND', `database "${name}"`);
  return name;
}

async function getLocal(
  database: Awaited<ReturnType<PouchCatalogue['databaseOf']>>,
  id: string,
): Promise<{ status: number; body: unknown }> {
  return database.read(async (db) => {
    try {
      return { status: 200, body: await db.get(`_local/${id}`) };
    } catch (error) {
      if (pouchStatus(error) !== 404) throw error;
      return { status: 404, body: { error: 'not_found', reason: 'missing' } };
    }
  });
}

function isWantedInstance(document: unknown, filter: ReplicationSend['filter']): boolean {
  const { _id } = document as { _id: string };
  if (!_id.startsWith(INSTANCE_PREFIX)) return false;
  return filter === undefined || filter(fromInstanceDocument(document));
}

function allMissing(asked: Record<string, string[]>): Record<string, { missing: string[] }> {
  return Object.fromEntries(Object.entries(asked).map(([id, missing]) => [id, { missing }]));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
