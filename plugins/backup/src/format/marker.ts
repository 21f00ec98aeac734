import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LAYOUT } from './paths.ts';

export const labelSchema = z
  .string()
  .trim()
  .min(1)
  .max(32)
  // A person writes it on the disk, and finds the disk by it.
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'letters, digits, spaces, dots, hyphens');

/** Of an age identity, which the hospital keeps. */
export const recipientSchema = z.string().regex(/^age1[0-9a-z]+$/, 'a public key of age: age1…');

/** `FILMLESS.json`: a folder is a backup disk when it has one, and only then. */
export const markerSchema = z.object({
  version: z.literal(1),
  id: z.uuid(),
  label: labelSchema,
  /** Disks of a set together hold everything; sets rotate. */
  set: labelSchema,
  /** Which node writes it. */
  node: z.object({ id: z.string(), name: z.string() }),
  createdAt: z.iso.datetime(),
  encryption: z.union([z.literal('none'), z.object({ recipient: recipientSchema })]),
});
export type Marker = z.infer<typeof markerSchema>;

/** Undefined when there is none: the folder is no disk, or nothing is mounted there. `damaged` when it cannot be read as one. */
export async function readMarker(root: string): Promise<Marker | 'damaged' | undefined> {
  let text: string;
  try {
    text = await readFile(join(root, LAYOUT.marker), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return markerSchema.parse(JSON.parse(text));
  } catch {
    return 'damaged';
  }
}
