import { FilmlessError, type InstanceRecord } from '@filmless/core/plugin';
import type { Copier } from './copier.ts';
import { writeDicomdir } from './dicomdir/write-dicomdir.ts';
import type { Attached, AttachedDisks, Candidate } from './disks/attached-disks.ts';
import { enter, prepareDisk } from './disks/prepare-disk.ts';
import { adopt } from './disks/recover.ts';
import type { Marker } from './format/index.ts';
import type { DiskEntry } from './ledger/disk-table.ts';
import type { Ledger } from './ledger/ledger.ts';

/** A set that is catching up with much does not keep its disk for ever. */
const UP_TO_DATE_WITHIN_MS = 60_000;

interface Parts {
  ledger: Ledger;
  disks: AttachedDisks;
  copier: Copier;
  records: (uids: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
  nodeName: string;
  now(): number;
}

/** What is done with a disk before it may be pulled, beside its directory: a snapshot. */
export type BeforeRemoval = (disk: Attached, signal: AbortSignal) => Promise<void>;

/** What people do with disks. */
export class DiskActions {
  readonly #parts: Parts;
  readonly #beforeRemoval: BeforeRemoval[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The disk is whole, attached and not written to by others while `action` runs. */
  beforeRemoval(action: BeforeRemoval): void {
    this.#beforeRemoval.push(action);
  }

  /** Makes one of the folders below the mounts a disk. CONFLICT, INVALID_REQUEST, NOT_FOUND. */
  async prepare(root: string, label: string, set: string, recipient: string | undefined): Promise<Marker> {
    const { ledger, nodeName, now, copier, disks } = this.#parts;
    await copier.exclusively(() => disks.scan());
    const { state } = this.#candidate(root);
    if (state === 'same-device') {
      throw new FilmlessError(
        'CONFLICT',
        'The folder is on the disk of the node itself: the removable disk is not mounted there',
      );
    }
    if (state !== 'empty') throw new FilmlessError('CONFLICT', 'The folder is a backup disk already');
    const marker = await prepareDisk(ledger, { root, label, set, recipient, nodeName, now: new Date(now()) });
    copier.wake();
    return marker;
  }

  /** Goes on with a disk that this node's ledger does not know, such as after the node was restored: what it says of itself is taken over. */
  async adopt(root: string): Promise<Marker> {
    const { ledger, copier, disks, now } = this.#parts;
    await copier.exclusively(() => disks.scan());
    const { state, marker } = this.#candidate(root);
    if (state !== 'foreign' || !marker) throw new FilmlessError('CONFLICT', 'It is no disk of another installation');
    if (ledger.disks.all().some(({ label }) => label === marker.label)) {
      throw new FilmlessError('CONFLICT', 'Another disk has this label');
    }
    await copier.exclusively(async () => {
      enter(ledger, marker, new Date(now()));
      await adopt(root, marker.id, ledger);
    });
    copier.wake();
    return marker;
  }

  /** Brings the disk up to date, writes its directory, and lets go of it: after this it may be pulled. */
  async release(id: string, signal: AbortSignal, progress: (done: number, total: number) => void): Promise<void> {
    const { disks, copier, ledger, now } = this.#parts;
    const disk = this.attached(id);
    await copier.round(UP_TO_DATE_WITHIN_MS);
    await copier.exclusively(async () => disks.release(id, 'closing'));
    try {
      for (const action of this.#beforeRemoval) await action(disk, signal);
      await this.writeDirectory(disk, signal, progress);
      ledger.disks.update(id, { closedAt: new Date(now()).toISOString() });
      disks.release(id, 'safe');
    } catch (error) {
      disks.takeBack(id);
      copier.wake();
      throw error;
    }
  }

  /** Goes on with a disk that was let go and has not been pulled. */
  async takeBack(id: string): Promise<void> {
    const { disks, copier } = this.#parts;
    if (disks.released(id) !== 'safe') throw new FilmlessError('CONFLICT', 'The disk was not let go');
    disks.takeBack(id);
    copier.wake();
  }

  /** DICOMDIR as the disk is now; encrypted disks have none. */
  async writeDirectory(
    disk: Attached,
    signal: AbortSignal,
    progress?: (done: number, total: number) => void,
  ): Promise<void> {
    const { ledger, records, now } = this.#parts;
    const { id, label, recipient } = disk.entry;
    if (recipient !== '') return;
    const at = new Date(now()).toISOString();
    const total = ledger.objects.onDisk(id).objects;
    await writeDicomdir({
      root: disk.root,
      id,
      label,
      ledger,
      records,
      signal,
      progress: (done) => progress?.(done, total),
    });
    ledger.disks.update(id, { dicomdirAt: at });
  }

  /** It is not counted on any more: lost, broken or kept for ever. What its set lacks then is copied again. */
  retire(id: string): void {
    const { ledger, disks, copier, now } = this.#parts;
    const { set } = this.#known(id);
    const at = new Date(now()).toISOString();
    ledger.transaction(() => {
      ledger.disks.update(id, { retiredAt: at });
      if (ledger.disks.sets().includes(set)) ledger.objects.oweMissing(set, at);
      else ledger.objects.forgetSet(set);
    });
    disks.release(id, 'safe');
    copier.wake();
  }

  /** NOT_FOUND; CONFLICT when it is not there. */
  attached(id: string): Attached {
    this.#known(id);
    const disk = this.#parts.disks.get(id);
    if (!disk) throw new FilmlessError('CONFLICT', 'The disk is not attached');
    return disk;
  }

  #known(id: string): DiskEntry {
    const entry = this.#parts.ledger.disks.get(id);
    if (entry?.retiredAt !== '') throw new FilmlessError('NOT_FOUND', 'No such backup disk in use');
    return entry;
  }

  #candidate(root: string): Candidate {
    const { disks } = this.#parts;
    if (disks.all().some((disk) => disk.root === root)) {
      throw new FilmlessError('CONFLICT', 'The folder is a backup disk already');
    }
    const found = disks.candidates().find((each) => each.root === root);
    if (!found)
      throw new FilmlessError('NOT_FOUND', 'No such folder where backup disks appear (plugins.backup.mounts)');
    return found;
  }
}
