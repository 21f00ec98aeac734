export type DiskState = 'attached' | 'closing' | 'safe' | 'away' | 'retired';
export interface Disk {
  id: string;
  label: string;
  set: string;
  state: DiskState;
  isEncrypted: boolean;
  isFull: boolean;
  root?: string;
  createdAt: string;
  seenAt: string;
  writtenAt: string;
  totalBytes: number;
  freeBytes: number;
  studies: number;
  objects: number;
  damaged: number;
}
export interface DiskSet {
  set: string;
  owed: { objects: number; bytes: number; waiting: number; oldest: string };
  lagSeconds: number;
  isAttached: boolean;
  isFull: boolean;
  bytesPerDay?: number;
  daysUntilFull?: number;
}
export interface Candidate {
  root: string;
  state: 'empty' | 'foreign' | 'damaged' | 'same-device' | 'twice' | 'retired' | 'failed';
  marker?: { label: string; set: string; node: { name: string } };
  freeBytes?: number;
  totalBytes?: number;
}
export interface Overview {
  lastCopyAt: string;
  lagSeconds?: number;
  disks: Disk[];
  sets: DiskSet[];
  next?: { set: string; label?: string; why: 'full' | 'rotate' | 'none-attached' };
  candidates: Candidate[];
  jobs: { id: string; kind: string; disk: string; progress: { done: number; total: number } }[];
  settings: { mounts: string[]; recipient: string | null; warnDaysBeforeFull: number; lagMinutes: number };
}
export interface FoundStudy {
  StudyInstanceUID: string;
  PatientName: string;
  PatientID: string;
  StudyDate: string;
  StudyDescription: string;
  modalities: string[];
  instances: number;
  disks: { label: string; set: string; state: DiskState; instances: number }[];
}

export interface Safety {
  snapshots: { disk: string; label: string; at: string; hasSecrets: boolean }[];
  drill: {
    at: string;
    disks: string[];
    studies: number;
    instances: number;
    bytes: number;
    damaged: { disk: string; file: string }[];
  } | null;
  restore: {
    finishedAt: string;
    summary: { restored: number; present: number; missing: number };
    missing: { SOPInstanceUID: string; disks: string[] }[];
    damaged: { disk: string; file: string }[];
    locked: string[];
  } | null;
}

export async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/backup${path}`, {
    method,
    credentials: 'same-origin',
    headers: { 'X-Filmless-CSRF': '1', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as { detail?: unknown; title?: unknown };
  if (!response.ok) throw new Error(String(answer.detail ?? answer.title ?? response.status));
  return answer as T;
}

export const getOverview = (): Promise<Overview> => ask('GET', '/overview');
export const findStudies = (text: string): Promise<{ total: number; items: FoundStudy[] }> =>
  ask('GET', `/studies?text=${encodeURIComponent(text)}`);
export const prepareDisk = (disk: {
  root: string;
  label: string;
  set: string;
  recipient: string | null;
}): Promise<unknown> => ask('POST', '/disks', disk);
export const adoptDisk = (root: string): Promise<unknown> => ask('POST', '/disks/adopt', { root });
export type DiskAction = 'release' | 'take-back' | 'check' | 'retire';
export const actOnDisk = (id: string, action: DiskAction): Promise<unknown> =>
  ask('POST', `/disks/${encodeURIComponent(id)}/${action}`, {});
export const getSafety = (): Promise<Safety> => ask('GET', '/safety');
export const takeSnapshot = (): Promise<unknown> => ask('POST', '/snapshots', {});
export const beginDrill = (): Promise<unknown> => ask('POST', '/drills', {});
export const restore = (
  what: { kind: 'study'; StudyInstanceUID: string } | { kind: 'day'; day: string },
): Promise<unknown> => ask('POST', '/restore-jobs', { what });
