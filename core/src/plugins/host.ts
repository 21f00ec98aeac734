import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { FilmlessPlugin, Logger, PluginStatus } from './contract.ts';
import type { EnablementFile } from './enablement-file.ts';
import type { PluginScope, PluginScopeFactory } from './plugin-scope.ts';
import type { PointRegistry } from './point-registry.ts';

interface Entry {
  plugin: FilmlessPlugin;
  state: PluginStatus['state'];
  scope: PluginScope | undefined;
  cause: PluginStatus['cause'] | undefined;
}

interface Options {
  plugins: readonly FilmlessPlugin[];
  /** `plugins` of filmless.yaml: a plugin's configuration by its id. */
  config: Readonly<Record<string, unknown>>;
  /** Ids that are off unless the site switched them on. */
  disabledByConfig: readonly string[];
  enablement: EnablementFile;
  points: PointRegistry;
  openScope: PluginScopeFactory;
  log: Logger;
}

const CONTRACT_VERSION = 1;

/**
 * Loads, enables and disables plugins. A plugin that fails stays listed with its cause; what depends on it is not started; an essential
 * one stops the start. Core's own parts come in the same way.
 */
export class PluginHost {
  readonly #options: Options;
  readonly #entries = new Map<string, Entry>();
  /** Switching is one at a time: two at once could leave a dependency half-way. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
    for (const plugin of options.plugins) {
      if (this.#entries.has(plugin.id)) throw new FilmlessError('POINT_DUPLICATE_KEY', `plugin id "${plugin.id}"`);
      this.#entries.set(plugin.id, { plugin, state: 'disabled', scope: undefined, cause: undefined });
    }
  }

  /** Checks every plugin's configuration, so that nothing starts half-way. Throws CONFIG_INVALID naming each wrong value. */
  checkConfiguration(): void {
    const problems: string[] = [];
    for (const id of Object.keys(this.#options.config)) {
      if (!this.#entries.has(id))
        problems.push(`plugins.${id}: no such plugin; known are ${[...this.#entries.keys()].join(', ')}`);
    }
    for (const { plugin } of this.#entries.values()) {
      const parsed = plugin.config.safeParse(this.#options.config[plugin.id] ?? {});
      if (parsed.success) continue;
      for (const issue of parsed.error.issues)
        problems.push(`${['plugins', plugin.id, ...issue.path].join('.')}: ${issue.message}`);
    }
    if (problems.length > 0) throw new FilmlessError('CONFIG_INVALID', problems.join('\n'));
  }

  /** Activates the plugins that bring stores. They must not fail. */
  async startProviders(): Promise<void> {
    await this.#startAll((plugin) => plugin.provides !== undefined);
  }

  /** Activates all others, dependencies first. */
  async start(): Promise<void> {
    await this.#startAll((plugin) => plugin.provides === undefined);
  }

  /** Disables in reverse order of activation. */
  async stop(): Promise<void> {
    await this.#exclusively(async () => {
      const active = [...this.#entries.values()].filter((entry) => entry.scope !== undefined).reverse();
      for (const entry of active) await this.#deactivate(entry);
    });
  }

  async enable(id: string): Promise<void> {
    await this.#exclusively(async () => {
      const entry = this.#entry(id);
      await this.#options.enablement.set(id, true);
      if (entry.state !== 'active') await this.#activate(entry);
      if (entry.cause) throw new FilmlessError('PLUGIN_FAILED', `${id}: ${entry.cause.detail}`);
    });
  }

