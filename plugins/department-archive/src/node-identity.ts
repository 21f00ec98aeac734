// x509 resolves its algorithms through a container that needs it.
import 'reflect-metadata';
import { KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { X509CertificateGenerator } from '@peculiar/x509';
import { z } from 'zod';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const storedSchema = z.object({ key: z.string(), cert: z.string() });

/** By what other nodes know this one. */
export interface NodeIdentity {
  key: string;
  cert: string;
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string;
}

/** Opens the node's key pair, and makes it the first time. The certificate never expires: nodes know each other by its hash, whatever their clocks say. */
export async function openIdentity(path: string, nodeName: string): Promise<NodeIdentity> {
  try {
    const { key, cert } = storedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { key, cert, fingerprint: fingerprintOf(new X509Certificate(cert).raw) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [nodeName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: randomBytes(8).toString('hex'),
    notBefore: new Date('2000-01-01'),
    notAfter: new Date('2099-12-31'),
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  const cert = certificate.toString('pem');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify({ key, cert }), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return { key, cert, fingerprint: fingerprintOf(new X509Certificate(cert).raw) };
}

export function fingerprintOf(certificate: Uint8Array): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
}
