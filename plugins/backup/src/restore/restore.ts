import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  type BlobStorage,
  type Catalogue,
  type CopiedDocument,
  FilmlessError,
  type Ingest,
  type InstanceRecord,
  type NodeCopy,
  type QueryIndex,
  StagedWriter,
} from '@filmless/core/plugin';
import { DATABASES } from '../copier.ts';
import { type DiskReader, isWrongKey, objectFolder } from '../format/index.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Concerned } from './concerned.ts';
import type { RestoreWhat } from './what.ts';
import { type Item, type Place, recordIn, WorkTable } from './work-table.ts';

/** What a restore tells while it runs. The last line has `done`. */
export type RestoreLine =
  | { progress: { done: number; total: number } }
  /** Labels of the disks that should have it; empty when no disk ever had it. */
  | { missing: { StudyInstanceUID: string; SOPInstanceUID: string; sha256: string; disks: string[] } }
  /** A file on a disk that is not what it should be. */
  | { damaged: { disk: string; file: string } }
  /** An encrypted disk that none of the keys opens: nothing more is taken from it. */
  | { locked: { disk: string } }
  | { done: true; summary: RestoreSummary };

export interface RestoreSummary {
  restored: number;
  /** Were here already. */
  present: number;
  missing: number;
  damaged: number;
  documents: number;
}

export interface RestoreParts {
  disks: readonly DiskReader[];
  ledger: Ledger;
  storage: BlobStorage;
  catalogue: Pick<Catalogue, 'get' | 'all'>;
  query: Pick<QueryIndex, 'studies'>;
  ingest: Pick<Ingest, 'receiveRecord'>;
  nodeCopy: Pick<NodeCopy, 'commit' | 'put' | 'remove'>;
  /** Of a file that may be made and is removed. */
  workFile: string;
  signal: AbortSignal;
}

const PAGE = 64;
const AT_ONCE = 4;
const PROGRESS_EVERY_MS = 200;

/** Brings back what lies on disks, in any order and as often as wanted: what is here stays as it is, and every byte is compared with its hash. */
export async function* restore(parts: RestoreParts, what: RestoreWhat): AsyncGenerator<RestoreLine> {
  const work = new WorkTable(parts.workFile);
  try {
    yield* new Restoring(parts, work, what).run();
  } finally {
    work.close();
  }
}

class Restoring {
  readonly #parts: RestoreParts;
  readonly #work: WorkTable;
  readonly #what: RestoreWhat;
  readonly #labels: Map<string, string>;
  readonly #locked = new Set<DiskReader>();
  readonly #summary: RestoreSummary = { restored: 0, present: 0, missing: 0, damaged: 0, documents: 0 };
  #waiting: RestoreLine[] = [];
  #done = 0;
  #total = 0;
  #toldAt = 0;

  constructor(parts: RestoreParts, work: WorkTable, what: RestoreWhat) {
    this.#parts = parts;
    this.#work = work;
    this.#what = what;
    this.#labels = new Map(parts.ledger.disks.all().map(({ id, label }) => [id, label]));
  }

