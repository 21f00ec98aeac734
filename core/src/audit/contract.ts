/** What happened. Each is one event of PS3.15 A.5.3; see dicom-audit-message.ts. */
export const AUDIT_ACTIONS = [
  'node.start',
  'node.stop',
  'sign-in',
  'sign-out',
  'refused',
  'search',
  'open',
  'export',
  'print',
  'receive',
  'change',
  'plugin',
  'user',
  'token',
  'emergency',
  'audit.read',
  'audit.broken',
  'audit.restored',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const AUDIT_OUTCOMES = ['success', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What is told to the log. The only place where a patient's identifiers may be written down; no names, no images. */
export interface AuditEvent {
  action: AuditAction;
  outcome: AuditOutcome;
  actor: { kind: 'user' | 'service' | 'device' | 'embed' | 'system' | 'unknown'; id: string };
  /** Network address it came from; '' for the node itself. */
  address: string;
  /** What it was done to, when not a patient's images: a user, a plugin, a route. */
  target?: string;
  patientId?: string;
  studyInstanceUid?: string;
  /** More for a person who reads it, short: a reason, what was searched for, a code. */
  detail?: string;
}

/** An event as it was written: numbered without gaps, each bound to the one before by its hash. */
export interface AuditEntry {
  seq: number;
  /** ISO 8601. */
  at: string;
  action: AuditAction;
  outcome: AuditOutcome;
  actorKind: AuditEvent['actor']['kind'];
  actor: string;
  address: string;
  target: string;
  patientId: string;
  studyInstanceUid: string;
  detail: string;
  /** SHA-256 over the hash before and this entry, hex. */
  hash: string;
}

/** Writes events down. */
export interface Audit {
  /** Soon: within a fraction of a second, without anyone waiting for it. */
  record(event: AuditEvent): void;
  /** Resolves when it is on disk: for what changes who may do what. Rejects with STORAGE_FAILED. */
  recordDurably(event: AuditEvent): Promise<void>;
  /** When somebody last looked at a study or took it out, ISO 8601. A log that cannot be searched has none. */
  lastOpened?(studyInstanceUid: string): string | undefined;
}
