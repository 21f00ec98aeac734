import { request } from './client.ts';
import { bool, list, num, oneOf, record, str } from './decode.ts';
import { readStudy, type StudyRow } from './studies.ts';

/** A study shared by link. */
export interface Share {
  id: string;
  studyInstanceUid: string;
  /** Missing when whoever asks may not see the study, or it is gone. */
  study: StudyRow | undefined;
  issuer: string;
  note: string;
  state: 'active' | 'expired' | 'revoked' | 'locked' | 'withdrawn';
  hasAccessCode: boolean;
  report: boolean;
  createdAt: string;
  expiresAt: string;
  opened: number;
  /** Empty: never. */
  lastOpenedAt: string;
}

/** What is shown once. */
export interface NewShare {
  url: string;
  /** Empty: none is asked for. */
  accessCode: string;
  expiresAt: string;
}

/** What a shared link opens, for some minutes. */
export interface OpenShare {
  token: string;
  studyInstanceUid: string;
  report: boolean;
  linkExpiresAt: string;
}

export async function listShares(signal?: AbortSignal): Promise<{ shares: Share[]; maxDays: number }> {
  const answer = record(await request('/api/shares', signal ? { signal } : {}));
  const shares = list(answer['shares'], (value): Share => {
    const item = record(value);
    return {
      id: str(item['id']),
      studyInstanceUid: str(item['studyInstanceUid']),
      study: item['study'] === undefined ? undefined : readStudy(item['study']),
      issuer: str(item['issuer']),
      note: str(item['note']),
      state: oneOf(item['state'], ['withdrawn', 'active', 'expired', 'revoked', 'locked']),
      hasAccessCode: bool(item['hasAccessCode']),
      report: bool(item['report']),
      createdAt: str(item['createdAt']),
      expiresAt: str(item['expiresAt']),
      opened: num(item['opened']),
      lastOpenedAt: str(item['lastOpenedAt']),
    };
  });
  return { shares, maxDays: num(answer['maxDays']) };
}

export async function createShare(body: {
  studyInstanceUid: string;
  expiresInDays: number;
  note: string;
  accessCode: boolean;
  report: boolean;
}): Promise<NewShare> {
  const answer = record(await request('/api/shares', { method: 'POST', body }));
  return { url: str(answer['url']), accessCode: str(answer['accessCode']), expiresAt: str(answer['expiresAt']) };
}

export async function revokeShare(id: string): Promise<void> {
  await request(`/api/shares/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function redeemShare(body: { id: string; secret: string; accessCode?: string }): Promise<OpenShare> {
  const answer = record(await request('/api/shares/redeem', { method: 'POST', body, expectUnauthenticated: true }));
  return {
    token: str(answer['token']),
    studyInstanceUid: str(answer['studyInstanceUid']),
    report: bool(answer['report']),
    linkExpiresAt: str(answer['linkExpiresAt']),
  };
}
