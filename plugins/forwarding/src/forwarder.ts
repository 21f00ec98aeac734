import {
  type Disposable,
  FilmlessError,
  type InstanceRecord,
  type PluginContext,
  type SendingDestination,
} from '@filmless/core/plugin';
import type { ForwardingConfig } from './config.ts';
import { Lane, type LaneState } from './lane.ts';
import { type Order, Queue } from './queue.ts';
import { type Matcher, matcherOf, priorityOf, type Rule } from './rule.ts';
import { Views } from './views.ts';

const TICK_MS = 1000;
const DAY_MS = 86_400_000;
const GRACE_MS = 4000;
/** A study is written into the audit log when nothing of it was sent for so long. */
const QUIET_MS = 10_000;
const HIGH_PRIORITY = 3;

type Needed = Pick<
  PluginContext<ForwardingConfig>,
  'config' | 'points' | 'identities' | 'audit' | 'log' | 'metrics' | 'query' | 'security'
>;

interface Options {
  context: Needed;
  queuePath: string;
  rules: () => readonly Rule[];
  /** At once, where somebody set a figure of their own. */
  connections: (destination: string) => number | undefined;
  now?: () => number;
}

/** Takes up what rules want forwarded, and sends it. */
export class Forwarder implements Disposable {
  readonly queue: Queue;
  readonly views: Views;
  readonly #options: Options;
  readonly #context: Needed;
  readonly #lanes = new Map<string, Lane>();
  readonly #sent;
  readonly #lag;
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  #matchers: { rules: readonly Rule[]; each: { rule: Rule; matches: Matcher }[] } = { rules: [], each: [] };

  constructor(options: Options) {
    this.#options = options;
    this.#context = options.context;
    this.#now = options.now ?? Date.now;
    const { config, metrics } = options.context;
    this.queue = new Queue(options.queuePath, { maxAttempts: config.attempts, now: this.#now });
    this.views = new Views(this.queue.database);
    this.#sent = metrics.counter('forwarding_instances_total', 'Instances by destination and outcome', [
      'destination',
      'outcome',
    ]);
    this.#lag = metrics.histogram(
      'forwarding_lag_seconds',
      'From receiving an instance to its acceptance by the destination',
      ['destination'],
      [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86_400],
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  start(): void {
    for (const destination of this.queue.waiting()) this.wake(destination);
  }

  /** For the subscription: what came is in the queue, durably, when this resolves. */
  async stored(records: readonly InstanceRecord[]): Promise<void> {
    const orders = await this.#ordersFor(records);
    if (orders.length === 0) return;
    this.queue.add(orders);
    for (const destination of new Set(orders.map((order) => order.destination))) this.wake(destination);
    // What is gone after a power cut comes again: only then may the subscription go on.
    await this.queue.synced();
  }

  /** Of these, what a rule would send. */
  async matching(rule: Rule, records: readonly InstanceRecord[]): Promise<InstanceRecord[]> {
    const matches = matcherOf(rule);
    const sources = await this.#sourcesOf(rule.destination);
    const found: InstanceRecord[] = [];
    for (const record of records) {
      if (!cameFrom(record, sources) && matches(await this.#context.identities.apply(record))) found.push(record);
    }
    return found;
  }

  /** All of a study to one destination, whatever went there before. STUDY_NOT_FOUND, NOT_FOUND. */
  async resend(StudyInstanceUID: string, destination: string): Promise<number> {
    await this.requireDestination(destination);
    const { query, security } = this.#context;
    const instances = await query.instances({
      StudyInstanceUID,
      scope: security.scopeOf(security.systemIdentity()),
    });
    if (instances.length === 0) throw new FilmlessError('STUDY_NOT_FOUND');
    const receivedAt = new Date(this.#now()).toISOString();
    const orders = instances.map(
      (record): Order => ({ destination, rule: '', priority: HIGH_PRIORITY, form: 'stored', record, receivedAt }),
    );
    this.queue.add(orders, { again: true });
    this.wake(destination);
    await this.queue.synced();
    return orders.length;
  }

  retry(destination: string, StudyInstanceUID?: string): number {
    const changed = this.queue.retry(destination, StudyInstanceUID);
    this.#lane(destination).retryNow();
    return changed;
  }

  stateOf(destination: string): LaneState | undefined {
    return this.#lanes.get(destination)?.state;
  }

  /** All destinations, of all senders that are active. */
  async destinations(): Promise<(SendingDestination & { key: string; sender: string })[]> {
    const lists = await Promise.all(
      this.#context.points
        .entries('InstanceSender')
        .map(async ({ key: sender, value }) =>
          (await value.destinations()).map((each) => ({ ...each, sender, key: `${sender}:${each.name}` })),
        ),
    );
    return lists.flat();
  }

  /** Throws NOT_FOUND. */
  async requireDestination(key: string): Promise<void> {
    if (!(await this.destinations()).some((each) => each.key === key))
      throw new FilmlessError('NOT_FOUND', 'no such destination');
  }

  async verify(destination: string, signal: AbortSignal): Promise<void> {
    const [sender = '', name = ''] = split(destination);
    const found = this.#context.points.get('InstanceSender', sender);
    if (!found) throw new FilmlessError('NOT_FOUND', 'no such destination');
    await found.verify(name, signal);
  }

  /** Something waits for this destination. */
  wake(destination: string): void {
    this.#lane(destination).wake();
  }

  wakeAll(): void {
    for (const destination of this.queue.waiting()) this.wake(destination);
  }

  async dispose(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop(GRACE_MS)));
    this.#audit(this.#now());
    await this.queue.close();
  }

  async #ordersFor(records: readonly InstanceRecord[]): Promise<Order[]> {
    const rules = this.#activeRules();
    if (rules.length === 0) return [];
    const sources = new Map<string, readonly string[]>();
    for (const { rule } of rules) sources.set(rule.destination, await this.#sourcesOf(rule.destination));
    const orders: Order[] = [];
    for (const record of records) {
      // Read again from the store, not received.
      if (record.received.via === 'rebuild') continue;
      const shown = await this.#context.identities.apply(record);
      const chosen = new Map<string, Rule>();
      for (const { rule, matches } of rules) {
        const before = chosen.get(rule.destination);
        if (before && priorityOf(before) >= priorityOf(rule)) continue;
        if (cameFrom(record, sources.get(rule.destination) ?? []) || !matches(shown)) continue;
        chosen.set(rule.destination, rule);
      }
      for (const [destination, rule] of chosen) {
        const receivedAt = record.received.at;
        const order = { destination, rule: rule.id, priority: priorityOf(rule), form: rule.form, record, receivedAt };
        orders.push({ ...order, held: rule.paused });
      }
    }
    return orders;
  }

  #activeRules(): { rule: Rule; matches: Matcher }[] {
    const rules = this.#options.rules();
    if (this.#matchers.rules !== rules) {
      const each = rules.filter(({ enabled }) => enabled).map((rule) => ({ rule, matches: matcherOf(rule) }));
      this.#matchers = { rules, each };
    }
    return this.#matchers.each;
  }

  async #sourcesOf(destination: string): Promise<readonly string[]> {
    const [sender = '', name = ''] = split(destination);
    const found = await this.#context.points.get('InstanceSender', sender)?.destinations();
    return found?.find((each) => each.name === name)?.sources ?? [];
  }

