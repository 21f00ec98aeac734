import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { InstanceRecord } from '@filmless/core/plugin';
import { makeInstanceFile, makeInstanceRecord, RecordingLog } from '@filmless/core/testing';
import { Copier } from './copier.ts';
import { AttachedDisks } from './disks/attached-disks.ts';
import { prepareDisk } from './disks/prepare-disk.ts';
import { type CatalogueEntry, DiskReader } from './format/index.ts';
import { Ledger } from './ledger/ledger.ts';
import { note } from './ledger/note.ts';

/** A node's store, its ledger, and a folder in which disks come and go. */
export class BackupUnderTest {
  readonly folder: string;
  readonly log = new RecordingLog();
  readonly records = new Map<string, InstanceRecord>();
  readonly bytes = new Map<string, Buffer>();
  documents: { id: string; document: Record<string, unknown> | null }[] = [];
  /** Label to room, where it is not the disk's own. */
  readonly room = new Map<string, number>();
  ledger: Ledger;
  disks: AttachedDisks;
  copier: Copier;
  nowMs = Date.UTC(2026, 10, 24, 8);
  /** Runs before the bytes of an object are given. */
  beforeOpen: (sha256: string) => Promise<void> = async () => undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.ledger = new Ledger(join(folder, 'backup.sqlite'));
    [this.disks, this.copier] = this.#open();
  }

  static async make(): Promise<BackupUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'filmless-backup-'));
    for (const name of ['mount', 'shelf']) await mkdir(join(folder, name));
    return new BackupUnderTest(folder);
  }

  #open(): [AttachedDisks, Copier] {
    const { ledger, log } = this;
    const now = () => this.nowMs;
    const disks = new AttachedDisks({
      ledger,
      mounts: [join(this.folder, 'mount')],
      dataDirectory: this.folder,
      allowSameDevice: true,
      now,
      onFailed: (label, error) => log.warn({ label, err: error }, 'disk failed'),
      readSpace: async (root) => {
        await readdir(root);
        return { totalBytes: 2e9, freeBytes: this.room.get(root.split('/').at(-1) ?? '') ?? 1e9 };
      },
    });
    const copier = new Copier({
      ledger,
      disks,
      records: async (uids) => uids.map((uid) => this.records.get(uid)),
      open: async ({ sha256 }) => {
        await this.beforeOpen(sha256);
        const bytes = this.bytes.get(sha256);
        return bytes && Readable.from([bytes]);
      },
      replication: {
        documents: async (database, since, limit) => {
          const from = Number(since || 0);
          const documents = database === 'reports' ? this.documents.slice(from, from + limit) : [];
          return { documents, lastSeq: String(from + documents.length) };
        },
      },
      keepFreeBytes: 1000,
      bytesPerSecond: 1e9,
      scanMs: 0,
      log,
      now,
    });
    return [disks, copier];
  }

  /** The process ends and begins again. */
  restart(): void {
    this.ledger.close();
    this.ledger = new Ledger(join(this.folder, 'backup.sqlite'));
    [this.disks, this.copier] = this.#open();
  }

  /** An instance as the node has received it. */
  receive(number: number, study = '2.25.1'): InstanceRecord {
    const SOPInstanceUID = `1.2.${number}`;
    const bytes = makeInstanceFile({ SOPInstanceUID, StudyInstanceUID: study });
    const record = makeInstanceRecord(SOPInstanceUID, '', {
      StudyInstanceUID: study,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sizeBytes: bytes.length,
    });
    this.records.set(SOPInstanceUID, record);
    this.bytes.set(record.sha256, bytes);
    note(this.ledger, record, new Date(this.nowMs).toISOString(), false);
    return record;
  }

  async prepare(label: string, set: string, recipient?: string): Promise<string> {
    const root = join(this.folder, 'mount', label);
    await mkdir(root);
    const now = new Date(this.nowMs);
    const { id } = await prepareDisk(this.ledger, { root, label, set, recipient, nodeName: 'Centre', now });
    return id;
  }

  pull(label: string): Promise<void> {
    return rename(join(this.folder, 'mount', label), join(this.folder, 'shelf', label));
  }

  putBack(label: string): Promise<void> {
    return rename(join(this.folder, 'shelf', label), join(this.folder, 'mount', label));
  }

  root(label: string): string {
    return join(this.folder, 'mount', label);
  }

  /** What a disk says of itself: nothing of it may be damaged. */
  async entries(label: string, identities: string[] = []): Promise<CatalogueEntry[]> {
    const found: CatalogueEntry[] = [];
    for await (const entry of (await DiskReader.open(this.root(label), identities)).entries()) {
      if ('damaged' in entry) throw new Error(`damaged: ${JSON.stringify(entry)}`);
      found.push(entry);
    }
    return found;
  }

  /** The objects of a disk, once all was compared: manifest with files, and files with manifest. Throws on what is twice, half or not listed. */
  async objects(label: string): Promise<string[]> {
    const root = this.root(label);
    const disk = await DiskReader.open(root);
    const listed = new Set<string>();
    for await (const line of disk.manifest()) {
      if ('damaged' in line) throw new Error(`damaged: ${JSON.stringify(line)}`);
      if (listed.has(line.path)) throw new Error(`${line.path} is in the manifest twice`);
      listed.add(line.path);
      const sha256 = createHash('sha256')
        .update(await readFile(join(root, line.path)))
        .digest('hex');
      if (sha256 !== line.sha256) throw new Error(`${line.path} is not what the manifest says`);
    }
    const files = await readdir(join(root, 'DICOM'), { recursive: true, withFileTypes: true });
    const paths = files
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name).slice(root.length + 1));
    for (const path of paths) if (!listed.has(path)) throw new Error(`${path} is not in the manifest`);
    const left = await readdir(join(root, 'TEMP'));
    if (left.length > 0) throw new Error(`left over: ${left}`);
    return paths;
  }

  async instancesOn(label: string): Promise<string[]> {
    const entries = await this.entries(label);
    return entries.flatMap((each) => (each.kind === 'instance' ? [each.record.SOPInstanceUID] : [])).sort();
  }

  async close(): Promise<void> {
    await this.copier.stop();
    this.ledger.close();
    await rm(this.folder, { recursive: true });
  }
}
