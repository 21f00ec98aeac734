import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FilmlessError } from '@filmless/core/plugin';
import { isRecipient, LAYOUT, type Marker, readMarker, readme } from '../format/index.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { putFile, syncFolder } from './durable-files.ts';

export interface Preparation {
  root: string;
  label: string;
  set: string;
  /** Public key to encrypt for; not encrypted without. */
  recipient: string | undefined;
  nodeName: string;
  now: Date;
}

/** Makes a folder a disk of this node. Nothing that lies in it is touched, and nothing is ever formatted. CONFLICT, INVALID_REQUEST. */
export async function prepareDisk(ledger: Ledger, preparation: Preparation): Promise<Marker> {
  const { root, label, set, recipient, nodeName, now } = preparation;
  if (recipient !== undefined && !isRecipient(recipient)) {
    throw new FilmlessError('INVALID_REQUEST', 'recipient: no public key of age');
  }
  if ((await readMarker(root)) !== undefined)
    throw new FilmlessError('CONFLICT', 'The folder is a backup disk already');
  if (ledger.disks.all().some((disk) => disk.label === label)) {
    throw new FilmlessError('CONFLICT', 'Another disk has this label: give each disk its own');
  }
  const there = await readdir(root).catch((cause: unknown) => {
    throw new FilmlessError('INVALID_REQUEST', 'The folder cannot be read', { cause });
  });
  const ours = new Set<string>(Object.values(LAYOUT));
  if (there.some((name) => ours.has(name))) {
    throw new FilmlessError(
      'CONFLICT',
      'The folder holds files under names that a backup disk uses: empty it, or take another disk',
    );
  }
  const marker: Marker = {
    version: 1,
    id: randomUUID(),
    label,
    set,
    node: { id: ledger.nodeId, name: nodeName },
    createdAt: now.toISOString(),
    encryption: recipient === undefined ? 'none' : { recipient },
  };
  try {
    for (const folder of [LAYOUT.temporary, LAYOUT.objects, LAYOUT.manifests, LAYOUT.catalogues, LAYOUT.snapshots]) {
      await mkdir(join(root, folder));
    }
    await putFile(root, LAYOUT.readme, readme(marker));
    // Last: a disk is one when all of it is there.
    await putFile(root, LAYOUT.marker, `${JSON.stringify(marker, null, 2)}\n`);
    await syncFolder(root);
  } catch (cause) {
    throw new FilmlessError('STORAGE_FAILED', 'The folder cannot be written to', { cause });
  }
  enter(ledger, marker, now);
  return marker;
}

/** Into the ledger: from now on it is written to. A set that is new is owed everything. */
export function enter(ledger: Ledger, marker: Marker, since: Date): void {
  const { id, label, set, createdAt, encryption } = marker;
  const isNewSet = !ledger.disks.sets().includes(set);
  ledger.transaction(() => {
    ledger.disks.add({ id, label, set, createdAt, recipient: encryption === 'none' ? '' : encryption.recipient });
    if (isNewSet) ledger.objects.oweMissing(set, since.toISOString());
  });
}
