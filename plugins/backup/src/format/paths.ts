import { createHash, createHmac } from 'node:crypto';
import type { InstanceRecord } from '@filmless/core/plugin';

/** What lies where on a disk, all below its root. */
export const LAYOUT = {
  marker: 'FILMLESS.json',
  readme: 'README.txt',
  dicomdir: 'DICOMDIR',
  objects: 'DICOM',
  manifests: 'MANIFEST',
  catalogues: 'CATALOG',
  snapshots: 'SNAPSHOT',
  /** What is being written; empty when a disk was removed safely. */
  temporary: 'TEMP',
} as const;

export const ENCRYPTED = '.age';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Seven characters that a File ID may have, of a hash.
 * @dicom PS3.10 8.2, 8.5: at most eight components of at most eight characters, A-Z 0-9 _
 */
function sevenOf(hash: Buffer): string {
  let rest = hash.readUIntBE(0, 5);
  let name = '';
  // By division: 40 bits are more than JavaScript shifts.
  for (; name.length < 7; rest = Math.floor(rest / 32)) name += BASE32[rest % 32];
  return name;
}

/** `DICOM/2026/1124/P…/S…/R…/I…`: by the day of the study, or of its arrival where it has no date. */
export interface ObjectFolder {
  day: string;
  patient: string;
  study: string;
  series: string;
}

/**
 * The folder of an instance. Names of patients, studies and series are made with `secret`, which stays on the node: a patient's folder cannot be found
 * by trying Patient IDs.
 */
export function objectFolder(
  record: Pick<InstanceRecord, 'dataset' | 'StudyInstanceUID' | 'SeriesInstanceUID' | 'received'>,
  secret: string,
): ObjectFolder {
  const text = (tag: string) => String(record.dataset[tag]?.Value?.[0] ?? '').trim();
  const studyDate = text('00080020').replaceAll('.', '').replaceAll('-', '');
  const named = (letter: string, what: string) =>
    letter + sevenOf(createHmac('sha256', secret).update(`${letter}\0${what}`).digest());
  return {
    day: /^\d{8}$/.test(studyDate) ? studyDate : record.received.at.slice(0, 10).replaceAll('-', ''),
    // Without an ID, people are not the same person.
    patient: named('P', text('00100020') === '' ? record.StudyInstanceUID : `${text('00100021')}\0${text('00100020')}`),
    study: named('S', record.StudyInstanceUID),
    series: named('R', record.SeriesInstanceUID),
  };
}

/** Where an object lies. `attempt` is raised while another object has the name. */
export function objectPath(
  { day, patient, study, series }: ObjectFolder,
  sha256: string,
  { attempt = 0, isEncrypted = false } = {},
): string {
  const name = `I${sevenOf(createHash('sha256').update(`${sha256}\0${attempt}`).digest())}`;
  const path = [LAYOUT.objects, day.slice(0, 4), day.slice(4), patient, study, series, name].join('/');
  return isEncrypted ? path + ENCRYPTED : path;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The manifest of a day, `2026-11-24`. */
export const manifestPath = (day: string): string => `${LAYOUT.manifests}/${day}.sha256`;

/** The catalogue of a day; an encrypted disk has numbered parts, since nothing can be appended to a closed age file. */
export function cataloguePath(day: string, part?: number): string {
  const name = `${LAYOUT.catalogues}/${day}`;
  return part === undefined ? `${name}.ndjson` : `${name}-${String(part).padStart(6, '0')}.ndjson${ENCRYPTED}`;
}

/** Whether a name in `MANIFEST` or `CATALOG` is one of ours. */
export function isDayFile(name: string): boolean {
  return DAY.test(name.slice(0, 10)) && /^(-\d{6})?\.(ndjson|sha256)(\.age)?$/.test(name.slice(10));
}
