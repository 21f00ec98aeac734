import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CopiedDocument, FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';
import { DiskReader, identitiesIn } from '../format/index.ts';
import { snapshotsOn } from '../snapshots/snapshot-format.ts';
import { fetchSnapshot, placeFiles, readSnapshotConfig, snapshotDocuments } from './place-snapshot.ts';

const MARKER = 'restore.json';
const FETCHED = 'restore-snapshot';
const markerSchema = z.object({ state: z.enum(['placing', 'placed']), at: z.string(), disk: z.string() });

/** What of the node was built from which snapshot. */
export interface RebuiltNode {
  /** When the snapshot was taken; empty when no disk has one. */
  at: string;
  disk: string;
  /** False: accounts need new passwords, and keys are new. */
  hasSecrets: boolean;
  documents: number;
  /** Newer snapshots that were passed over. */
  damaged: { disk: string; file: string }[];
}

/** Opens disks by their folders. NOT_FOUND for a folder that is none. `keyFile`: as `age-keygen` writes it. */
export async function openDisks(folders: readonly string[], keyFile: string | undefined): Promise<DiskReader[]> {
  const identities = keyFile === undefined ? [] : identitiesIn(await readFile(keyFile, 'utf8'));
  if (keyFile !== undefined && identities.length === 0)
    throw new FilmlessError('INVALID_REQUEST', `${keyFile} holds no AGE-SECRET-KEY-…`);
  return Promise.all(folders.map((folder) => DiskReader.open(folder, identities)));
}

/** The newest configuration on the disks. */
export const newestConfig = readSnapshotConfig;

/** Whether a data folder holds no node yet, or one that an earlier restore did not finish to build. */
export async function isToBeRebuilt(dataDirectory: string): Promise<boolean> {
  const marker = await readFile(join(dataDirectory, MARKER), 'utf8').catch(() => undefined);
  if (marker !== undefined) return markerSchema.parse(JSON.parse(marker)).state === 'placing';
  return !existsSync(join(dataDirectory, 'catalogue'));
}

/** When the snapshot was taken that a node was built from; undefined for one that never was. */
export async function rebuiltAsOf(dataDirectory: string): Promise<string | undefined> {
  const marker = await readFile(join(dataDirectory, MARKER), 'utf8').catch(() => undefined);
  return marker === undefined ? undefined : markerSchema.parse(JSON.parse(marker)).at;
}

/** The newest snapshot on these disks, by what it says of itself. */
export async function newestSnapshot(disks: readonly DiskReader[]): Promise<{ disk: string; at: string } | undefined> {
  const all = disks.map(async ({ root, marker }) =>
    (await snapshotsOn(root)).map(({ snapshot }) => ({ disk: marker.label, at: snapshot.at })),
  );
  return (await Promise.all(all)).flat().sort((a, b) => b.at.localeCompare(a.at))[0];
}

/** Builds a node from the newest whole snapshot, as it was but for the images' bytes. Undefined when no disk has one. Broken off, it begins anew. */
export async function rebuildNode(options: {
  disks: readonly DiskReader[];
  dataDirectory: string;
  /** Fills the catalogue. */
  load(documents: AsyncIterable<CopiedDocument>): Promise<number>;
  /** Everything is in its place; the node counts as built after this. */
  placed(from: { at: string; disk: string }): Promise<void>;
}): Promise<RebuiltNode | undefined> {
  const { disks, dataDirectory, load, placed } = options;
  await mkdir(dataDirectory, { recursive: true, mode: 0o750 });
  const directory = join(dataDirectory, FETCHED);
  const snapshot = await fetchSnapshot(disks, directory);
  if (!snapshot) return undefined;
  const { at, hasSecrets } = snapshot.snapshot;
  const mark = (state: 'placing' | 'placed') =>
    writeFile(join(dataDirectory, MARKER), JSON.stringify({ state, at, disk: snapshot.label }));
  await mark('placing');
  await rm(join(dataDirectory, 'catalogue'), { recursive: true, force: true });
  const documents = await load(snapshotDocuments(snapshot));
  await placeFiles(snapshot, dataDirectory);
  await placed({ at, disk: snapshot.label });
  await rm(directory, { recursive: true, force: true });
  await mark('placed');
  return { at, disk: snapshot.label, hasSecrets, documents, damaged: snapshot.damaged };
}
