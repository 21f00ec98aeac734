import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

const root = resolve(import.meta.dirname, '..', '..');
const PASSWORD = 'filmless-test-password';

/** A free TCP port on loopback. Another process might take it in between; tests that lose that race fail loudly at start. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

export interface NodeProcess {
  url: string;
  httpPort: number;
  dicomPort: number;
  aeTitle: string;
  dataDirectory: string;
  pid: number;
  /** Basic credentials of the administrator. */
  authorization: string;
  password: string;
  /** What the process wrote to standard error. */
  log(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** SIGTERM, and waits for the end. Resolves to the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL at once, and waits for the end. */
  kill(): Promise<void>;
  /** Removes the data folder; after stop or kill. */
  remove(): Promise<void>;
}

interface Options {
  dataDirectory?: string;
  httpPort?: number;
  dicomPort?: number;
  /** Merged into filmless.yaml. */
  config?: Record<string, unknown>;
  accept?: 'known' | 'any';
  env?: Record<string, string>;
}

/** Starts a real node as a process of its own, as IT would, and waits until it is ready. */
export async function startNode(options: Options = {}): Promise<NodeProcess> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'filmless-node-')));
  const httpPort = options.httpPort ?? (await freePort());
  const dicomPort = options.dicomPort ?? (await freePort());
  const configFile = join(dataDirectory, 'filmless.yaml');
  await writeFile(configFile, stringify({ log: { level: 'warn' }, ...options.config }));
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', join(root, 'host-app/server/filmless.ts'), '--json', 'start'],
    {
      cwd: root,
      env: {
        ...process.env,
        FILMLESS_CONFIG: configFile,
        FILMLESS_DATA: dataDirectory,
        FILMLESS_HTTP_PORT: String(httpPort),
        FILMLESS_DICOM_PORT: String(dicomPort),
        FILMLESS_DIMSE_ACCEPT: options.accept ?? 'any',
        FILMLESS_ADMIN_PASSWORD: PASSWORD,
        NODE_ENV: 'production',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const log = () => Buffer.concat(errors).toString('utf8');
  await firstLine(child, log);
  const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
  const url = `http://127.0.0.1:${httpPort}`;
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
    const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
    child.kill(signal);
    return ended;
  };
  return {
    url,
    httpPort,
    dicomPort,
    aeTitle: 'FILMLESS',
    dataDirectory,
    pid: child.pid ?? 0,
    authorization,
    password: PASSWORD,
    log,
    fetch: (path, init = {}) => fetch(`${url}${path}`, { ...init, headers: { authorization, ...init.headers } }),
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
    remove: () => rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The node prints one JSON line when it is ready. */
function firstLine(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\n')) done();
    });
    child.once('error', fail);
    child.once('close', (code) => fail(new Error(`the node ended with ${code} before it was ready:\n${log()}`)));
  });
}
