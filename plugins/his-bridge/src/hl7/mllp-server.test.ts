import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTlsFiles } from '@filmless/core/plugin';
import { hasOpenssl, makeCertificate, RecordingLog } from '@filmless/core/testing';
import { expect, it, onTestFinished } from 'vitest';
import { MllpClient } from './mllp-client.ts';
import { type MllpLimits, MllpServer } from './mllp-server.ts';

const LIMITS: MllpLimits = {
  maxConnections: 10,
  maxConnectionsPerAddress: 2,
  maxMessageBytes: 1024,
  idleTimeoutMs: 60_000,
  messageTimeoutMs: 60_000,
};

type Options = Partial<ConstructorParameters<typeof MllpServer<string>>[0]>;

async function serve(accepts: boolean, options: Options = {}): Promise<{ server: MllpServer<string>; port: number }> {
  const server = new MllpServer<string>({
    handler: {
      accept: (address) => (accepts ? address : undefined),
      message: async (bytes) => [Buffer.from(`taken ${bytes}`)],
      cutOff: (_head, _from, why) => [Buffer.from(why)],
    },
    limits: LIMITS,
    log: new RecordingLog(),
    ...options,
  });
  onTestFinished(() => server.dispose());
  return { server, port: await server.listen('127.0.0.1', 0) };
}

const listen = async (accepts: boolean, options?: Options) => (await serve(accepts, options)).port;

function client(port: number, tls?: { ca?: string }): MllpClient {
  const made = new MllpClient({ host: '127.0.0.1', port, timeoutMs: 20_000, ...(tls ? { tls } : {}) });
  onTestFinished(() => made.close());
  return made;
}

it('turns away who is not known', async () => {
  await expect(client(await listen(false)).send(Buffer.from('x'))).rejects.toThrow('closed');
});

it('turns away more connections of one address than it may have, and keeps the others', async () => {
  const port = await listen(true);
  const [one, two] = [client(port), client(port)];
  expect(String(await one.send(Buffer.from('1')))).toBe('taken 1');
  expect(String(await two.send(Buffer.from('2')))).toBe('taken 2');
  await expect(client(port).send(Buffer.from('3'))).rejects.toThrow('closed');
  expect(String(await one.send(Buffer.from('4')))).toBe('taken 4');
});

it('closes a connection that is idle, and one that speaks no MLLP', async () => {
  const port = await listen(true, { limits: { ...LIMITS, idleTimeoutMs: 50 } });
  const closed = (bytes: string) =>
    new Promise<string>((done) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => done('closed'));
    });
  expect(await closed('')).toBe('closed');
  expect(await closed(`GET / HTTP/1.1\r\n${'x'.repeat(4000)}`)).toBe('closed');
});

it('answers a message whose connection ends in its middle', async () => {
  const port = await listen(true);
  const answer = await new Promise<string>((done) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end('\x0bMSH|half'));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => done(text));
  });
  expect(answer).toBe('\x0bthe connection ended inside the message\x1c\r');
});

it.skipIf(!hasOpenssl)('speaks TLS, and believes the authority it is told of alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'filmless-mllp-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = await makeCertificate(folder, '127.0.0.1', { authority: true });
  const port = await listen(true, { tls: { ...readTlsFiles(files), requestCert: false } });
  const ca = await readFile(files.cert, 'utf8');
  expect(String(await client(port, { ca }).send(Buffer.from('secret')))).toBe('taken secret');
  await expect(client(port, {}).send(Buffer.from('secret'))).rejects.toThrow();
});

it.skipIf(!hasOpenssl)(
  'shows a renewed certificate from the next connection on, and keeps those that are open',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'filmless-mllp-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [before, after] = await Promise.all(
      ['before', 'after'].map(async (name) => {
        const sub = join(folder, name);
        await mkdir(sub);
        return makeCertificate(sub, '127.0.0.1', { authority: true });
      }),
    );
    if (!before || !after) throw new Error('no certificates');
    const { server, port } = await serve(true, { tls: { ...readTlsFiles(before), requestCert: false } });
    const old = client(port, { ca: await readFile(before.cert, 'utf8') });
    expect(String(await old.send(Buffer.from('1')))).toBe('taken 1');
    server.renew(readTlsFiles(after));
    expect(String(await client(port, { ca: await readFile(after.cert, 'utf8') }).send(Buffer.from('2')))).toBe(
      'taken 2',
    );
    expect(String(await old.send(Buffer.from('3')))).toBe('taken 3');
  },
);
