import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { PointMap, Points } from './contract.ts';

type PointName = keyof PointMap;

interface Entry<P extends PointName> {
  key: string;
  pluginId: string;
  value: PointMap[P];
}

/** Refuses a contribution that must not be used, by throwing. */
export type PointCheck<P extends PointName> = (value: PointMap[P]) => void;

/** All contributions of all plugins. A key used twice in one point is an error of the second plugin. */
export class PointRegistry {
  readonly #points = new Map<PointName, Map<string, Entry<PointName>>>();
  readonly #listeners = new Map<PointName, Set<() => void>>();
  readonly #checks: { readonly [P in PointName]?: PointCheck<P> };

  constructor(checks: { readonly [P in PointName]?: PointCheck<P> } = {}) {
    this.#checks = checks;
  }

  contribute<P extends PointName>(pluginId: string, point: P, key: string, value: PointMap[P]): Disposable {
    this.#checks[point]?.(value);
    const entries = this.#entriesOf(point);
    const taken = entries.get(key);
    if (taken) {
      throw new FilmlessError(
        'POINT_DUPLICATE_KEY',
        `${point} "${key}" is contributed by ${taken.pluginId} and ${pluginId}`,
      );
    }
    entries.set(key, { key, pluginId, value });
    this.#changed(point);
    return disposable(() => {
      entries.delete(key);
      this.#changed(point);
    });
  }

  get<P extends PointName>(point: P, key: string): PointMap[P] | undefined {
    return this.#entriesOf(point).get(key)?.value as PointMap[P] | undefined;
  }

  entries<P extends PointName>(point: P): Entry<P>[] {
    return [...this.#entriesOf(point).values()] as Entry<P>[];
  }

  /** What one plugin has contributed, for its status. */
  contributionsOf(pluginId: string): { point: string; key: string }[] {
    return [...this.#points].flatMap(([point, entries]) =>
      [...entries.values()].filter((entry) => entry.pluginId === pluginId).map((entry) => ({ point, key: entry.key })),
    );
  }

  onChange(point: PointName, listener: () => void): Disposable {
    const listeners = this.#listeners.get(point) ?? new Set();
    this.#listeners.set(point, listeners);
    listeners.add(listener);
    return disposable(() => {
      listeners.delete(listener);
    });
  }

  /** The registry as one plugin sees it: its contributions carry its name and go with it. */
  viewFor(pluginId: string, own: (item: Disposable) => void): Points {
    return {
      contribute: (point, key, value) => {
        const item = this.contribute(pluginId, point, key, value);
        own(item);
        return item;
      },
      get: (point, key) => this.get(point, key),
      entries: (point) => this.entries(point),
      onChange: (point, listener) => {
        const item = this.onChange(point, listener);
        own(item);
        return item;
      },
    };
  }

  #entriesOf(point: PointName): Map<string, Entry<PointName>> {
    let entries = this.#points.get(point);
    if (!entries) {
      entries = new Map();
      this.#points.set(point, entries);
    }
    return entries;
  }

  #changed(point: PointName): void {
    for (const listener of this.#listeners.get(point) ?? []) listener();
  }
}
