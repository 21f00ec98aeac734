import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@filmless/core/plugin';
import type { Attached, AttachedDisks } from './disks/attached-disks.ts';
import { hashOnDisk } from './disks/read-back.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Copy } from './ledger/object-table.ts';
import { Throttle } from './throttle.ts';

const PAGE = 200;
const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 60_000;

interface Options {
  ledger: Ledger;
  disks: AttachedDisks;
  bytesPerSecond: number;
  everyDays: number;
  log: Logger;
  now(): number;
  /** A damaged copy is to be made anew. */
  onDamaged(): void;
}

export interface CheckSummary {
  checked: number;
  damaged: { path: string }[];
}

/** Reads copies on attached disks again and compares them: what has rotted is found before it is needed, and owed to its set again. */
export class CopyCheck {
  readonly #options: Options;
  readonly #throttle: Throttle;
  readonly #stopping = new AbortController();
  #working: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#throttle = new Throttle(options.bytesPerSecond);
  }

  start(): void {
    this.#working = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  /** All copies on a disk that were not compared since `before`. Ends early when the disk goes: then less is checked than lies there. */
  async disk(
    disk: Attached,
    before: string,
    options: { signal: AbortSignal; throttle?: Throttle; progress?: (done: number) => void },
  ): Promise<CheckSummary> {
    const { ledger, disks, now } = this.#options;
    const summary: CheckSummary = { checked: 0, damaged: [] };
    for (;;) {
      const page = ledger.objects.uncheckedSince(disk.entry.id, before, PAGE);
      const good: Copy[] = [];
      const damaged: Copy[] = [];
      let isGone = false;
      for (const copy of page) {
        options.signal.throwIfAborted();
        const isAttached: boolean = disks.get(disk.entry.id)?.root === disk.root;
        const state = isAttached ? await this.#state(disk, copy, options.throttle) : 'gone';
        isGone = state === 'gone';
        if (isGone) break;
        (state === 'good' ? good : damaged).push(copy);
        options.progress?.(summary.checked + good.length + damaged.length);
      }
      const at = new Date(now()).toISOString();
      ledger.transaction(() => {
        for (const copy of good) ledger.objects.checked(copy, at);
        for (const copy of damaged) ledger.objects.damaged(copy, at);
      });
      summary.checked += good.length + damaged.length;
      summary.damaged.push(...damaged.map(({ path }) => ({ path })));
      if (isGone) break;
      if (page.length < PAGE) break;
    }
    if (summary.damaged.length > 0) {
      const { label } = disk.entry;
      this.#options.log.error({ disk: label, files: summary.damaged.length }, 'a backup disk has damaged files');
      this.#options.onDamaged();
    }
    return summary;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    const { disks, everyDays, now, log } = this.#options;
    while (!signal.aborted) {
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      const before = new Date(now() - everyDays * DAY_MS).toISOString();
      for (const disk of disks.all()) {
        if (signal.aborted) return;
        await this.disk(disk, before, { signal, throttle: this.#throttle }).catch((error: unknown) => {
          if (!signal.aborted) log.error({ err: error }, 'the check of a backup disk broke off and goes on later');
        });
      }
    }
  }

  /** A disk that was pulled is no damage: it is looked at whether it is still there. */
  async #state(disk: Attached, copy: Copy, throttle: Throttle | undefined): Promise<'good' | 'damaged' | 'gone'> {
    const { disks } = this.#options;
    try {
      const found = await hashOnDisk(join(disk.root, copy.path), throttle && ((bytes) => throttle.take(bytes)));
      return found === copy.storedSha256 ? 'good' : 'damaged';
    } catch {
      return (await disks.isThere(disk)) ? 'damaged' : 'gone';
    }
  }
}
