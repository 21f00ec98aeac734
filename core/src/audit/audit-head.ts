import { type KeyObject, sign, verify } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { SigningKeys } from '../security/signing-keys.ts';

/** Says where the log ended, signed by the node: entries taken off its end are missed by it. */
const headSchema = z.strictObject({
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
  kid: z.string(),
  signature: z.string(),
});
export type AuditHead = z.infer<typeof headSchema>;

export type HeadState =
  | { kind: 'none' }
  | { kind: 'damaged' }
  /** Signed with a key that is not this node's: nobody vouches for what it says. */
  | { kind: 'foreign'; head: AuditHead }
  | { kind: 'good'; head: AuditHead };

/** Reads and checks the head kept beside the log. */
export async function readHead(path: string, publicKey: (kid: string) => KeyObject | undefined): Promise<HeadState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' };
    throw error;
  }
  const parsed = headSchema.safeParse(jsonOf(text));
  if (!parsed.success) return { kind: 'damaged' };
  const key = publicKey(parsed.data.kid);
  if (!key) return { kind: 'foreign', head: parsed.data };
  const right = verify(null, signedBytes(parsed.data), key, Buffer.from(parsed.data.signature, 'base64'));
  return right ? { kind: 'good', head: parsed.data } : { kind: 'damaged' };
}

/** Replaces the head, so that a crash leaves the old one or the new one. */
export async function writeHead(
  path: string,
  at: { seq: number; hash: string; at: string },
  keys: SigningKeys,
): Promise<void> {
  const { kid, privateKey } = keys.current();
  const signature = sign(null, signedBytes({ ...at, kid }), privateKey).toString('base64');
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ ...at, kid, signature })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function signedBytes({ seq, hash, at, kid }: Omit<AuditHead, 'signature'>): Buffer {
  return Buffer.from(JSON.stringify(['filmless audit head', seq, hash, at, kid]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
