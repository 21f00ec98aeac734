import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type DicomJson,
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  type Ingest,
  type InstanceLocator,
  type InstanceRecord,
  type Logger,
  type PluginContext,
  type QueryIndex,
  type QueryRequest,
  readInstanceHeader,
  StagedWriter,
  sourceOfBytes,
} from '@filmless/core/plugin';
import { InMemoryCatalogue, InMemoryStorage } from '@filmless/core/testing';
import { type DicomwebConfig, dicomwebConfig } from './config.ts';
import type { Dicomweb } from './context.ts';
import { openDicomweb } from './open-dicomweb.ts';
import { httpRoutes } from './routes.ts';

/** The plugin's handlers over stores in memory: requests go in and replies come out, without a socket. */
export interface Rig {
  web: Dicomweb;
  storage: InMemoryStorage;
  /** What `search` answers next, and what it was asked. */
  search: { result: DicomJson[]; asked: QueryRequest[] };
  /** How often the catalogue was read for many records. */
  reads: { getMany: number };
  add(file: Uint8Array): Promise<InstanceRecord>;
  remove(record: InstanceRecord): void;
  /** Forgets all instances; decoders keep running, which take a while to start. */
  clear(): void;
  request(path: string, options?: RigRequest): Promise<RigReply>;
  /** What the `instance.stored` subscription does. */
  stored(...records: InstanceRecord[]): void;
  close(): Promise<void>;
}

export interface RigRequest {
  method?: HttpRoute['method'];
  headers?: Record<string, string>;
  body?: Readable | Uint8Array;
  signal?: AbortSignal;
}

export interface RigReply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const silent: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export async function openRig(config: Partial<DicomwebConfig> = {}): Promise<Rig> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'filmless-dicomweb-'));
  const storage = new InMemoryStorage();
  let catalogue = new InMemoryCatalogue();
  const records: InstanceRecord[] = [];
  const search: Rig['search'] = { result: [], asked: [] };
  const reads = { getMany: 0 };
  const ingest = rigIngest(storage, () => catalogue, records);
  const query = rigQuery(records, search);
  const plugin = {
    pluginId: 'dicomweb',
    config: { ...dicomwebConfig.parse({}), quietMs: 0, decodeWorkers: 1, ...config },
    log: silent,
    signal: new AbortController().signal,
    storage,
    delivery: {
      overlayOf: async () => undefined,
      open: () => Promise.reject(new FilmlessError('INTERNAL', 'nothing is corrected here')),
    },
    identities: {
      of: async () => undefined,
      apply: async (record: InstanceRecord) => record,
      onChange: () => ({ dispose: () => undefined }),
    },
    catalogue: {
      get: (uid: string) => catalogue.get(uid),
      getMany: (uids: readonly string[]) => {
        reads.getMany++;
        return catalogue.getMany(uids);
      },
    },
    query,
    ingest,
    cacheDirectory,
  } as unknown as PluginContext<DicomwebConfig>;
  const { web, prepareSeries } = openDicomweb(plugin);
  const routes = httpRoutes(web).map(([, route]) => route);
  return {
    web,
    storage,
    search,
    reads,
    async add(file) {
      const outcome = await ingest.receiveStream(Readable.from([file]), { via: 'stow', name: 'test' });
      return outcome.record;
    },
    remove: (record) => void records.splice(records.indexOf(record), 1),
    clear() {
      records.length = 0;
      catalogue = new InMemoryCatalogue();
      search.asked.length = 0;
      search.result = [];
    },
    request: (path, options) => ask(routes, path, options),
    stored: (...records) => prepareSeries.stored(records),
    async close() {
      await prepareSeries.dispose();
      await web.pool.close();
      await storage.close();
      await rm(cacheDirectory, { recursive: true, force: true });
    },
  };
}

async function ask(routes: readonly HttpRoute[], path: string, options: RigRequest = {}): Promise<RigReply> {
  const url = new URL(path, 'http://rig');
  const method = options.method ?? 'GET';
  for (const route of routes) {
    const params = route.method === method ? paramsOf(route.path, url.pathname) : undefined;
    if (!params) continue;
    const request: HttpRequest = {
      method,
      path: url.pathname,
      params,
      query: url.searchParams,
      headers: options.headers ?? {},
      origin: 'http://rig',
      identity: { kind: 'user', id: 'user:test', displayName: 'Test', roles: [], permissions: new Set() },
      scope: { kind: 'all' },
      signal: options.signal ?? new AbortController().signal,
      stream: () =>
        options.body instanceof Readable ? options.body : Readable.from(options.body ? [options.body] : []),
      json: () => Promise.reject(new Error('no JSON here')),
    };
    return collect(await route.handle(request));
  }
  throw new Error(`no route for ${method} ${path}`);
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  const parts = path.split('/');
  const wanted = pattern.split('/');
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('*')) {
      params[part.slice(1)] = parts.slice(index).join('/');
      return params;
    }
    const value = parts[index];
    if (value === undefined) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return parts.length === wanted.length ? params : undefined;
}

