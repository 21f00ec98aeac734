import type { Clock } from '../clock.ts';
import type { Disposable } from '../disposable.ts';
import type { HealthReport } from '../health/health-report.ts';
import type { Alarms } from './contract.ts';

interface Options {
  report(): Promise<HealthReport>;
  alarms: Alarms;
  /** Keys of the alarms of checks that last, from before the node started too. */
  lasting(): string[];
  clock: Clock;
  /** Rounds that a check must not be well before it alarms, and be well again before the alarm is over: one that wavers alarms once. */
  rounds?: { toRaise: number; toClear: number };
  onFailed?(error: unknown): void;
}

const EVERY_MS = 30_000;
/** A minute, five minutes. */
const ROUNDS = { toRaise: 2, toClear: 10 };
export const HEALTH_KEY = 'health:';

/** Turns health checks that are not well into alarms. */
export class HealthWatch implements Disposable {
  readonly #options: Options;
  readonly #rounds: { toRaise: number; toClear: number };
  /** Rounds in a row that a check was not well (above 0), or was well (below). */
  readonly #streaks = new Map<string, number>();
  #timer: Disposable | undefined;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    this.#rounds = options.rounds ?? ROUNDS;
  }

  start(): void {
    this.#timer = this.#options.clock.after(EVERY_MS, () => {
      this.look()
        .catch((error: unknown) => this.#options.onFailed?.(error))
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    });
  }

  async look(): Promise<void> {
    const { checks } = await this.#options.report();
    if (this.#stopped) return;
    for (const { key, title, state, detail } of checks) {
      const streak = this.#count(key, state === 'ok');
      const alarm = HEALTH_KEY + key;
      if (state !== 'ok') {
        const isRaised = this.#options.lasting().includes(alarm);
        if (isRaised || streak >= this.#rounds.toRaise)
          this.#options.alarms.raise({
            key: alarm,
            severity: state === 'failed' ? 'critical' : 'warning',
            title,
            detail,
          });
      } else if (-streak >= this.#rounds.toClear) this.#options.alarms.clear(alarm);
    }
    const asked = new Set(checks.map(({ key }) => HEALTH_KEY + key));
    // A plugin that was disabled has nothing more to complain of.
    for (const alarm of this.#options.lasting()) if (!asked.has(alarm)) this.#options.alarms.clear(alarm);
  }

  dispose(): void {
    this.#stopped = true;
    void this.#timer?.dispose();
  }

  #count(key: string, isWell: boolean): number {
    const before = this.#streaks.get(key) ?? 0;
    const streak = isWell ? Math.min(before, 0) - 1 : Math.max(before, 0) + 1;
    this.#streaks.set(key, streak);
    return streak;
  }
}
