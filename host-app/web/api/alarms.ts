import { request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { list, localized, num, oneOf, record, str } from './decode.ts';

export type AlarmSeverity = 'warning' | 'critical';

export interface Alarm {
  id: string;
  severity: AlarmSeverity;
  title: LocalizedText;
  detail: LocalizedText;
  raisedAt: string;
  /** '' while it lasts. */
  clearedAt: string;
  acknowledged: { by: string; at: string; note: string } | undefined;
}

export interface AlarmSummary {
  active: number;
  unacknowledged: number;
  worst: AlarmSeverity;
}

export interface AlarmChannelState {
  key: string;
  title: LocalizedText;
  sentAt: string;
  failedAt: string;
  /** '' when the last notice arrived. */
  failure: string;
}

const SEVERITIES = ['warning', 'critical'] as const;

export async function getAlarmSummary(signal?: AbortSignal): Promise<AlarmSummary> {
  return readAlarmSummary(await request('/api/alarms/summary', signal ? { signal } : {}));
}

export function readAlarmSummary(value: unknown): AlarmSummary {
  const item = record(value);
  return {
    active: num(item['active']),
    unacknowledged: num(item['unacknowledged']),
    worst: oneOf(item['worst'], SEVERITIES),
  };
}

export async function listAlarms(signal?: AbortSignal): Promise<{ active: Alarm[]; past: Alarm[] }> {
  const item = record(await request('/api/alarms', signal ? { signal } : {}));
  return { active: list(item['active'], readAlarm), past: list(item['past'], readAlarm) };
}

export async function acknowledgeAlarm(id: string): Promise<void> {
  await request(`/api/alarms/${encodeURIComponent(id)}/acknowledge`, { method: 'POST', body: {} });
}

export async function listAlarmChannels(signal?: AbortSignal): Promise<AlarmChannelState[]> {
  return list(await request('/api/alarms/channels', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      key: str(item['key']),
      title: localized(item['title']),
      sentAt: str(item['sentAt']),
      failedAt: str(item['failedAt']),
      failure: str(item['failure']),
    };
  });
}

/** Answers when the test was taken. */
export async function testAlarmChannel(key: string): Promise<void> {
  await request(`/api/alarms/channels/${encodeURIComponent(key)}/test`, { method: 'POST' });
}

function readAlarm(value: unknown): Alarm {
  const item = record(value);
  const acknowledged = record(item['acknowledged']);
  return {
    id: str(item['id']),
    severity: oneOf(item['severity'], SEVERITIES),
    title: localized(item['title']),
    detail: localized(item['detail']),
    raisedAt: str(item['raisedAt']),
    clearedAt: str(item['clearedAt']),
    acknowledged:
      item['acknowledged'] === undefined
        ? undefined
        : { by: str(acknowledged['by']), at: str(acknowledged['at']), note: str(acknowledged['note']) },
  };
}
