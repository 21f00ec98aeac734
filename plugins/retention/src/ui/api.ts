export type Action = 'online' | 'compress' | 'tier' | 'remove';
export type StudyState = 'marked' | 'kept' | 'removed' | 'compressed' | 'tiered' | 'back';

export interface Rule {
  olderThanDays?: number;
  notOpenedForDays?: number;
  modalities?: string[];
  largerThanMiB?: number;
  action: Action;
}
export interface Policy {
  department: string;
  rules: Rule[];
  quotaGiB?: number;
}
interface Figures {
  studies: number;
  bytes: number;
}
export type DryRun = Record<Action | 'held', Figures>;
interface Forecast {
  bytesPerDay?: number;
  daysUntilFull?: number;
}
export interface Overview {
  disk: Forecast & { roomBytes: number; totalBytes: number };
  departments: (Forecast & { department: string; bytes: number; quotaBytes?: number })[];
  tier: { title: string; isThere: boolean; totalBytes?: number; freeBytes?: number } | null;
  states: Partial<Record<StudyState, Figures>>;
  lastRun: {
    finishedAt: string;
    studies: number;
    compressed: number;
    tiered: number;
    freedBytes: number;
    marked: number;
    removed: number;
    waiting: number;
    failed: number;
    damaged: number;
  } | null;
  running: { done: number; total: number } | null;
  departmentNames: string[];
  settings: { graceDays: number; copiesNeeded: number; verifiedWithinDays: number; stayOnlineDays: number };
}
export interface StudyItem {
  StudyInstanceUID: string;
  state: StudyState;
  at: string;
  until: string;
  department: string;
  bytes: number;
  by: string;
  waiting: string;
  PatientName: string;
  PatientID: string;
  StudyDate: string;
  StudyDescription: string;
  modalities: string[];
}
export interface Hold {
  id: string;
  StudyInstanceUID?: string;
  patientId?: string;
  reason: string;
  by: string;
  at: string;
  releasedBy?: string;
  releasedAt?: string;
  releaseReason?: string;
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/retention${path}`, {
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
export const startRun = (): Promise<unknown> => ask('POST', '/run', {});
export const getPolicies = async (): Promise<Policy[]> => (await ask<{ items: Policy[] }>('GET', '/policies')).items;
export const savePolicies = (items: Policy[]): Promise<unknown> => ask('PUT', '/policies', { items });
export const dryRun = (items: Policy[]): Promise<DryRun> => ask('POST', '/dry-run', { items });
export const listStudies = (state: StudyState): Promise<{ total: number; items: StudyItem[] }> =>
  ask('GET', `/studies?state=${state}`);
export const undoMark = (uid: string): Promise<unknown> => ask('POST', `/studies/${encodeURIComponent(uid)}/undo`, {});
export const listHolds = async (): Promise<Hold[]> => (await ask<{ items: Hold[] }>('GET', '/holds')).items;
export const placeHold = (hold: { StudyInstanceUID?: string; patientId?: string; reason: string }): Promise<unknown> =>
  ask('POST', '/holds', hold);
export const releaseHold = (id: string, reason: string): Promise<unknown> =>
  ask('POST', `/holds/${encodeURIComponent(id)}/release`, { reason });
