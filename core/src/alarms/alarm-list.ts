import { monotonicFactory } from 'ulid';
import type { Clock } from '../clock.ts';
import { type Disposable, disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { AlarmTable, type ChannelState } from './alarm-table.ts';
import type { Alarm, AlarmEvent, AlarmSeverity, Alarms } from './contract.ts';

const KEEP_PAST_MS = 400 * 24 * 3_600_000;

/** For the bell. */
export interface AlarmSummary {
  active: number;
  unacknowledged: number;
  /** Of those nobody has acknowledged. */
  worst?: AlarmSeverity;
}

/** What is wrong at this node now, and what was. */
export class AlarmList {
  readonly #table: AlarmTable;
  readonly #clock: Clock;
  readonly #nextId = monotonicFactory();
  readonly #listeners = new Set<() => void>();

  /** `path` of `alarms.sqlite`, or `:memory:`. */
  constructor(path: string, clock: Clock) {
    this.#table = new AlarmTable(path);
    this.#clock = clock;
    this.#table.removePastBefore(this.#at(-KEEP_PAST_MS));
  }

  /** The list as one plugin has it: its keys do not meet those of others. */
  viewFor(pluginId: string): Alarms {
    return {
      raise: (alarm) => this.#raise({ ...alarm, key: `${pluginId}:${alarm.key}` }),
      clear: (key) => this.#clear(`${pluginId}:${key}`),
    };
  }

  active(): Alarm[] {
    return this.#table.allActive();
  }

  past(limit: number): Alarm[] {
    return this.#table.past(limit);
  }

  get(id: string): Alarm | undefined {
    return this.#table.get(id);
  }

  summary(): AlarmSummary {
    const active = this.active();
    const open = active.filter(({ acknowledged }) => !acknowledged);
    const worst = open.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
    return { active: active.length, unacknowledged: open.length, ...(open.length > 0 && { worst }) };
  }

  /** Somebody has seen it and sees to it. NOT_FOUND; of two persons the first counts. */
  acknowledge(id: string, by: string, note: string): Alarm {
    const alarm = this.#table.get(id);
    if (!alarm) throw new FilmlessError('NOT_FOUND', 'no such alarm');
    if (alarm.acknowledged) return alarm;
    const acknowledged = { ...alarm, acknowledged: { by, at: this.#at(), note } };
    this.#table.update(acknowledged);
    this.#changed();
    return acknowledged;
  }

  /** What the channels have not been told yet, the oldest first. */
  untold(): { id: string; event: AlarmEvent }[] {
    return this.#table.untold();
  }

  told(id: string, event: AlarmEvent): void {
    this.#table.told(id, event);
  }

  channel(key: string): ChannelState {
    return this.#table.channel(key);
  }

  /** How a notice to a channel went; `failure` is absent when it arrived. */
  noteSending(key: string, failure?: string): void {
    const before = this.#table.channel(key);
    const now = this.#at();
    this.#table.saveChannel(key, failure === undefined ? { sentAt: now } : { ...before, failedAt: now, failure });
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return disposable(() => {
      this.#listeners.delete(listener);
    });
  }

  close(): void {
    this.#listeners.clear();
    this.#table.close();
  }

  #raise(raised: Parameters<Alarms['raise']>[0]): void {
    const now = this.#at();
    const before = this.#table.active(raised.key);
    if (!before) {
      this.#table.insert({ ...raised, id: this.#nextId(this.#clock.now()), raisedAt: now, changedAt: now });
      this.#changed();
      return;
    }
    const isWorse = raised.severity === 'critical' && before.severity === 'warning';
    if (!isWorse && isSame(before, raised)) return;
    const { acknowledged, ...rest } = before;
    this.#table.update(
      // Who acknowledged a warning has not acknowledged what became of it.
      { ...rest, ...raised, changedAt: now, ...(acknowledged && !isWorse && { acknowledged }) },
      isWorse ? 'worsened' : undefined,
    );
    this.#changed();
  }

  #clear(key: string): void {
    const before = this.#table.active(key);
    if (!before) return;
    this.#table.update({ ...before, clearedAt: this.#at() }, 'cleared');
    this.#changed();
  }

  #at(offsetMs = 0): string {
    return new Date(this.#clock.now() + offsetMs).toISOString();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isSame(a: Pick<Alarm, 'severity' | 'title' | 'detail'>, b: Pick<Alarm, 'severity' | 'title' | 'detail'>) {
  const told = ({ severity, title, detail }: typeof a) =>
    JSON.stringify([severity, title['zh-CN'], title.en, detail['zh-CN'], detail.en]);
  return told(a) === told(b);
}
