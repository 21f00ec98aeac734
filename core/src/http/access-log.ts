import type { Logger, Metrics } from '../plugins/contract.ts';
import type { InFlight } from './in-flight.ts';
import type { RequestState } from './request-state.ts';
import { routeLabel } from './request-state.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface ObservedContext {
  method: string;
  state: RequestState;
  res: import('node:http').ServerResponse;
}

/** One line and one count a request, by route pattern: paths and queries carry patient data. */
export class AccessLog {
  readonly #log: Logger;
  readonly #inFlight: InFlight;
  readonly #requests: ReturnType<Metrics['counter']>;
  readonly #durations: ReturnType<Metrics['histogram']>;
  readonly #open: ReturnType<Metrics['gauge']>;

  constructor(log: Logger, metrics: Metrics, inFlight: InFlight) {
    this.#log = log;
    this.#inFlight = inFlight;
    this.#requests = metrics.counter('http_requests_total', 'HTTP requests answered', ['method', 'route', 'status']);
    this.#durations = metrics.histogram(
      'http_request_duration_seconds',
      'Time from the request to the end of its answer',
      ['method', 'route'],
      SECONDS,
    );
    this.#open = metrics.gauge('http_requests_in_flight', 'HTTP requests being answered');
  }

  begin(context: ObservedContext): void {
    const startedAt = performance.now();
    this.#open.set({}, this.#inFlight.size);
    context.res.once('close', () => {
      const durationMs = performance.now() - startedAt;
      const { method, state } = context;
      const route = routeLabel(state);
      const status = context.res.statusCode;
      // Any word can be a method; only those with a route are worth a series of their own.
      const label = state.match.kind === 'found' ? method : 'other';
      this.#requests.inc({ method: label, route, status: String(status) });
      this.#durations.observe({ method: label, route }, durationMs / 1000);
      this.#open.set({}, this.#inFlight.size);
      this.#log[status >= 500 ? 'warn' : isPublic(state) ? 'debug' : 'info'](
        {
          requestId: state.requestId,
          method: label,
          route,
          status,
          durationMs: Math.round(durationMs * 10) / 10,
          ...(state.identity ? { who: state.identity.id } : {}),
          ...(context.res.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
  }
}

function isPublic(state: RequestState): boolean {
  return state.match.kind === 'found' && state.match.route.policy.access === 'public';
}
