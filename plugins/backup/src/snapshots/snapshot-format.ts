import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ENCRYPTED, LAYOUT } from '../format/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Names of what a snapshot holds, below its folder. */
export const SNAPSHOT = {
  manifest: 'MANIFEST.sha256',
  description: 'snapshot.json',
  /** Every document of the catalogue: `{database, document}` a line. */
  documents: 'documents.ndjson.gz',
  config: 'filmless.yaml',
  /** What else the data folder had. */
  files: 'files',
} as const;

/** `snapshot.json`; readable without a key, it tells nothing but names and sizes. */
export const snapshotSchema = z.object({
  version: z.literal(1),
  /** ISO 8601. */
  at: z.iso.datetime(),
  node: z.string(),
  program: z.string(),
  /** False: passwords, keys and the like were left out, because the disk is not encrypted. */
  hasSecrets: z.boolean(),
  documents: z.number(),
  /** `sha256` of the content, before it was encrypted. */
  files: z.array(z.object({ path: z.string().regex(/^[^/.][^\0]*$/), sha256, sizeBytes: z.number() })),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** `20261124T083000Z`: names a snapshot's folder. */
export const folderName = (at: string): string => at.replaceAll(/[-:]|\.\d+/g, '');

const FOLDER = /^\d{8}T\d{6}Z$/;

export interface SnapshotOnDisk {
  /** From the root of the disk. */
  folder: string;
  snapshot: Snapshot;
}

/** Where a file of a snapshot lies, from the root of the disk. */
export function pathOf({ folder }: Pick<SnapshotOnDisk, 'folder'>, path: string, isEncrypted: boolean): string {
  return `${folder}/${path}${isEncrypted ? ENCRYPTED : ''}`;
}

/** The snapshots of a disk, the newest first; those that cannot be read as one are left out. */
export async function snapshotsOn(root: string): Promise<SnapshotOnDisk[]> {
  const names = await readdir(join(root, LAYOUT.snapshots)).catch((): string[] => []);
  const found = await Promise.all(
    names
      .filter((name) => FOLDER.test(name))
      .map(async (name): Promise<SnapshotOnDisk | undefined> => {
        const folder = `${LAYOUT.snapshots}/${name}`;
        try {
          const text = await readFile(join(root, folder, SNAPSHOT.description), 'utf8');
          return { folder, snapshot: snapshotSchema.parse(JSON.parse(text)) };
        } catch {
          return undefined;
        }
      }),
  );
  return found.filter((each) => each !== undefined).sort((a, b) => b.snapshot.at.localeCompare(a.snapshot.at));
}