  #lane(destination: string): Lane {
    const [sender = ''] = split(destination);
    const { config, points, log } = this.#context;
    const lane =
      this.#lanes.get(destination) ??
      new Lane({
        destination,
        queue: this.queue,
        sender: () => points.get('InstanceSender', sender),
        connections: () => this.#options.connections(destination) ?? config.connections,
        idleMs: config.idleSeconds * 1000,
        log,
        onSettled: ({ receivedAt }, outcome) => {
          this.#sent.inc({ destination, outcome });
          if (outcome === 'delivered')
            this.#lag.observe({ destination }, Math.max(0, this.#now() - Date.parse(receivedAt)) / 1000);
        },
      });
    this.#lanes.set(destination, lane);
    return lane;
  }

  #tick(): void {
    try {
      for (const destination of this.queue.wakeDue()) this.wake(destination);
      // What a paused rule had under way comes back as waiting when it was not taken.
      for (const { id, paused } of this.#options.rules()) if (paused) this.queue.hold(id, true);
      this.#audit(this.#now() - QUIET_MS);
      this.queue.forgetBefore(new Date(this.#now() - this.#context.config.keepDays * DAY_MS).toISOString());
    } catch (error) {
      this.#context.log.error({ err: error }, 'the queue of forwarding cannot be kept in order');
    }
  }

  /** One line for each study and destination that is quiet: who gets images of whom must be known. */
  #audit(quietSinceMs: number): void {
    for (const study of this.views.unaudited(new Date(quietSinceMs + 1).toISOString())) {
      const { destination, StudyInstanceUID: studyInstanceUid, unaudited } = study;
      this.#context.audit.record({
        action: 'export',
        outcome: 'success',
        actor: { kind: 'system', id: 'forwarding' },
        address: '',
        target: destination,
        studyInstanceUid,
        detail: `${unaudited} instances`,
      });
      this.views.audited(destination, studyInstanceUid, unaudited);
    }
  }
}

/** Never back to where it came from. */
function cameFrom({ received }: InstanceRecord, sources: readonly string[]): boolean {
  return sources.includes(received.source);
}

function split(destination: string): [string, string] {
  const at = destination.indexOf(':');
  return [destination.slice(0, at), destination.slice(at + 1)];
}
