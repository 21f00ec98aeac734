import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { FilmlessError } from '../errors.ts';

/** PEM files of a server's certificate, as the configuration names them. */
export interface TlsFileSettings {
  /** Certificate with its chain. */
  cert: string;
  key: string;
  /** Who signs the certificates that clients show. */
  ca?: string | undefined;
}

/** What is in the files, in the form that servers and threads take. */
export interface TlsMaterial {
  cert: string;
  key: string;
  ca?: string;
}

/** @see BCP 195 (RFC 9325): TLS 1.2 with forward secrecy and AEAD, and TLS 1.3 */
export const TLS_POLICY = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
  honorCipherOrder: true,
} as const satisfies SecureContextOptions;

const LOOK_EVERY_MS = 5_000;

/** @throws CONFIG_INVALID naming the file that cannot be read, or that they do not fit together */
export function readTlsFiles(settings: TlsFileSettings): TlsMaterial {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new FilmlessError('CONFIG_INVALID', `${path} cannot be read`, { cause: error });
    }
  };
  const material: TlsMaterial = {
    cert: read(settings.cert),
    key: read(settings.key),
    ...(settings.ca === undefined ? {} : { ca: read(settings.ca) }),
  };
  try {
    createSecureContext({ ...TLS_POLICY, ...material });
  } catch (error) {
    throw new FilmlessError('CONFIG_INVALID', `${settings.cert} and ${settings.key} are no certificate and its key`, {
      cause: error,
    });
  }
  return material;
}

/**
 * Looks at the files and tells when they are others: a renewed certificate counts without a restart. While they do not fit together, as in
 * the middle of a renewal, the old ones stay.
 */
export function watchTlsFiles(
  settings: TlsFileSettings,
  changed: (material: TlsMaterial) => void,
  failed: (error: unknown) => void,
  everyMs = LOOK_EVERY_MS,
): { dispose(): void } {
  const paths = [settings.cert, settings.key, ...(settings.ca === undefined ? [] : [settings.ca])];
  let before = fingerprintOf(settings);
  const look = () => {
    try {
      const now = fingerprintOf(settings);
      if (now === before) return;
      const material = readTlsFiles(settings);
      before = now;
      changed(material);
    } catch (error) {
      failed(error);
    }
  };
  // By their times: links that are swapped, as tools for renewal do, are not told by file events.
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, look);
  return {
    dispose: () => {
      for (const path of paths) unwatchFile(path, look);
    },
  };
}

function fingerprintOf(settings: TlsFileSettings): string {
  return [settings.cert, settings.key, settings.ca ?? '']
    .map((path) => (path === '' ? '' : readFileSync(path, 'utf8')))
    .join('\n');
}