  async disable(id: string): Promise<void> {
    await this.#exclusively(async () => {
      const entry = this.#entry(id);
      if (entry.plugin.essential) throw new FilmlessError('PLUGIN_REQUIRED', `${id} is essential to this node`);
      const dependents = [...this.#entries.values()].filter(
        (other) => other.state === 'active' && other.plugin.requires?.includes(id),
      );
      if (dependents.length > 0) {
        throw new FilmlessError(
          'PLUGIN_REQUIRED',
          `${id} is needed by ${dependents.map((other) => other.plugin.id).join(', ')}`,
        );
      }
      await this.#options.enablement.set(id, false);
      await this.#deactivate(entry);
    });
  }

  statuses(): PluginStatus[] {
    return [...this.#entries.values()].map(({ plugin, state, cause }) => ({
      id: plugin.id,
      title: plugin.title,
      state,
      essential: plugin.essential ?? false,
      requires: plugin.requires ?? [],
      ...(cause ? { cause } : {}),
      contributions: this.#options.points.contributionsOf(plugin.id),
    }));
  }

  isActive(id: string): boolean {
    return this.#entries.get(id)?.state === 'active';
  }

  /** JSON Schema of a plugin's configuration. */
  configSchema(id: string): object {
    return z.toJSONSchema(this.#entry(id).plugin.config, { unrepresentable: 'any', io: 'input' });
  }

  async #startAll(which: (plugin: FilmlessPlugin) => boolean): Promise<void> {
    await this.#exclusively(async () => {
      for (const entry of this.#inDependencyOrder().filter(({ plugin }) => which(plugin))) {
        const wanted =
          entry.plugin.essential ||
          this.#options.enablement.isEnabled(
            entry.plugin.id,
            !this.#options.disabledByConfig.includes(entry.plugin.id),
          );
        if (!wanted || entry.state === 'active') continue;
        await this.#activate(entry);
        if (entry.cause && entry.plugin.essential)
          throw new FilmlessError('PLUGIN_FAILED', `${entry.plugin.id}: ${entry.cause.detail}`);
      }
    });
  }

  async #activate(entry: Entry): Promise<void> {
    const { plugin } = entry;
    entry.cause = undefined;
    let scope: PluginScope | undefined;
    try {
      if (plugin.api !== CONTRACT_VERSION)
        throw new FilmlessError('PLUGIN_FAILED', `made for contract ${plugin.api}, this node has ${CONTRACT_VERSION}`);
      for (const required of plugin.requires ?? []) {
        const state = this.#entries.get(required)?.state;
        if (state !== 'active')
          throw new FilmlessError('PLUGIN_FAILED', `needs ${required}, which is ${state ?? 'not installed'}`);
      }
      const config = plugin.config.parse(this.#options.config[plugin.id] ?? {});
      scope = this.#options.openScope(plugin, config);
      await plugin.activate(scope.context);
      entry.scope = scope;
      entry.state = 'active';
      this.#options.log.info({ plugin: plugin.id }, 'plugin active');
    } catch (error) {
      // What it registered before it failed must not stay behind.
      await scope
        ?.close()
        .catch((closing: unknown) =>
          this.#options.log.error({ plugin: plugin.id, err: closing }, 'plugin could not be taken back'),
        );
      const failure = FilmlessError.from(error);
      const detail = failure.detail ?? (error instanceof Error ? error.message : failure.message);
      entry.scope = undefined;
      entry.state = 'failed';
      entry.cause = { code: failure.code, detail, at: new Date().toISOString() };
      this.#options.log.error({ plugin: plugin.id, code: failure.code, err: error }, 'plugin failed to start');
    }
  }

  async #deactivate(entry: Entry): Promise<void> {
    const { scope, plugin } = entry;
    entry.scope = undefined;
    entry.state = 'disabled';
    entry.cause = undefined;
    await scope
      ?.close()
      .catch((error: unknown) =>
        this.#options.log.error({ plugin: plugin.id, err: error }, 'plugin disposed with errors'),
      );
    this.#options.log.info({ plugin: plugin.id }, 'plugin disabled');
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new FilmlessError('PLUGIN_UNKNOWN', id);
    return entry;
  }

  /** Depth first over `requires`; a cycle is left to fail at activation, where the cause is shown. */
  #inDependencyOrder(): Entry[] {
    const ordered = new Set<Entry>();
    const visiting = new Set<Entry>();
    const visit = (entry: Entry) => {
      if (ordered.has(entry) || visiting.has(entry)) return;
      visiting.add(entry);
      for (const id of entry.plugin.requires ?? []) {
        const required = this.#entries.get(id);
        if (required) visit(required);
      }
      ordered.add(entry);
    };
    for (const entry of this.#entries.values()) visit(entry);
    return [...ordered];
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
