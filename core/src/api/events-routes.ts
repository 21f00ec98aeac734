import { ALARM_READ } from '../alarms/routes.ts';
import type { HttpRoute } from '../http/contract.ts';
import { EventStream } from '../http/event-stream.ts';
import { identityOf, needs } from '../http/route-parts.ts';
import type { ApiServices } from './services.ts';
import type { StudyEvents } from './study-events.ts';

const PING_MS = 15_000;

/** What happens, as it happens. */
export function eventsRoutes(events: StudyEvents, services: () => ApiServices): HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/events',
      policy: needs('study.search'),
      audit: 'none',
      summary:
        'Server-sent events: `study` when a study changed, `alarms` as /api/alarms/summary to who may see them, `ping` every 15 s',
      handle(request) {
        const stream = new EventStream({ pingMs: PING_MS, signal: request.signal });
        const identity = identityOf(request);
        const { security, alarms } = services();
        stream.onClose(
          events.subscribe(
            () => security.service.scopeOf(identity),
            (event) => stream.send('study', event),
          ),
        );
        if (security.service.decide(identity, ALARM_READ).allowed) {
          stream.send('alarms', alarms.summary());
          stream.onClose(alarms.onChange(() => stream.send('alarms', alarms.summary())));
        }
        return stream.reply();
      },
    },
  ];
}