async function collect(reply: HttpReply): Promise<RigReply> {
  const { body } = reply;
  const chunks: Uint8Array[] = [];
  if (body instanceof Readable) for await (const chunk of body) chunks.push(chunk);
  else if (typeof body === 'string') chunks.push(Buffer.from(body));
  else if (body instanceof Uint8Array) chunks.push(body);
  else if (body && 'writeTo' in body) {
    // As a socket does: the bytes are taken, and then the memory is the writer's again.
    try {
      await body.writeTo(async (chunk) => void chunks.push(Buffer.from(chunk)));
    } finally {
      await body.close?.();
    }
  } else if (body) throw new Error('bodies of this plugin are text, bytes, streams or writers');
  const whole = Buffer.concat(chunks);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers[name] = String(value);
  const stated = headers['content-length'];
  if (stated !== undefined && Number(stated) !== whole.length)
    throw new Error(`Content-Length ${stated}, but ${whole.length} bytes`);
  return { status: reply.status ?? 200, headers, body: whole };
}

function rigIngest(storage: InMemoryStorage, catalogue: () => InMemoryCatalogue, records: InstanceRecord[]): Ingest {
  const ingest: Ingest = {
    admit: async (sizeBytes) => {
      await storage.ensureSpace(sizeBytes);
      return { placeIn: undefined };
    },
    async receive({ file, header }, source) {
      const stat = await storage.adopt(file);
      const record: InstanceRecord = {
        ...header,
        ...stat,
        received: { at: new Date().toISOString(), via: source.via, source: source.name },
      };
      const committed = await catalogue().commit(record);
      if (committed.outcome === 'exists') {
        return {
          status: committed.existing.sha256 === stat.sha256 ? 'duplicate' : 'conflict',
          record: committed.existing,
        };
      }
      records.push(record);
      return { status: 'stored', record };
    },
    async receiveStream(stream, source) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const header = await readInstanceHeader(sourceOfBytes(bytes));
      const writer = await StagedWriter.open(storage.stagingDirectory);
      await writer.write(bytes);
      return ingest.receive({ file: await writer.finish(), header }, source);
    },
    async quarantine(file, error, source) {
      const { code } = FilmlessError.from(error);
      const entry = { code, reason: code, receivedAt: new Date().toISOString(), via: source.via, source: source.name };
      await storage.quarantine(file, entry);
    },
    receiveRecord: () => Promise.reject(new Error('not here')),
    resolveConflict: () => Promise.reject(new Error('not here')),
  };
  return ingest;
}

function rigQuery(records: readonly InstanceRecord[], search: Rig['search']): QueryIndex {
  const query: Pick<QueryIndex, 'instances' | 'search' | 'count'> = {
    async search(request) {
      search.asked.push(request);
      return structuredClone(search.result.slice(request.offset, request.offset + request.limit));
    },
    count: async () => search.result.length,
    async instances({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, scope }) {
      if (scope.kind === 'none') return [];
      return records
        .filter((record) => StudyInstanceUID === undefined || record.StudyInstanceUID === StudyInstanceUID)
        .filter((record) => SeriesInstanceUID === undefined || record.SeriesInstanceUID === SeriesInstanceUID)
        .filter((record) => SOPInstanceUID === undefined || record.SOPInstanceUID === SOPInstanceUID)
        .map(locatorOf)
        .sort(
          (a, b) =>
            a.SeriesInstanceUID.localeCompare(b.SeriesInstanceUID) || (a.InstanceNumber ?? 0) - (b.InstanceNumber ?? 0),
        );
    },
  };
  return query as QueryIndex;
}

function locatorOf(record: InstanceRecord): InstanceLocator {
  const number = (tag: string): number | undefined => {
    const value = record.dataset[tag]?.Value?.[0];
    return typeof value === 'number' ? value : undefined;
  };
  const {
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    SOPClassUID,
    transferSyntaxUID,
    sha256,
    sizeBytes,
    datasetOffsetBytes,
  } = record;
  return {
    ...{
      StudyInstanceUID,
      SeriesInstanceUID,
      SOPInstanceUID,
      SOPClassUID,
      transferSyntaxUID,
      sha256,
      sizeBytes,
      datasetOffsetBytes,
    },
    InstanceNumber: number('00200013') ?? null,
    NumberOfFrames: number('00280008') ?? 1,
  };
}

/** The parts of a multipart/related answer. */
export function partsOf(reply: RigReply): { headers: Record<string, string>; body: Buffer }[] {
  const boundary = /boundary="?([^";]+)/.exec(reply.headers['content-type'] ?? '')?.[1];
  if (!boundary) throw new Error('the answer is not multipart');
  const parts: { headers: Record<string, string>; body: Buffer }[] = [];
  const marker = Buffer.from(`--${boundary}`);
  let at = reply.body.indexOf(marker);
  for (;;) {
    const start = at + marker.length;
    if (reply.body.toString('latin1', start, start + 2) === '--') return parts;
    const headEnd = reply.body.indexOf('\r\n\r\n', start);
    const next = reply.body.indexOf(Buffer.from(`\r\n--${boundary}`), headEnd + 2);
    if (headEnd < 0 || next < 0) throw new Error('the multipart answer is not whole');
    const headers: Record<string, string> = {};
    for (const line of reply.body.toString('latin1', start + 2, headEnd).split('\r\n')) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    parts.push({ headers, body: reply.body.subarray(headEnd + 4, next) });
    at = next + 2;
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
