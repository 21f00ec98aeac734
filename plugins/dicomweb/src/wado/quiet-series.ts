import type { InstanceRecord } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';

/**
 * Prepares a series for viewing once nothing came for it a while, so that the first who opens it does not wait.
 * Nothing depends on it: what is not prepared is made when it is asked for.
 */
export class QuietSeries {
  readonly #web: Dicomweb;
  readonly #prepare: (StudyInstanceUID: string, SeriesInstanceUID: string) => Promise<void>;
  readonly #waiting = new Map<string, { study: string; timer: NodeJS.Timeout }>();
  #running: Promise<void> = Promise.resolve();

  constructor(web: Dicomweb, prepare: (StudyInstanceUID: string, SeriesInstanceUID: string) => Promise<void>) {
    this.#web = web;
    this.#prepare = prepare;
  }

  /** Handler of `instance.stored`: only takes note. */
  stored(records: readonly InstanceRecord[]): void {
    for (const record of records) {
      const series = record.SeriesInstanceUID;
      clearTimeout(this.#waiting.get(series)?.timer);
      const timer = setTimeout(() => this.#due(series), this.#web.plugin.config.quietMs);
      timer.unref();
      this.#waiting.set(series, { study: record.StudyInstanceUID, timer });
    }
  }

  dispose(): Promise<void> {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    return this.#running;
  }

  /** One series after another: reception goes first. */
  #due(series: string): void {
    const study = this.#waiting.get(series)?.study;
    this.#waiting.delete(series);
    if (study === undefined) return;
    this.#running = this.#running
      .then(() => this.#prepare(study, series))
      .catch((error: unknown) =>
        this.#web.plugin.log.warn({ err: error }, 'A series could not be prepared for viewing'),
      );
  }
}
