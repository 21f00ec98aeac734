import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateFiles, hasOpenssl, makeCertificate } from '../../testing/certificates.ts';
import { type HttpTestNode, startHttpTestNode } from '../../testing/http-node.ts';
import { until } from '../../testing/until.ts';
import { readTlsFiles } from './tls-files.ts';

describe.skipIf(!hasOpenssl)('HTTPS (needs openssl)', () => {
  let folder: string;
  let files: CertificateFiles;
  let node: HttpTestNode;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-tls-'));
    files = await makeCertificate(folder, 'first');
    node = await startHttpTestNode({ tls: { ...files, everyMs: 20 } });
    node.route({
      method: 'GET',
      path: '/api/thing',
      policy: { access: 'signed-in' },
      summary: 'test',
      handle: ({ origin }) => ({ body: { origin } }),
    });
  });

  afterEach(async () => {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (headers: Record<string, string>) =>
    new Promise<{ status: number; hsts: string; body: string }>((resolve, reject) => {
      const agent = new Agent({ rejectUnauthorized: false, maxCachedSessions: 0 });
      get({ host: '127.0.0.1', port: node.server.port, path: '/api/thing', headers, agent }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => {
          agent.destroy();
          const hsts = String(response.headers['strict-transport-security'] ?? '');
          resolve({ status: response.statusCode ?? 0, hsts, body });
        });
      }).on('error', reject);
    });
  const handshake = (options: object = {}) =>
    new Promise<{ name: string; protocol: string | null }>((resolve, reject) => {
      const socket: TLSSocket = connect(
        { host: '127.0.0.1', port: node.server.port, rejectUnauthorized: false, ...options },
        () => {
          resolve({ name: String(socket.getPeerCertificate().subject.CN), protocol: socket.getProtocol() });
          socket.destroy();
        },
      );
      socket.once('error', reject);
    });

  it('answers over TLS and tells browsers to come that way again', async () => {
    const answer = await ask({ Authorization: `Bearer ${await node.tokenFor('clinician')}` });
    expect(answer).toMatchObject({ status: 200, hsts: 'max-age=31536000' });
    expect(JSON.parse(answer.body)).toEqual({ origin: `https://127.0.0.1:${node.server.port}` });
    await expect(fetch(`http://127.0.0.1:${node.server.port}/api/thing`)).rejects.toThrow();
  });

  it('takes commands on this machine another way, with the same locks', async () => {
    expect(node.server.localUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await fetch(`${node.server.localUrl}/api/thing`)).status).toBe(401);
  });

  it('speaks TLS 1.2 and newer with forward secrecy alone', async () => {
    expect((await handshake()).protocol).toBe('TLSv1.3');
    expect((await handshake({ maxVersion: 'TLSv1.2' })).protocol).toBe('TLSv1.2');
    await expect(
      handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    ).rejects.toThrow();
    await expect(handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow();
  });

  it('takes a renewed certificate without a restart, and keeps the old one while the files do not fit', async () => {
    const renewed = await makeCertificate(folder, 'second');
    await copyFile(renewed.cert, files.cert);
    await until(() => node.log.lines.some(({ message }) => message?.includes('the old one stays')));
    expect((await handshake()).name).toBe('first');
    await copyFile(renewed.key, files.key);
    await until(() => node.log.lines.some(({ message }) => message === 'the certificate was renewed'));
    expect((await handshake()).name).toBe('second');
  });

  it('names the file that is wrong', async () => {
    expect(() => readTlsFiles({ ...files, key: join(folder, 'none') })).toThrow(/none cannot be read/);
    await writeFile(files.key, await readFile(files.cert));
    expect(() => readTlsFiles(files)).toThrow(/no certificate and its key/);
  });
});
