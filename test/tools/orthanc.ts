import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './node-process.ts';
import { findOrthanc } from './prerequisites.ts';

const DICOMWEB_PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

/** Whether Orthanc and its DICOMweb plugin are there; says so aloud when not. */
export const hasOrthanc: boolean = findOrthanc() !== undefined && existsSync(DICOMWEB_PLUGIN);
if (!hasOrthanc)
  console.warn(
    'Orthanc is not installed: its tests and comparisons are left out (Debian: apt-get install orthanc orthanc-dicomweb)',
  );

export interface Orthanc {
  url: string;
  dicomPort: number;
  aeTitle: string;
  readonly pid: number;
  /** Orthanc's own REST. */
  rest<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** SIGKILL at once, and waits for the end. */
  kill(): Promise<void>;
  /** With what it holds, after it was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Filmless node as Orthanc knows it, under the names `filmless` in DIMSE and DICOMweb. */
export interface OrthancPeer {
  aeTitle: string;
  dicomPort: number;
  url: string;
  user: string;
  password: string;
}

/**
 * Starts an Orthanc of its own with a scratch folder and waits until it answers. Files are synced to disk before it acknowledges, as a
 * node of ours does.
 */
export async function startOrthanc(
  peer?: OrthancPeer,
  options: { dicomPort?: number; config?: object; lua?: string } = {},
): Promise<Orthanc> {
  const program = findOrthanc();
  if (!program) throw new Error('Orthanc is not installed');
  const directory = await mkdtemp(join(tmpdir(), 'filmless-orthanc-'));
  const [httpPort, dicomPort] = [await freePort(), options.dicomPort ?? (await freePort())];
  const aeTitle = 'ORTHANC';
  await mkdir(join(directory, 'db'));
  const config = {
    Name: 'peer',
    StorageDirectory: join(directory, 'db'),
    IndexDirectory: join(directory, 'db'),
    StorageCompression: false,
    SyncStorageArea: true,
    HttpPort: httpPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomAet: aeTitle,
    DicomPort: dicomPort,
    DicomCheckCalledAet: false,
    DicomAlwaysAllowEcho: true,
    DicomAlwaysAllowStore: true,
    DicomAlwaysAllowFind: true,
    DicomAlwaysAllowGet: true,
    DicomAlwaysAllowMove: true,
    UnknownSopClassAccepted: true,
    DicomCheckModalityHost: false,
    SynchronousCMove: true,
    DefaultEncoding: 'Utf8',
    DicomThreadsCount: 4,
    DicomModalities: peer
      ? { filmless: { AET: peer.aeTitle, Host: '127.0.0.1', Port: peer.dicomPort, AllowStorageCommitment: true } }
      : {},
    Plugins: [DICOMWEB_PLUGIN],
    DicomWeb: {
      Enable: true,
      Root: '/dicom-web/',
      EnableWado: true,
      Ssl: false,
      StudiesMetadata: 'Full',
      SeriesMetadata: 'Full',
      Servers: peer
        ? { filmless: { Url: `${peer.url}/dicom-web/`, Username: peer.user, Password: peer.password } }
        : {},
    },
    ...options.config,
  };
  const configFile = join(directory, 'orthanc.json');
  if (options.lua !== undefined) {
    await writeFile(join(directory, 'script.lua'), options.lua);
    Object.assign(config, { LuaScripts: [join(directory, 'script.lua')] });
  }
  await writeFile(configFile, JSON.stringify(config, null, 2));
  const url = `http://127.0.0.1:${httpPort}`;
  let running = await launch(program, configFile, directory, url);
  return {
    url,
    dicomPort,
    aeTitle,
    get pid() {
      return running.pid;
    },
    async rest<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok)
        throw new Error(`Orthanc answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
      return (text ? JSON.parse(text) : undefined) as T;
    },
    kill: () => running.end('SIGKILL'),
    async restart() {
      running = await launch(program, configFile, directory, url);
    },
    async stop() {
      await running.end('SIGTERM');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Resolves when it answers. */
async function launch(program: string, configFile: string, directory: string, url: string) {
  const child = spawn(program, [configFile], {
    cwd: directory,
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void output.push(chunk));
  let exited = false;
  const ended = new Promise<void>((done) => {
    child.once('close', () => {
      exited = true;
      done();
    });
  });
  for (;;) {
    if (exited) throw new Error(`Orthanc ended at start:\n${Buffer.concat(output).toString('utf8').slice(-2_000)}`);
    const answer = await fetch(`${url}/system`).catch(() => undefined);
    if (answer?.ok) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    pid: child.pid ?? 0,
    async end(signal: NodeJS.Signals) {
      if (!exited) child.kill(signal);
      await ended;
    },
  };
}
