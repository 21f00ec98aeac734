import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CertificateFiles {
  cert: string;
  key: string;
}

/** Whether `openssl` is there to make certificates; says so aloud when not. */
export const hasOpenssl: boolean = await run('openssl', ['version']).then(
  () => true,
  () => {
    console.warn('openssl is not installed: tests of TLS are left out (Debian: apt-get install openssl)');
    return false;
  },
);

/** A certificate for 127.0.0.1 in a folder: of an authority of its own, or signed by one. */
export async function makeCertificate(
  folder: string,
  name: string,
  options: { issuer?: CertificateFiles; authority?: boolean; files?: string } = {},
): Promise<CertificateFiles> {
  const { issuer, authority = false, files = name } = options;
  const cert = join(folder, `${files}.crt`);
  const key = join(folder, `${files}.key`);
  const extensions = join(folder, `${files}.ext`);
  await writeFile(
    extensions,
    [
      '[req]',
      'distinguished_name = dn',
      'prompt = no',
      '[dn]',
      `CN = ${name}`,
      '[ext]',
      `basicConstraints = critical,CA:${authority ? 'TRUE' : 'FALSE'}`,
      'subjectAltName = IP:127.0.0.1,DNS:localhost',
    ].join('\n'),
  );
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    key,
    '-config',
    extensions,
  ];
  if (!issuer) {
    await run('openssl', ['req', '-x509', ...made, '-out', cert, '-days', '2', '-extensions', 'ext']);
    return { cert, key };
  }
  const request = join(folder, `${files}.csr`);
  await run('openssl', ['req', '-new', ...made, '-out', request]);
  const signing = [
    '-CA',
    issuer.cert,
    '-CAkey',
    issuer.key,
    '-CAcreateserial',
    '-extfile',
    extensions,
    '-extensions',
    'ext',
  ];
  await run('openssl', ['x509', '-req', '-in', request, ...signing, '-out', cert, '-days', '2']);
  return { cert, key };
}
