/**
 * A ward's workstation of a HIS, on an origin of its own, that embeds images of a Filmless node.
 * usage: PACS_URL=http://127.0.0.1:8080 PACS_KEY=flk_… node examples/his-workstation/server.ts
 * The node needs this page's origin in `http.corsOrigins`; docs/viewer.md tells how the key is made.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { issuePacsToken, type PacsAccount } from './pacs-access.ts';

export interface WorkstationOptions {
  readonly pacs: PacsAccount;
  /** 0 takes a free one. */
  readonly port: number;
  /** The pages; the plain ones when absent. */
  readonly publicDirectory?: string;
}

export interface Workstation {
  /** `http://127.0.0.1:8090` */
  readonly origin: string;
  close(): Promise<void>;
}

const here = import.meta.dirname;
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
const COOKIE = 'his_session';
/** Who is signed in at the HIS. */
const PHYSICIAN = 'sunwei';

/**
 * Everything a page that embeds the viewer has to allow, and nothing more; documented in docs/viewer.md. `'wasm-unsafe-eval'` is for the
 * decoders, `worker-src blob:` for the threads they run in, `img-src blob:` for pictures that are fetched with a token.
 */
export function contentSecurityPolicy(pacs: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${pacs} 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `connect-src 'self' ${pacs}`,
    "img-src 'self' blob: data:",
    "style-src 'self'",
    'media-src blob:',
    `frame-src ${pacs}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Starts the workstation; resolves when it takes connections. */
export async function startWorkstation(options: WorkstationOptions): Promise<Workstation> {
  const pacsOrigin = new URL(options.pacs.url).origin;
  // Stands for the HIS's own sign-in, which is not what this example is about: whoever opened the page has one.
  const sessions = new Set<string>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
      response.end();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://his');
    response.setHeader('Content-Security-Policy', contentSecurityPolicy(pacsOrigin));
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    if (request.method !== 'GET') return end(response, 405);
    if (!url.pathname.startsWith('/his/')) return sendFile(url.pathname, response);
    if (!sessions.has(cookie(request))) return end(response, 401);
    const patient = url.searchParams.get('patient') ?? '';
    if (url.pathname === '/his/ward') return sendJson(response, await readFile(join(here, 'ward.json'), 'utf8'));
    if (url.pathname === '/his/pacs-token') {
      response.setHeader('content-type', 'text/plain');
      response.end(await issuePacsToken(options.pacs, PHYSICIAN, patient));
      return;
    }
    end(response, 404);
  }

  async function sendFile(path: string, response: ServerResponse): Promise<void> {
    const name = path === '/' ? 'index.html' : path.slice(1);
    const type = TYPES[extname(name)];
    // One flat folder: nothing else can be named.
    if (!type || !/^[\w-]+\.\w+$/.test(name)) return end(response, 404);
    const folder = options.publicDirectory ?? join(here, 'public');
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text === undefined) return end(response, 404);
    response.setHeader('content-type', type);
    if (name === 'index.html') {
      const session = randomBytes(24).toString('base64url');
      sessions.add(session);
      response.setHeader('Set-Cookie', `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Strict`);
    }
    response.end(text.replaceAll('{{PACS}}', pacsOrigin));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function cookie(request: IncomingMessage): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? '';
}

function sendJson(response: ServerResponse, body: string): void {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(body);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end();
}

if (import.meta.main) {
  const { PACS_URL = 'http://127.0.0.1:8080', PACS_KEY, HIS_PORT = '8090' } = process.env;
  if (!PACS_KEY) {
    console.error('Set PACS_KEY to a key of a service account of the node: POST /api/users/his/keys');
    process.exit(2);
  }
  const pacs = { url: PACS_URL.replace(/\/+$/, ''), key: PACS_KEY };
  const { origin } = await startWorkstation({ pacs, port: Number(HIS_PORT) });
  console.log(`The workstation: ${origin}   (the node at ${pacs.url} needs http.corsOrigins: [${origin}])`);
}
