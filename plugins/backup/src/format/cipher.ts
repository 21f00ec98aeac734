import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { FilmlessError } from '@filmless/core/plugin';
import { Decrypter, Encrypter } from 'age-encryption';

/** Encrypts as it streams, for a public key: what can read it again is not on the node. https://age-encryption.org/v1 */
export async function encrypted(content: Readable, recipient: string): Promise<Readable> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return fromWeb(await encrypter.encrypt(toWeb(content)));
}

/** Whether it is a public key that can be encrypted for. */
export function isRecipient(recipient: string): boolean {
  try {
    new Encrypter().addRecipient(recipient);
    return true;
  } catch {
    return false;
  }
}

/** Decrypts as it streams with one of the hospital's secret keys, `AGE-SECRET-KEY-1…`. KEY_DOES_NOT_FIT when none of them does. */
export async function decrypted(stored: Readable, identities: readonly string[]): Promise<Readable> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return fromWeb(await decrypter.decrypt(toWeb(stored)));
  } catch (error) {
    stored.destroy();
    // Anything else is a file that is damaged.
    if (!(error instanceof Error && error.message.startsWith('no identity matched'))) throw error;
    throw new FilmlessError('KEY_DOES_NOT_FIT', 'it is encrypted for another key', { cause: error });
  }
}

/** Whether it is this that went wrong. */
export function isWrongKey(error: unknown): boolean {
  return error instanceof FilmlessError && error.code === 'KEY_DOES_NOT_FIT';
}

/** The secret keys in a key file as `age-keygen` writes it. */
export function identitiesIn(keyFile: string): string[] {
  return keyFile
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}

/** Node's types of its own streams and of the web's agree only here. */
function toWeb(stream: Readable): globalThis.ReadableStream<Uint8Array> {
  return ReadableStream.from<Uint8Array>(stream) as unknown as globalThis.ReadableStream<Uint8Array>;
}

function fromWeb(stream: globalThis.ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream as unknown as ReadableStream<Uint8Array>);
}
