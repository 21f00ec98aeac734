import type { AlarmNotice, AlarmSeverity } from '@filmless/core/plugin';

/** A test always arrives. */
export function concerns({ event, alarm }: AlarmNotice, minSeverity: AlarmSeverity): boolean {
  return event === 'test' || minSeverity === 'warning' || alarm.severity === 'critical';
}
