import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { hasOpenssl, makeCertificate, until } from '@filmless/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DimseTestNode, havePrograms, startDimseNode, temporaryDirectory } from './dimse-node.test-util.ts';

const run = promisify(execFile);

interface Files {
  cert: string;
  key: string;
}

const fingerprintOf = async ({ cert }: Files) => new X509Certificate(await readFile(cert)).fingerprint256;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe.skipIf(!hasOpenssl)('DICOM over TLS (needs openssl)', () => {
  let folder: string;
  let authority: Files;
  let own: Files;
  let modality: Files;
  let stranger: Files;
  let tlsPort: number;
  let node: DimseTestNode;

  beforeEach(async () => {
    folder = await temporaryDirectory();
    authority = await makeCertificate(folder, 'hospital', { authority: true });
    own = await makeCertificate(folder, 'pacs', { issuer: authority });
    modality = await makeCertificate(folder, 'ct', { issuer: authority });
    stranger = await makeCertificate(folder, 'stranger');
    tlsPort = await freePort();
    node = await startDimseNode({
      tls: { port: tlsPort, ...own, ca: authority.cert },
      devices: [
        { aeTitle: 'CT', address: '127.0.0.1', tls: { certificate: await fingerprintOf(modality) } },
        { aeTitle: 'PLAIN', address: '127.0.0.1' },
      ],
    });
  });

  /** A node that calls as CT, with this certificate. */
  const caller = async (files: Files, device: object = {}) => {
    const other = await startDimseNode(
      {
        aeTitle: 'CT',
        tls: { port: await freePort(), ...files, ca: authority.cert },
        devices: [{ aeTitle: 'FILMLESS', address: '127.0.0.1', port: tlsPort, tls: {}, ...device }],
      },
      { aeTitle: 'CT' },
    );
    return async () =>
      (await other.request('POST', '/api/devices/FILMLESS/echo')).body as { ok: boolean; detail: string };
  };

  it('takes an AE title from the certificate named for it, and from no other', async () => {
    expect(await (await caller(modality))()).toMatchObject({ ok: true });
    // Of the same authority, but another device's.
    const other = await makeCertificate(folder, 'us', { issuer: authority });
    expect(await (await caller(other))()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/not recognized/i),
    });
    expect(await (await caller(stranger))()).toMatchObject({ ok: false });
    // Without TLS the title is not taken at all.
    expect(await (await caller(modality, { port: node.dicomPort, tls: undefined }))()).toMatchObject({ ok: false });
  });

  it('calls nobody but whom the authority, or the certificate named, vouches for', async () => {
    const right = { tls: { certificate: await fingerprintOf(own) } };
    expect(await (await caller(modality, right))()).toMatchObject({ ok: true });
    const wrong = { tls: { certificate: await fingerprintOf(stranger) } };
    expect(await (await caller(modality, wrong))()).toMatchObject({ ok: false });
  });

  it('lets nobody in without a certificate of the authority, nor over old TLS', async () => {
    // With TLS 1.3 the refusal comes after the client's part of the handshake; with 1.2 it is part of it.
    const handshake = (options: object) =>
      new Promise<string>((resolve) => {
        const socket = connect({
          host: '127.0.0.1',
          port: tlsPort,
          rejectUnauthorized: false,
          maxVersion: 'TLSv1.2',
          ...options,
        });
        socket.once('secureConnect', () => {
          socket.destroy();
          resolve('let in');
        });
        socket.once('error', () => resolve('refused'));
        socket.once('close', () => resolve('refused'));
      });
    const shown = async ({ cert, key }: Files) => ({ cert: await readFile(cert), key: await readFile(key) });
    expect(await handshake(await shown(modality))).toBe('let in');
    expect(await handshake({})).toBe('refused');
    expect(await handshake(await shown(stranger))).toBe('refused');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' };
    expect(await handshake({ ...(await shown(modality)), ...old })).toBe('refused');
  });

  it('takes a renewed certificate without a restart', async () => {
    const renewed = await makeCertificate(folder, 'renewed', { issuer: authority });
    await copyFile(renewed.key, own.key);
    await copyFile(renewed.cert, own.cert);
    await until(() => node.log.lines.some(({ message }) => message === 'The certificate was renewed'));
    const pinned = { tls: { certificate: await fingerprintOf(renewed) } };
    expect(await (await caller(modality, pinned))()).toMatchObject({ ok: true });
  });

  it.skipIf(!havePrograms('echoscu'))('speaks with DCMTK', async () => {
    const echo = (files: Files, aeTitle = 'CT') =>
      run('echoscu', [
        '+tls',
        files.key,
        files.cert,
        '+cf',
        authority.cert,
        '-aet',
        aeTitle,
        '-aec',
        'FILMLESS',
        '127.0.0.1',
        String(tlsPort),
      ]);
    await echo(modality);
    await expect(echo(stranger)).rejects.toThrow();
  });
});
