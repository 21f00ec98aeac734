import { join } from 'node:path';
import { disposable, type PluginContext } from '@filmless/core/plugin';
import type { ForwardingConfig } from './config.ts';
import { Forwarder } from './forwarder.ts';
import { forwardingHealth } from './health.ts';
import { forwardingRoutes } from './routes.ts';
import { Rules } from './rules.ts';
import { StowDestinations } from './stow/destinations.ts';
import { stowSender } from './stow/stow-sender.ts';

const MEASURE_EVERY_MS = 15_000;

/** What the routes work on. */
export interface Parts {
  context: PluginContext<ForwardingConfig>;
  forwarder: Forwarder;
  rules: Rules;
  stow: StowDestinations;
  now(): number;
}

/** Opens the stores of the plugin and registers all it brings. */
export async function openForwarding(context: PluginContext<ForwardingConfig>): Promise<void> {
  const { config, documents, points, log } = context;
  const now = Date.now;
  const directory = config.directory ?? join(context.node.dataDirectory, 'forwarding');
  const rules = await Rules.open(documents);
  const stow = await StowDestinations.open(documents, join(directory, 'secrets.json'));
  const sender = stowSender({ config: config.stow, destinations: stow, delivery: () => context.delivery, points });
  context.onDispose(sender);
  points.contribute('InstanceSender', 'stow', sender);

  const forwarder = new Forwarder({
    context,
    queuePath: join(directory, 'forwarding.sqlite'),
    rules: () => rules.list(),
    connections: (destination) => rules.connections(destination),
    now,
  });
  context.onDispose(forwarder);
  // Several nodes may share the documents.
  context.onDispose(
    documents.onChange(() => {
      Promise.all([rules.load(), stow.load()]).catch((error: unknown) =>
        log.error({ err: error }, 'the rules of forwarding cannot be read; those from before stay'),
      );
    }),
  );
  points.contribute('HealthCheck', 'forwarding', forwardingHealth(forwarder, config.warnAfterMinutes, now));
  for (const route of forwardingRoutes({ context, forwarder, rules, stow, now })) {
    points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
  }
  context.hooks.after('instance.stored', 'forward', (records) => forwarder.stored(records), { from: 'now' });
  context.onDispose(points.onChange('InstanceSender', () => forwarder.wakeAll()));
  measure(context, forwarder);
  forwarder.start();
}

function measure(context: PluginContext<ForwardingConfig>, forwarder: Forwarder): void {
  const { metrics, log } = context;
  const waiting = metrics.gauge('forwarding_waiting', 'Instances that are still to be sent', ['destination']);
  const aside = metrics.gauge('forwarding_set_aside', 'Instances a destination did not accept', ['destination']);
  const seen = new Set<string>();
  const look = () => {
    const backlog = new Map(forwarder.views.backlog().map((each) => [each.destination, each]));
    for (const destination of new Set([...seen, ...backlog.keys()])) {
      seen.add(destination);
      waiting.set({ destination }, backlog.get(destination)?.instances ?? 0);
      aside.set({ destination }, backlog.get(destination)?.refused ?? 0);
    }
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      log.error({ err: error }, 'the queue of forwarding cannot be measured');
    }
  }, MEASURE_EVERY_MS);
  timer.unref();
  context.onDispose(disposable(() => clearInterval(timer)));
}
