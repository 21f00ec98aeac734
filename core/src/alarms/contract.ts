import type { LocalizedText } from '../plugins/contract.ts';

/** `critical`: something is lost or stands still unless a person acts now. */
export type AlarmSeverity = 'warning' | 'critical';

/** One time that something was wrong, from when it was noticed until it is well again. No patient data in it. */
export interface Alarm {
  id: string;
  /** What is wrong, `<plugin>:<key>`; while it lasts there is one alarm of it. */
  key: string;
  severity: AlarmSeverity;
  title: LocalizedText;
  /** What is the matter, and what a person is to do. */
  detail: LocalizedText;
  /** ISO 8601, as all times here. */
  raisedAt: string;
  /** When severity, title or detail became what they are. */
  changedAt: string;
  clearedAt?: string;
  acknowledged?: { by: string; at: string; note: string };
}

/** What a plugin raises. What is wrong for as long as a state lasts may be a `HealthCheck` instead: it alarms without code. */
export interface Alarms {
  /** Raised once while it lasts; raised again it only brings severity and texts up to date. On disk when the call returns. */
  raise(alarm: { key: string; severity: AlarmSeverity; title: LocalizedText; detail: LocalizedText }): void;
  /** It is well again. Nothing happens when there is no such alarm. */
  clear(key: string): void;
}

/** What became of an alarm. */
export type AlarmEvent = 'raised' | 'worsened' | 'cleared';

/** What a channel is told. A test has an alarm of its own, which is in no list. */
export interface AlarmNotice {
  event: AlarmEvent | 'test';
  alarm: Alarm;
  node: { name: string };
}

/** Brings alarms to people who do not look at the screen. */
export interface AlarmChannel {
  title: LocalizedText;
  /** Throws when it did not arrive: it is tried again, with growing pauses, for about a day. May be told the same notice twice. */
  send(notice: AlarmNotice, signal: AbortSignal): Promise<void>;
}
