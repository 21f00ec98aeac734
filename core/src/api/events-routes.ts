import type { HttpRoute } from '../http/contract.ts';
import { EventStream } from '../http/event-stream.ts';
import type { AccessScope, Identity } from '../security/contract.ts';
import { identityOf, needs } from './route-parts.ts';
import type { StudyEvents } from './study-events.ts';

const PING_MS = 15_000;

/** What happens, as it happens. */
export function eventsRoutes(events: StudyEvents, scopeOf: (identity: Identity) => AccessScope): HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/events',
      policy: needs('study.search'),
      audit: 'none',
      summary: 'Server-sent events: `study` when a study changed, `ping` every 15 s',
      handle(request) {
        const stream = new EventStream({ pingMs: PING_MS, signal: request.signal });
        const identity = identityOf(request);
        stream.onClose(
          events.subscribe(
            () => scopeOf(identity),
            (event) => stream.send('study', event),
          ),
        );
        return stream.reply();
      },
    },
  ];
}