  async *run(): AsyncGenerator<RestoreLine> {
    for (const [index, disk] of this.#parts.disks.entries()) {
      await this.#readEntries(disk, index);
      yield* this.#told();
    }
    await this.#addKnown();
    await this.#putDocuments(this.#what.kind === 'all' ? undefined : this.#concerned());
    this.#total = this.#work.count();
    for (const page of this.#work.items(PAGE)) {
      this.#parts.signal.throwIfAborted();
      await this.#restoreAll(page);
      yield* this.#told();
      if (performance.now() - this.#toldAt < PROGRESS_EVERY_MS) continue;
      this.#toldAt = performance.now();
      yield { progress: { done: this.#done, total: this.#total } };
    }
    yield { progress: { done: this.#done, total: this.#total } };
    yield { done: true, summary: this.#summary };
  }

  async #readEntries(disk: DiskReader, index: number): Promise<void> {
    const { label } = disk.marker;
    try {
      for await (const entry of disk.entries()) {
        this.#parts.signal.throwIfAborted();
        if ('damaged' in entry) this.#damaged(label, `${entry.damaged.file}:${entry.damaged.line}`);
        else if (entry.kind === 'document') this.#work.addDocument(entry);
        else if (this.#isWanted(entry.record as InstanceRecord)) this.#work.addEntry(index, entry);
      }
    } catch (error) {
      if (!isWrongKey(error)) throw error;
      this.#lock(disk);
    }
  }

  #isWanted(record: InstanceRecord): boolean {
    const what = this.#what;
    if (what.kind === 'study') return record.StudyInstanceUID === what.StudyInstanceUID;
    return what.kind === 'all' || objectFolder(record, '').day === what.day;
  }

  /** What the node knows of and none of these disks does: otherwise nobody would miss it. */
  async #addKnown(): Promise<void> {
    const { ledger, catalogue } = this.#parts;
    const add = (object: { sha256: string; instance: string; study: string; conflict: string }) =>
      this.#work.addKnown({ ...object, isConflict: object.conflict !== '' });
    if (this.#what.kind === 'all') {
      for (const object of ledger.objects.all()) add(object);
      for await (const { sha256, SOPInstanceUID: instance, StudyInstanceUID: study } of catalogue.all())
        add({ sha256, instance, study, conflict: '' });
      return;
    }
    const studies = this.#what.kind === 'study' ? [this.#what.StudyInstanceUID] : await this.#studiesOf(this.#what.day);
    for (const study of new Set([...studies, ...this.#work.studies()]))
      for (const object of ledger.objects.ofStudy(study)) add(object);
  }

  async #studiesOf(day: string): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const request = { studyDate: day, limit: PAGE, offset: found.length, scope: { kind: 'all' } } as const;
      const { items } = await this.#parts.query.studies(request);
      if (items.length === 0) return found;
      found.push(...items.map(({ StudyInstanceUID }) => StudyInstanceUID));
    }
  }

  /** Of a study or a day: reports, orders and persons that its images are about. */
  #concerned(): Concerned {
    const concerned = new Concerned();
    for (const page of this.#work.items(PAGE))
      for (const item of page) concerned.addStudy(recordIn(item) ?? { StudyInstanceUID: item.study, dataset: {} });
    for (const database of DATABASES)
      for (const page of this.#work.documents(database, PAGE))
        for (const document of documentsIn(page)) concerned.follow(document);
    return concerned;
  }

  async #putDocuments(concerned: Concerned | undefined): Promise<void> {
    const { nodeCopy, signal } = this.#parts;
    for (const database of DATABASES) {
      for (const page of this.#work.documents(database, PAGE)) {
        signal.throwIfAborted();
        const documents = documentsIn(page).filter((document) => concerned?.has(document) ?? true);
        if (documents.length > 0) await nodeCopy.put(database, documents);
        this.#summary.documents += documents.length;
        // Nothing is removed from a node for the sake of a study.
        const removed = concerned ? [] : page.filter(({ document }) => document === 'null').map(({ id }) => id);
        if (removed.length > 0) await nodeCopy.remove(database, removed);
      }
    }
  }

  /** All end before an error is passed on. */
  async #restoreAll(page: readonly Item[]): Promise<void> {
    let started = 0;
    const next = async (): Promise<void> => {
      for (let index = started++; index < page.length; index = started++) {
        const item = page[index];
        if (item) await this.#restoreOne(item);
        this.#done += 1;
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, next));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }

  async #restoreOne(item: Item): Promise<void> {
    const { storage, ledger } = this.#parts;
    const { sha256, instance: SOPInstanceUID, study: StudyInstanceUID } = item;
    const wasHere = await storage.has(sha256);
    if (!wasHere && !(await this.#bringBytes(item))) {
      this.#summary.missing += 1;
      const disks = ledger.objects.copiesOf(sha256).map(({ disk }) => this.#labels.get(disk) ?? disk);
      this.#waiting.push({ missing: { StudyInstanceUID, SOPInstanceUID, sha256, disks: disks.sort() } });
      // Whoever searches finds it all the same, and its bytes come with their disk.
      if (this.#what.kind !== 'all') return;
    } else if (wasHere) this.#summary.present += 1;
    else this.#summary.restored += 1;
    await this.#settle(item);
  }

  async #settle(item: Item): Promise<void> {
    const { ingest, nodeCopy } = this.#parts;
    const record = recordIn(item);
    if (!record) return;
    // On an empty node the record is the old one, with the time at which it came first.
    if (this.#what.kind === 'all' && item.isConflict === 0) return nodeCopy.commit(record);
    const { via, source: name, address, department } = record.received;
    const source = { via, name, ...(address && { address }), ...(department && { department }) };
    if (await this.#parts.storage.has(record.sha256)) await ingest.receiveRecord(record, source);
  }

  async #bringBytes({ sha256 }: Item): Promise<boolean> {
    for (const place of this.#work.places(sha256)) {
      const disk = this.#parts.disks[place.disk];
      if (!disk || this.#locked.has(disk)) continue;
      try {
        if (await this.#bringFrom(disk, place, sha256)) return true;
        this.#damaged(disk.marker.label, place.path);
      } catch (error) {
        if (!isWrongKey(error)) throw error;
        this.#lock(disk);
      }
    }
    return false;
  }

  /** False when the disk does not give the right bytes; a key that does not fit, and what fails on the node's own side, is thrown. */
  async #bringFrom(disk: DiskReader, { path, storedSha256 }: Place, sha256: string): Promise<boolean> {
    const { storage, signal } = this.#parts;
    if (disk.isEncrypted && (await hashOf(disk.stored(path)).catch(() => '')) !== storedSha256) return false;
    const content = await disk.content(path).catch((error: unknown) => {
      if (isWrongKey(error)) throw error;
      return undefined;
    });
    if (!content) return false;
    const staged = await stage(storage, content, signal);
    if (staged?.sha256 !== sha256) {
      if (staged) await rm(staged.path, { force: true });
      return false;
    }
    await storage.adopt(staged);
    return true;
  }

  #damaged(disk: string, file: string): void {
    this.#summary.damaged += 1;
    this.#waiting.push({ damaged: { disk, file } });
  }

  #lock(disk: DiskReader): void {
    if (this.#locked.has(disk)) return;
    this.#locked.add(disk);
    this.#waiting.push({ locked: { disk: disk.marker.label } });
  }

  #told(): RestoreLine[] {
    const told = this.#waiting;
    this.#waiting = [];
    return told;
  }
}

function documentsIn(page: readonly { document: string }[]): CopiedDocument['document'][] {
  return page.flatMap(({ document }) => {
    const parsed = JSON.parse(document) as CopiedDocument['document'] | null;
    return parsed === null ? [] : [parsed];
  });
}

/** Undefined when the disk could not be read to the end. */
async function stage(storage: BlobStorage, content: Readable, signal: AbortSignal) {
  const writer = await StagedWriter.open(storage.stagingDirectory, {});
  try {
    for await (const chunk of content) {
      signal.throwIfAborted();
      await storage.ensureSpace(writer.sizeBytes === 0 ? (chunk as Buffer).length : 0);
      await writer.write(chunk as Buffer);
    }
    return await writer.finish();
  } catch (error) {
    content.destroy();
    await writer.abort();
    const isOwn = error instanceof FilmlessError && error.code.startsWith('STORAGE_');
    if (signal.aborted || isOwn) throw error;
    return undefined;
  }
}

async function hashOf(content: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
