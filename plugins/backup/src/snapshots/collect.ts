import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FilmlessError, type NodeCopy, type NodeInfo } from '@filmless/core/plugin';
import { configWithoutSecrets, isSecretFile, withoutSecrets } from './secrets.ts';
import { SNAPSHOT, type Snapshot } from './snapshot-format.ts';

interface Options {
  nodeCopy: Pick<NodeCopy, 'documents'>;
  node: Pick<NodeInfo, 'name' | 'version' | 'dataDirectory'>;
  /** Left out when there is none. */
  configFile: string;
  hasSecrets: boolean;
  at: string;
  /** Made anew. */
  folder: string;
  signal: AbortSignal;
}

/** Kept elsewhere, or made again from what is kept. */
const NOT_FOLDERS = new Set(['storage', 'catalogue', 'cache', 'storage-s3']);
const NOT_FILES = /^(index\.sqlite|checkpoints\.sqlite|control\.json)/;
const SMALL_FILE = /(\.(json|pem|key|crt|ya?ml|txt)|head)$/;
const MAX_SMALL_BYTES = 2 ** 20;
/** Whoever was signed in signs in again. */
const NOT_DATABASES = new Set(['sessions']);

/**
 * Gathers a snapshot in a folder of this node. The catalogue comes first, small files next, databases last: each names only what the later ones have,
 * so the end of the audit log that its head vouches for is in the log.
 */
export async function collectSnapshot(options: Options): Promise<Snapshot> {
  const { folder, node, hasSecrets, at, signal } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const documents = await writeDocuments(options);
  const { databases, small } = await dataFiles(node.dataDirectory);
  for (const path of small) {
    const content = await readFile(join(node.dataDirectory, path));
    if (!hasSecrets && isSecretFile(path, content)) continue;
    await put(folder, `${SNAPSHOT.files}/${path}`, content);
  }
  const config = await readFile(options.configFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A node may run on environment variables alone; a file that is there and cannot be read must not be left out unnoticed.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (config !== undefined) await put(folder, SNAPSHOT.config, hasSecrets ? config : configWithoutSecrets(config));
  for (const path of databases) {
    signal.throwIfAborted();
    if (!hasSecrets && isSecretFile(path)) continue;
    await copyDatabase(join(node.dataDirectory, path), join(folder, SNAPSHOT.files, path));
  }
  const files = [];
  for (const path of await filesIn(folder)) files.push({ path, ...(await hashed(join(folder, path))) });
  return { version: 1, at, node: node.name, program: node.version, hasSecrets, documents, files };
}

async function writeDocuments({ nodeCopy, hasSecrets, folder, signal }: Options): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const each of nodeCopy.documents()) {
      if (NOT_DATABASES.has(each.database)) continue;
      const kept = hasSecrets ? each : withoutSecrets(each);
      if (!kept) continue;
      count += 1;
      yield `${JSON.stringify(kept)}\n`;
    }
  }
  const target = createWriteStream(join(folder, SNAPSHOT.documents), { mode: 0o600 });
  // A fraction of the time of the best compression, for little more room.
  await pipeline(Readable.from(lines(), { objectMode: true }), bytesOf(), createGzip({ level: 3 }), target, { signal });
  return count;
}

function bytesOf(): Transform {
  return new Transform({
    writableObjectMode: true,
    transform: (line: string, _encoding, done) => done(null, Buffer.from(line)),
  });
}

/** A consistent copy while others write; what was read of it is one moment. */
async function copyDatabase(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(source, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    database.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    throw new FilmlessError('STORAGE_FAILED', 'A database could not be copied for the snapshot', { cause: error });
  } finally {
    database.close();
  }
}

async function dataFiles(root: string): Promise<{ databases: string[]; small: string[] }> {
  const databases: string[] = [];
  const small: string[] = [];
  for (const path of await filesIn(root, NOT_FOLDERS)) {
    if (NOT_FILES.test(path)) continue;
    if (path.endsWith('.sqlite')) databases.push(path);
    else if (SMALL_FILE.test(path) && (await stat(join(root, path))).size <= MAX_SMALL_BYTES) small.push(path);
  }
  return { databases, small };
}

/** Files below a folder, as paths from it. `except`: folders directly in it. */
async function filesIn(root: string, except: ReadonlySet<string> = new Set()): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const each of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, each.name);
      if (each.isDirectory()) {
        if (folder !== root || !except.has(each.name)) await walk(path);
      } else if (each.isFile()) found.push(relative(root, path));
    }
  };
  await walk(root);
  return found.sort();
}

async function put(folder: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, path), content, { mode: 0o600 });
}

async function hashed(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}
