import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Disposable } from './disposable.ts';
import type { Metrics } from './plugins/contract.ts';

const PREFIX = 'filmless_';

/** The node's Prometheus registry. Scopes take their metrics with them when they are disposed. */
export class PrometheusMetrics {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix: PREFIX });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics in the Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  scope(): Metrics & Disposable {
    const registry = this.#registry;
    const names: string[] = [];
    const named = (name: string, help: string, labels: readonly string[]) => {
      const full = `${PREFIX}${name}`;
      names.push(full);
      return { name: full, help, labelNames: [...labels], registers: [registry] };
    };
    return {
      counter(name, help, labels = []) {
        const counter = new Counter(named(name, help, labels));
        return { inc: (values = {}, by = 1) => counter.inc(values, by) };
      },
      gauge(name, help, labels = []) {
        const gauge = new Gauge(named(name, help, labels));
        return { set: (values, value) => gauge.set(values, value) };
      },
      histogram(name, help, labels = [], buckets) {
        const histogram = new Histogram({
          ...named(name, help, labels),
          ...(buckets ? { buckets: [...buckets] } : {}),
        });
        return { observe: (values, value) => histogram.observe(values, value) };
      },
      dispose() {
        for (const name of names.splice(0)) registry.removeSingleMetric(name);
      },
    };
  }
}
