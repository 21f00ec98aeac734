import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';

const fileSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        kid: z.string().min(1).max(64),
        createdAt: z.string(),
        /** PKCS #8, PEM. */
        privateKey: z.string(),
      }),
    )
    .min(1),
});
type KeyFile = z.infer<typeof fileSchema>;

/** Tokens last minutes; a key that is no longer used to sign is kept for those it signed, and for one wrong rotation. */
const KEPT = 3;

/** This node's own Ed25519 keys, in a file that only its owner can read. The newest signs, those before it still verify. */
export class SigningKeys {
  readonly #path: string;
  readonly #now: () => number;
  #file: KeyFile;
  readonly #public = new Map<string, KeyObject>();

  /** @throws CONFIG_INVALID when the file can be read by others or cannot be understood */
  constructor(path: string, options: { now?: () => number } = {}) {
    this.#path = path;
    this.#now = options.now ?? Date.now;
    this.#file = this.#read() ?? this.#write({ keys: [this.#newKey()] });
  }

  current(): { kid: string; privateKey: KeyObject; publicKey: KeyObject } {
    const [newest] = this.#file.keys;
    if (!newest) throw new FilmlessError('INTERNAL');
    const privateKey = createPrivateKey(newest.privateKey);
    return { kid: newest.kid, privateKey, publicKey: createPublicKey(privateKey) };
  }

  publicKey(kid: string): KeyObject | undefined {
    const found = this.#file.keys.find((key) => key.kid === kid);
    if (!found) return undefined;
    const publicKey = this.#public.get(kid) ?? createPublicKey(found.privateKey);
    this.#public.set(kid, publicKey);
    return publicKey;
  }

  /** A new key signs from now on. `forget`: those before it count no more, and whatever they signed with them. */
  rotate(options: { forget?: boolean } = {}): string {
    const key = this.#newKey();
    this.#file = this.#write({ keys: [key, ...(options.forget ? [] : this.#file.keys)].slice(0, KEPT) });
    this.#public.clear();
    return key.kid;
  }

  #newKey(): KeyFile['keys'][number] {
    const { privateKey } = generateKeyPairSync('ed25519');
    return {
      kid: randomBytes(9).toString('base64url'),
      createdAt: new Date(this.#now()).toISOString(),
      privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    };
  }

  #read(): KeyFile | undefined {
    let text: string;
    try {
      const readableByOthers = process.platform !== 'win32' && (statSync(this.#path).mode & 0o077) !== 0;
      if (readableByOthers)
        throw new FilmlessError(
          'CONFIG_INVALID',
          `${this.#path} can be read by others: chmod 600 it, then rotate the keys`,
        );
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      // What the parser says may quote a key.
      throw new FilmlessError('CONFIG_INVALID', `${this.#path} is damaged: remove it to make new keys`);
    }
  }

  #write(file: KeyFile): KeyFile {
    const temporary = `${this.#path}.new`;
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      chmodSync(temporary, 0o600);
      writeSync(descriptor, JSON.stringify(file, null, 2));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, this.#path);
    return file;
  }
}
