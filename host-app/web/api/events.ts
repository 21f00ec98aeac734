import { readAlarmSummary } from './alarms.ts';
import { record, str } from './decode.ts';

/** What the node tells about a study: it is new, or instances were added. */
export interface StudyEvent {
  StudyInstanceUID: string;
  at: string;
}

export interface EventStream {
  close(): void;
}

/** Dispatches `alarms` with the summary as its detail whenever an open stream tells of one. */
export const alarmEvents = new EventTarget();

const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

/**
 * Live events over SSE. Reconnects with growing pauses; `onGap` is called after a reconnection, because events may have been missed.
 */
export function openStudyEvents(onStudy: (event: StudyEvent) => void, onGap: () => void): EventStream {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let wasOpen = false;
  let closed = false;

  const connect = () => {
    source = new EventSource('/api/events');
    source.addEventListener('open', () => {
      if (wasOpen) onGap();
      wasOpen = true;
      failures = 0;
    });
    source.addEventListener('study', (event) => {
      if (!(event instanceof MessageEvent)) return;
      const item = parse(event.data);
      if (item.StudyInstanceUID !== '') onStudy(item);
    });
    source.addEventListener('alarms', (event) => {
      if (event instanceof MessageEvent) tellAlarms(event.data);
    });
    source.addEventListener('error', () => {
      source?.close();
      if (closed) return;
      timer = setTimeout(connect, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    });
  };
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      source?.close();
    },
  };
}

function tellAlarms(data: unknown): void {
  try {
    alarmEvents.dispatchEvent(new CustomEvent('alarms', { detail: readAlarmSummary(JSON.parse(str(data))) }));
  } catch {
    // The next look at the summary tells it.
  }
}

function parse(data: unknown): StudyEvent {
  try {
    const item = record(JSON.parse(str(data)));
    return { StudyInstanceUID: str(item['StudyInstanceUID']), at: str(item['at']) };
  } catch {
    return { StudyInstanceUID: '', at: '' };
  }
}
