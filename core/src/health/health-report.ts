import { setTimeout as delay } from 'node:timers/promises';
import type { HealthCheck, LocalizedText, Points } from '../plugins/contract.ts';

export type HealthState = 'ok' | 'warning' | 'failed';

export interface CheckResult {
  key: string;
  title: HealthCheck['title'];
  state: HealthState;
  detail: LocalizedText;
}

export interface HealthReport {
  state: HealthState;
  ready: boolean;
  checks: CheckResult[];
}

const TIMEOUT_MS = 5_000;
const FRESH_MS = 1_000;
const ORDER: readonly HealthState[] = ['ok', 'warning', 'failed'];

/** Runs the checks that plugins contribute, side by side; many who ask at once share one round. */
export class HealthReporter {
  readonly #points: Points;
  readonly #now: () => number;
  #last: { at: number; report: Promise<HealthReport> } | undefined;

  constructor(points: Points, now: () => number) {
    this.#points = points;
    this.#now = now;
  }

  report(): Promise<HealthReport> {
    const now = this.#now();
    if (!this.#last || now - this.#last.at >= FRESH_MS) this.#last = { at: now, report: this.#run() };
    return this.#last.report;
  }

  async #run(): Promise<HealthReport> {
    const results = await Promise.all(
      this.#points.entries('HealthCheck').map(({ key, value }) => runCheck(key, value)),
    );
    const worst = Math.max(0, ...results.map(({ state }) => ORDER.indexOf(state)));
    return {
      state: ORDER[worst] ?? 'failed',
      ready: results.every(({ ready }) => ready),
      checks: results.map(({ ready: _ready, ...check }) => check),
    };
  }
}

/** A check that throws or does not answer has failed; whether the node may serve is for a check to say, not for its failure. */
async function runCheck(key: string, check: HealthCheck): Promise<CheckResult & { ready: boolean }> {
  const stop = new AbortController();
  const failed = (detail: LocalizedText) => ({
    key,
    title: check.title,
    state: 'failed' as const,
    detail,
    ready: true,
  });
  try {
    const timeout = delay(TIMEOUT_MS, undefined, { signal: stop.signal, ref: false }).then(() => undefined);
    // Aborted when the check was first; nobody waits for it then.
    timeout.catch(() => undefined);
    const result = await Promise.race([check.check(), timeout]);
    if (!result) return failed({ 'zh-CN': '检查没有响应', en: 'no answer' });
    const { state, detail, ready } = result;
    return { key, title: check.title, state, detail, ready: ready ?? true };
  } catch {
    // What a check throws may say anything; that it threw is what counts here.
    return failed({ 'zh-CN': '检查本身出错，请查看日志', en: 'the check itself failed, see the log' });
  } finally {
    stop.abort();
  }
}
