import { open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { FilmlessError } from '../errors.ts';
import { parseRange } from './byte-range.ts';
import type { HttpReply, HttpRequest, HttpRoute } from './contract.ts';
import { HttpProblem } from './problem.ts';

interface Options {
  /** Folder of a finished build. */
  directory: string;
  /** Files for every site's pages, such as the SDK: `Access-Control-Allow-Origin: *`. */
  anyOrigin?: boolean;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;
/**
 * `index-C3qY8r_x.js`: eight or more signs of mixed kind that the build put there; another content has another name. What is not surely a
 * hash is asked for again: a stale program is worse than a question.
 */
const HASHED_NAME = /[-.](?=\w*\d)(?=\w*[A-Z])(?=\w*[a-z])\w{8,}\.[a-z0-9]+$/;
const A_YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'public, no-cache';

/** Answers with a file of a folder: ETag, ranges, `.br` and `.gz` siblings, and never anything outside the folder. */
export class StaticFiles {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** `path` as a route's `*rest` gives it. @throws NOT_FOUND, RANGE_NOT_SATISFIABLE */
  async serve(request: HttpRequest, path: string): Promise<HttpReply> {
    const mediaType = MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
    const file = await this.#inside(path);
    const headers: Record<string, string> = {
      'Content-Type': mediaType,
      'Cache-Control': HASHED_NAME.test(path) ? A_YEAR : ASK_AGAIN,
      Vary: 'Accept-Encoding',
      ...(this.#options.anyOrigin
        ? {
            'Access-Control-Allow-Origin': '*',
            'Cross-Origin-Resource-Policy': 'cross-origin',
            // So that a page may see how fast, and by which HTTP, its own scripts came.
            'Timing-Allow-Origin': '*',
          }
        : {}),
    };
    const ranged = request.headers['range'] !== undefined;
    for (const { name, suffix } of ranged ? [] : accepted(request.headers['accept-encoding'])) {
      const sibling = await openIfThere(`${file}${suffix}`);
      if (sibling) return reply(request, sibling, { ...headers, 'Content-Encoding': name }, `-${name}`);
    }
    const plain = await openIfThere(file);
    if (!plain) throw new FilmlessError('NOT_FOUND', 'no such file');
    return reply(request, plain, headers, '');
  }

  /** The real path of a file of the folder; links that lead outside are not followed. */
  async #inside(path: string): Promise<string> {
    const parts = path.split('/');
    // Names with a leading dot are never part of a build.
    const bad = parts.some((part) => part === '' || part.startsWith('.') || /[\\:\0]/.test(part));
    if (bad) throw new FilmlessError('NOT_FOUND', 'no such file');
    try {
      const root = await realpath(this.#options.directory);
      const file = await realpath(join(root, ...parts));
      if (file.startsWith(root + sep)) return file;
    } catch (error) {
      throw new FilmlessError('NOT_FOUND', 'no such file', { cause: error });
    }
    throw new FilmlessError('NOT_FOUND', 'no such file');
  }
}

/** A route that serves a whole folder under `mount`, e.g. `/sdk`. */
export function staticRoute(mount: string, policy: HttpRoute['policy'], summary: string, options: Options): HttpRoute {
  const files = new StaticFiles(options);
  return {
    method: 'GET',
    path: `${mount}/*rest`,
    policy,
    summary,
    handle: (request) => files.serve(request, request.params['rest'] ?? ''),
  };
}

/** A route that serves one file, e.g. the application's page at `/`. */
export function staticFileRoute(
  path: string,
  fileName: string,
  policy: HttpRoute['policy'],
  summary: string,
  options: Options,
): HttpRoute {
  const files = new StaticFiles(options);
  return { method: 'GET', path, policy, summary, handle: (request) => files.serve(request, fileName) };
}

/** A route for the modules of plugins' screens: `/plugins/<id>/ui.js` and what it imports from beside itself. */
export function pluginFilesRoute(
  directoryOf: (pluginId: string) => string | undefined,
  policy: HttpRoute['policy'] = { access: 'signed-in' },
): HttpRoute {
  return {
    method: 'GET',
    path: '/plugins/:id/*rest',
    policy,
    summary: "A plugin's own screens",
    handle(request) {
      const directory = directoryOf(request.params['id'] ?? '');
      if (directory === undefined) throw new FilmlessError('NOT_FOUND', 'no such file');
      return new StaticFiles({ directory }).serve(request, request.params['rest'] ?? '');
    },
  };
}

interface OpenFile {
  handle: Awaited<ReturnType<typeof open>>;
  sizeBytes: number;
  modifiedAtMs: number;
}

async function openIfThere(path: string): Promise<OpenFile | undefined> {
  let handle: OpenFile['handle'];
  try {
    handle = await open(path);
  } catch {
    // Absent or not readable: for the client it isn't there.
    return undefined;
  }
  const stat = await handle.stat();
  if (stat.isFile()) return { handle, sizeBytes: stat.size, modifiedAtMs: stat.mtimeMs };
  await handle.close();
  return undefined;
}

async function reply(
  request: HttpRequest,
  file: OpenFile,
  fixed: Record<string, string>,
  variant: string,
): Promise<HttpReply> {
  const { handle, sizeBytes } = file;
  const etag = `"${sizeBytes.toString(36)}-${Math.round(file.modifiedAtMs).toString(36)}${variant}"`;
  const headers: Record<string, string> = {
    ...fixed,
    ETag: etag,
    'Last-Modified': new Date(file.modifiedAtMs).toUTCString(),
  };
  if (matches(request.headers['if-none-match'], etag)) {
    await handle.close();
    return { status: 304, headers };
  }
  if (variant === '') headers['Accept-Ranges'] = 'bytes';
  const ifRange = request.headers['if-range'];
  const rangeHeader =
    variant === '' && (ifRange === undefined || ifRange === etag) ? request.headers['range'] : undefined;
  const range = parseRange(rangeHeader, sizeBytes);
  if (range === 'outside') {
    await handle.close();
    throw new HttpProblem('RANGE_NOT_SATISFIABLE', `${sizeBytes} bytes`, { 'Content-Range': `bytes */${sizeBytes}` });
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const length = { 'Content-Length': String(end - start) };
  if (request.method === 'HEAD' || end === start) {
    await handle.close();
    return { status: 200, headers: { ...headers, ...length }, body: new Uint8Array(0), noCompression: true };
  }
  const body = handle.createReadStream({ start, end: end - 1, highWaterMark: 256 * 1024 });
  return {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      ...length,
      ...(range ? { 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}` } : {}),
    },
    body,
    noCompression: variant !== '' || range !== undefined,
  };
}

function matches(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}

function accepted(header: string | undefined): readonly (typeof ENCODINGS)[number][] {
  const offers = (header ?? '').toLowerCase().split(',');
  return ENCODINGS.filter(({ name }) =>
    offers.some((offer) => {
      const [coding = '', ...rest] = offer.split(';').map((part) => part.trim());
      return coding === name && !rest.some((part) => /^q=0(\.0*)?$/.test(part));
    }),
  );
}
