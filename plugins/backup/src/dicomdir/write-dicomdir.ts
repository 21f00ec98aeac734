import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DicomJson, InstanceRecord } from '@filmless/core/plugin';
import { syncFolder } from '../disks/durable-files.ts';
import { LAYOUT } from '../format/index.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { DirectoryFile, type RecordAt } from './directory-file.ts';
import { type DirectoryEntry, directoryEntry } from './record-keys.ts';

const PAGE = 200;
/** A File-set ID has sixteen characters. @dicom PS3.3 F.3.2.1 */
const FILE_SET_ID_LENGTH = 16;

interface Options {
  root: string;
  id: string;
  label: string;
  ledger: Ledger;
  records: (uids: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
  signal?: AbortSignal;
  progress?(done: number): void;
}

/** One level of the directory: the last record there, to link the next one to. */
class Level {
  readonly #file: DirectoryFile;
  first: RecordAt | undefined;
  last: RecordAt | undefined;

  constructor(file: DirectoryFile) {
    this.#file = file;
  }

  async add(type: string, keys: DicomJson): Promise<RecordAt> {
    const at = await this.#file.add(type, keys);
    if (this.last !== undefined) await this.#file.linkNext(this.last, at);
    this.first ??= at;
    this.last = at;
    return at;
  }
}

/**
 * Writes `DICOMDIR` anew from what the ledger says lies on the disk. Patient by patient and study by study: of one study, what its directory says is held,
 * of the rest nothing. Gives how many instances it lists.
 */
export async function writeDicomdir({ root, id, label, ledger, records, signal, progress }: Options): Promise<number> {
  const temporary = join(root, LAYOUT.temporary, LAYOUT.dicomdir);
  const fileSetId = label.toUpperCase().replace(/[^A-Z0-9_ ]/g, '_');
  const file = await DirectoryFile.create(temporary, fileSetId.slice(0, FILE_SET_ID_LENGTH));
  let done = 0;
  try {
    const patients = new Level(file);
    let patient = '';
    let patientAt: RecordAt = 0;
    let studies = new Level(file);
    for await (const study of studiesOn(id, ledger, records)) {
      signal?.throwIfAborted();
      const [head] = study.entries;
      if (!head) continue;
      if (study.patient !== patient) {
        patient = study.patient;
        patientAt = await patients.add('PATIENT', head.patient);
        studies = new Level(file);
      }
      const isFirst = studies.first === undefined;
      const studyAt = await studies.add('STUDY', head.study);
      if (isFirst) await file.linkLower(patientAt, studyAt);
      await addSeries(file, studyAt, study.entries);
      done += study.entries.length;
      progress?.(done);
    }
    const { first, last } = patients;
    await file.finish(first === undefined || last === undefined ? undefined : { first, last });
    await rename(temporary, join(root, LAYOUT.dicomdir));
    await syncFolder(root);
    return done;
  } catch (error) {
    await file.abort();
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function addSeries(file: DirectoryFile, studyAt: RecordAt, entries: readonly DirectoryEntry[]): Promise<void> {
  const bySeries = Map.groupBy(entries, ({ SeriesInstanceUID }) => SeriesInstanceUID);
  const series = new Level(file);
  for (const inSeries of bySeries.values()) {
    const [head] = inSeries;
    if (!head) continue;
    const seriesAt = await series.add('SERIES', head.series);
    const instances = new Level(file);
    for (const { type, instance } of inSeries) await instances.add(type, instance);
    if (instances.first !== undefined) await file.linkLower(seriesAt, instances.first);
  }
  if (series.first !== undefined) await file.linkLower(studyAt, series.first);
}

interface StudyOnDisk {
  patient: string;
  entries: DirectoryEntry[];
}

async function* studiesOn(id: string, ledger: Ledger, records: Options['records']): AsyncGenerator<StudyOnDisk> {
  let current: (StudyOnDisk & { study: string }) | undefined;
  for (const page of ledger.objects.forDirectory(id, PAGE)) {
    const found = await records(page.map(({ instance }) => instance));
    for (const [index, { path, patient, study, sha256 }] of page.entries()) {
      const record = found[index];
      // Replaced since, by another data set under its UID: the directory lists the one that counts.
      if (record?.sha256 !== sha256) continue;
      if (!current || current.patient !== patient || current.study !== study) {
        if (current) yield current;
        current = { patient, study, entries: [] };
      }
      current.entries.push(directoryEntry(record, path));
    }
  }
  if (current) yield current;
}
