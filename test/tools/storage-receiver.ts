import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './node-process.ts';
import { receivedFiles } from './received-files.ts';

/** DCMTK's storescp, which writes every data set down exactly as it comes. */
export interface StorageReceiver {
  aeTitle: string;
  port: number;
  /** What has come, by SOP Instance UID: whole Part 10 files. */
  received(): Promise<Map<string, Buffer>>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  aeTitle: string;
  /** Accepted, each with each of the transfer syntaxes. Without them: every SOP class, and the transfer syntaxes DCMTK can decode. */
  sopClassUIDs?: readonly string[];
  transferSyntaxUIDs?: readonly string[];
}

/** Starts storescp in a folder of its own and waits until it listens. */
export async function startStorageReceiver(options: Options): Promise<StorageReceiver> {
  const { aeTitle, sopClassUIDs, transferSyntaxUIDs } = options;
  const directory = await mkdtemp(join(tmpdir(), 'filmless-storescp-'));
  const files = join(directory, 'files');
  await mkdir(files);
  const accepted = ['+xa', '-pm'];
  if (sopClassUIDs && transferSyntaxUIDs) {
    const profile = join(directory, 'accepted.cfg');
    await writeFile(profile, profileOf(sopClassUIDs, transferSyntaxUIDs));
    accepted.splice(0, 2, '-xf', profile, 'Accepted');
  }
  const port = await freePort();
  const child = spawn('storescp', ['-aet', aeTitle, '+B', '-pdu', '131072', ...accepted, '-od', files, String(port)], {
    cwd: directory,
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  await listening(child, port, () => Buffer.concat(errors).toString('latin1'));
  return {
    aeTitle,
    port,
    received: () => receivedFiles(files),
    async clear() {
      for (const name of await readdir(files)) await rm(join(files, name));
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once('close', done));
        child.kill('SIGTERM');
        await ended;
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An association negotiation profile in DCMTK's own form. */
function profileOf(sopClassUIDs: readonly string[], transferSyntaxUIDs: readonly string[]): string {
  return [
    '[[TransferSyntaxes]]',
    '[Syntaxes]',
    ...transferSyntaxUIDs.map((uid, i) => `TransferSyntax${i + 1} = ${uid}`),
    '[[PresentationContexts]]',
    '[Contexts]',
    ...sopClassUIDs.map((uid, i) => `PresentationContext${i + 1} = ${uid}\\Syntaxes`),
    '[[Profiles]]',
    '[Accepted]',
    'PresentationContexts = Contexts',
    '',
  ].join('\n');
}

async function listening(child: ChildProcess, port: number, errors: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`storescp ended with ${child.exitCode}:\n${errors()}`);
    const connected = await new Promise<boolean>((done) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => done(false));
    });
    if (connected) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}
