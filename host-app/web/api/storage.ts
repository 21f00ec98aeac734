import { request } from './client.ts';
import type { Wire } from './decode.ts';
import { list, num, oneOf, record, str } from './decode.ts';

export interface StorageOverview {
  totalBytes: number;
  freeBytes: number;
  floorBytes: number;
  usedByBlobsBytes: number;
  blobCount: number;
  totals: { patients: number; studies: number; series: number; instances: number; bytes: number };
  quarantineCount: number;
  conflictCount: number;
}

export async function getStorage(signal?: AbortSignal): Promise<StorageOverview> {
  const item = record(await request('/api/storage', signal ? { signal } : {}));
  const totals = record(item['totals']);
  const figure = (from: Wire, key: string) => num(from[key]);
  return {
    totalBytes: figure(item, 'totalBytes'),
    freeBytes: figure(item, 'freeBytes'),
    floorBytes: figure(item, 'floorBytes'),
    usedByBlobsBytes: figure(item, 'usedByBlobsBytes'),
    blobCount: figure(item, 'blobCount'),
    totals: {
      patients: figure(totals, 'patients'),
      studies: figure(totals, 'studies'),
      series: figure(totals, 'series'),
      instances: figure(totals, 'instances'),
      bytes: figure(totals, 'bytes'),
    },
    quarantineCount: figure(item, 'quarantineCount'),
    conflictCount: figure(item, 'conflictCount'),
  };
}

export interface QuarantineEntry {
  id: string;
  code: string;
  reason: string;
  sizeBytes: number;
  receivedAt: string;
  via: string;
  source: string;
  fileName: string;
}

export async function listQuarantine(signal?: AbortSignal): Promise<QuarantineEntry[]> {
  return list(await request('/api/quarantine', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      code: str(item['code']),
      reason: str(item['reason']),
      sizeBytes: num(item['sizeBytes']),
      receivedAt: str(item['receivedAt']),
      via: str(item['via']),
      source: str(item['source']),
      fileName: str(item['fileName']),
    };
  });
}

export function quarantineContentUrl(id: string): string {
  return `/api/quarantine/${encodeURIComponent(id)}/content`;
}

/** Reads the file again; throws the reason when it still cannot be read. */
export async function retryQuarantine(id: string): Promise<void> {
  await request(`/api/quarantine/${encodeURIComponent(id)}/retry`, { method: 'POST' });
}

export async function deleteQuarantine(id: string): Promise<void> {
  await request(`/api/quarantine/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Attributes of one side of a conflict, by keyword. */
export type ConflictSide = Record<string, string>;

export interface Conflict {
  id: string;
  SOPInstanceUID: string;
  status: 'open' | 'kept-existing' | 'kept-received';
  existing: ConflictSide;
  received: ConflictSide;
  existingAt: string;
  existingSource: string;
  receivedAt: string;
  receivedSource: string;
  decidedBy: string;
  decidedAt: string;
}

function readSide(value: unknown): ConflictSide {
  const side: ConflictSide = {};
  for (const [keyword, content] of Object.entries(record(value))) {
    if (Array.isArray(content)) side[keyword] = content.map(str).join(', ');
    else if (typeof content === 'string' || typeof content === 'number') side[keyword] = String(content);
  }
  return side;
}

export async function listConflicts(signal?: AbortSignal): Promise<Conflict[]> {
  return list(await request('/api/conflicts', signal ? { signal } : {}), (value) => {
    const item = record(value);
    const summary = record(item['summary']);
    const existing = record(item['existing']);
    const arrival = record(record(item['received'])['received']);
    return {
      id: str(item['id']),
      SOPInstanceUID: str(item['SOPInstanceUID']),
      status: oneOf(item['status'], ['open', 'kept-existing', 'kept-received']),
      existing: readSide(summary['existing']),
      received: readSide(summary['received']),
      existingAt: str(existing['receivedAt']),
      existingSource: str(existing['source']),
      receivedAt: str(arrival['at']),
      receivedSource: str(arrival['source']),
      decidedBy: str(item['decidedBy']),
      decidedAt: str(item['decidedAt']),
    };
  });
}

export async function resolveConflict(id: string, keep: 'existing' | 'received'): Promise<void> {
  await request(`/api/conflicts/${encodeURIComponent(id)}/resolve`, { method: 'POST', body: { keep } });
}
